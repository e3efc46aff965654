internal import SocketIOWire

/// An event was given a name that the protocol keeps for itself (Protocol.md 4.2); nothing was sent or registered.
public struct ReservedEventName: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name that was given.
    public let name: String

    /// An error about `name`.
    package init(_ name: String) {
        self.name = name
    }

    /// What to write instead.
    public var description: String {
        "'\(name)' is reserved and no event can have it: \(Self.advice(on: name))"
    }

    private static func advice(on name: String) -> String {
        switch name {
        case "connect": "use onConnection on a server and onConnect in a client"
        case "connect_error":
            "use onConnectError in a client; on a server throw ConnectionRefused in a middleware (`use`)"
        case "disconnect": "use onDisconnect"
        case "disconnecting": "use onDisconnecting on a server"
        default: "choose another name"
        }
    }
}
