public import SocketIOEvents
internal import SocketIOWire

/// A socket as one node tells another of it.
public struct ClusterSocket: Sendable {
    /// The socket's id.
    public let id: SocketID
    /// What its client brought along.
    public let handshake: Handshake
    /// The rooms that it is in, its own included.
    public let rooms: Set<Room>
    /// What the application keeps with it for whoever finds it.
    public let data: JSONObject

    /// A socket that lives on another node.
    public init(id: SocketID, handshake: Handshake, rooms: Set<Room>, data: JSONObject = [:]) {
        self.id = id
        self.handshake = handshake
        self.rooms = rooms
        self.data = data
    }

    init(_ socket: RemoteSocket) {
        self.init(id: socket.id, handshake: socket.handshake, rooms: socket.rooms, data: socket.data.members)
    }

    /// About what it holds in memory.
    var byteCount: Int {
        rooms.reduce(1_024 + handshake.byteCount + JSONValue.object(data).byteCount) {
            $0 + $1.description.utf8.count + 2 * MemoryLayout<Room>.stride
        }
    }
}

extension JSONValue {
    /// About what it holds in memory.
    fileprivate var byteCount: Int {
        let own = MemoryLayout<JSONValue>.stride
        return switch self {
        case .null, .bool, .integer, .number: own
        case .string(let text): own + text.utf8.count
        case .array(let values): values.reduce(own) { $0 + $1.byteCount }
        case .object(let members): members.reduce(own) { $0 + $1.key.utf8.count + 32 + $1.value.byteCount }
        case .binary(let bytes): own + bytes.count
        }
    }
}
