internal import SocketIOWire

/// The name of an event.
///
/// Written as a literal, a reserved name (`connect`, `connect_error`, `disconnect`, `disconnecting`, `newListener`,
/// `removeListener`) is a mistake in the program and stops it; `EventName(_:)` refuses one at run time.
public struct EventName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let description: String

    /// A name that is known at run time only; nil if it is reserved (Protocol.md 4.2).
    public init?(_ name: String) {
        guard !Self.isReserved(name) else { return nil }
        description = name
    }

    public init(stringLiteral name: String) {
        precondition(
            !Self.isReserved(name),
            "'\(name)' is reserved: use onConnection, onDisconnecting or onDisconnect, or choose another name")
        description = name
    }

    private static func isReserved(_ name: String) -> Bool {
        ReservedEvent.contains(name.utf8.span)
    }
}
