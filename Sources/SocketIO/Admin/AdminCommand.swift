internal import SocketIOEvents
internal import SocketIOWire

/// What an administrator asks for.
enum AdminCommand: Equatable {
    case emit(EventName, EventArguments)
    case join(Room)
    case leave(Room)
    case disconnect(closesConnection: Bool)

    /// The namespace whose sockets are meant, and the rooms that they are in; all sockets if there are none.
    struct Target: Equatable {
        let namespace: String
        let rooms: [Room]
    }

    /// The names of the events that are commands; `disconnect` is reserved.
    static let names: [EventName] = ["emit", "join", "leave", "_disconnect"]

    /// Reads `emit(namespace, filter, name, …)`, `join(namespace, room, filter)`, `leave(namespace, room, filter)` or
    /// `_disconnect(namespace, closesConnection, filter)`; nil for what is none. A filter that is not there means all.
    static func parse(_ name: EventName, _ values: [JSONValue]) -> (AdminCommand, Target)? {
        guard values.count >= 2, case .string(let namespace) = values[0] else { return nil }
        let isEmit = name == "emit"
        guard let rooms = rooms(isEmit ? values[1] : values.count > 2 ? values[2] : .null) else { return nil }
        let target = Target(namespace: namespace, rooms: rooms)
        switch (name, values[1]) {
        case ("emit", _):
            guard values.count > 2, case .string(let text) = values[2], let event = EventName(text) else { return nil }
            return (.emit(event, EventArguments(Array(values.dropFirst(3)))), target)
        case ("join", .string(let room)): return (.join(Room(room)), target)
        case ("leave", .string(let room)): return (.leave(Room(room)), target)
        case ("_disconnect", .bool(let closes)): return (.disconnect(closesConnection: closes), target)
        default: return nil
        }
    }

    private static func rooms(_ filter: JSONValue) -> [Room]? {
        switch filter {
        case .null: return []
        case .string(let room): return [Room(room)]
        case .array(let values):
            let rooms = values.compactMap { value -> Room? in
                if case .string(let room) = value { Room(room) } else { nil }
            }
            return rooms.count == values.count ? rooms : nil
        case .bool, .integer, .number, .object, .binary: return nil
        }
    }

    func perform(in namespace: Namespace, _ selection: BroadcastSelection) {
        switch self {
        case .emit(let name, let arguments):
            // What came is only refused for more attachments than the server sends.
            guard let packet = try? namespace.packet(name, arguments) else { return }
            namespace.perform(.broadcast(packet, selection, []))
        case .join(let room): namespace.perform(.join([room], selection))
        case .leave(let room): namespace.perform(.leave([room], selection))
        case .disconnect(let closesConnection):
            namespace.perform(.disconnect(selection, closesConnection: closesConnection))
        }
    }
}
