internal import SocketIOWire

/// The name of a room; equal to another if their bytes are, as in JavaScript. A literal or a `String` does wherever one is
/// asked for.
///
/// ```swift
/// socket.join("lobby", "user:\(id)")
/// ```
public struct Room: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
    public let description: String

    /// The room of that name.
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

    public static func == (left: Room, right: Room) -> Bool {
        left.description.hasSameBytes(as: right.description)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ByteName(description))
    }
}

extension Set<Room> {
    /// Whether the room of this name is among them.
    @_disfavoredOverload
    public func contains(_ name: String) -> Bool { contains(Room(name)) }
}

/// The id of a socket, new with each connection: 20 characters that cannot be guessed. A client of version 2 has that of its
/// session, in a namespace `/name` behind `/name#`.
public struct SocketID: Hashable, Sendable, CustomStringConvertible, Codable {
    private let id: CompactID

    /// The id of that text.
    public init(_ id: String) {
        self.id = CompactID(id)
    }

    /// The socket whose own room `room` may be; nil, at little cost, for the name of any other.
    package init?(ownerOf room: Room) {
        guard let id = CompactID(drawn: room.description) else { return nil }
        self.id = id
    }

    public var description: String { id.description }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
