/// The name of a room.
///
/// ```swift
/// socket.join("lobby", "user:\(id)")
/// ```
public struct Room: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
    public let description: String

    public init(_ name: String) {
        description = name
    }

    /// The room of one socket: every socket is in the room of its id.
    public init(_ id: SocketID) {
        description = id.description
    }

    public init(stringLiteral name: String) {
        description = name
    }
}

/// The id of a socket, new with each connection: 20 characters that cannot be guessed.
public struct SocketID: Hashable, Sendable, CustomStringConvertible, Codable {
    public let description: String

    public init(_ id: String) {
        description = id
    }

    public init(from decoder: any Decoder) throws {
        description = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
