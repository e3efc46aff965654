/// What a node with `@socket.io/redis-adapter` asks the others of its namespace.
package struct RedisRequest: Equatable, Sendable {
    package enum Operation: Equatable, Sendable {
        /// Which ids are in these rooms; nodes of today do not ask it.
        case socketIDs(rooms: [String])
        case allRooms
        case join(ClusterSelection, rooms: [String])
        case leave(ClusterSelection, rooms: [String])
        /// - `closing`: Whether to close the connections, too.
        case disconnect(ClusterSelection, closing: Bool)
        // The same of nodes before version 6, which want an answer.
        case joinOne(socket: String, room: String)
        case leaveOne(socket: String, room: String)
        case disconnectOne(socket: String, closing: Bool)
        case fetchSockets(ClusterSelection)
        /// An event for the nodes themselves.
        case serverSideEmit([JSONValue])
        /// A broadcast whose acknowledgements are wanted.
        case broadcast(ClusterPacket, ClusterSelection)
    }

    /// Emitters have none where nothing comes back.
    package var uid: String?
    /// Nil if no answer is wanted.
    package var id: String?
    package var operation: Operation

    package init(uid: String?, id: String? = nil, operation: Operation) {
        (self.uid, self.id, self.operation) = (uid, id, operation)
    }
}

extension RedisRequest {
    /// - Throws: If it is not what a node of Node sends, or is over a limit.
    package init(_ bytes: Span<UInt8>, limits: ClusterLimits) throws(ProtocolViolation) {
        let object = try ClusterCoding.value(of: bytes, limits: limits).objectValue.required()
        uid = try object.text("uid")
        id = try object.text("requestId")
        operation = try Operation(object, limits: limits)
        switch operation {
        case .socketIDs, .allRooms, .fetchSockets, .broadcast, .joinOne, .leaveOne, .disconnectOne:
            _ = try id.required()
        case .join, .leave, .disconnect, .serverSideEmit: break
        }
    }

    /// MessagePack for a broadcast; JSON for everything else, bytes and all.
    package var bytes: [UInt8] {
        switch operation {
        case .broadcast: ClusterCoding.messagePack(value)
        case .socketIDs, .allRooms, .join, .leave, .disconnect, .joinOne, .leaveOne, .disconnectOne, .fetchSockets,
            .serverSideEmit:
            ClusterCoding.json(value)
        }
    }

    private var value: JSONValue {
        var object = JSONObject()
        object.set("uid", uid)
        object.set("requestId", id)
        object["type"] = .integer(Int64(operation.type))
        operation.write(into: &object)
        return .object(object)
    }
}

extension RedisRequest.Operation {
    fileprivate init(_ object: JSONObject, limits: ClusterLimits) throws(ProtocolViolation) {
        func selection() throws(ProtocolViolation) -> ClusterSelection? {
            guard let options = try object.object("opts") else { return nil }
            return try ClusterSelection(options, limits: limits)
        }
        func rooms() throws(ProtocolViolation) -> [String] { try object.rooms("rooms", limits: limits).required() }
        func socket() throws(ProtocolViolation) -> String { try object.text("sid").required() }
        func room() throws(ProtocolViolation) -> String { try object.text("room").required() }
        let closing = object["close"]?.boolValue ?? false
        switch object["type"]?.intValue {
        case 0: self = .socketIDs(rooms: try rooms())
        case 1: self = .allRooms
        case 2:
            guard let selection = try selection() else {
                self = .joinOne(socket: try socket(), room: try room())
                return
            }
            self = .join(selection, rooms: try rooms())
        case 3:
            guard let selection = try selection() else {
                self = .leaveOne(socket: try socket(), room: try room())
                return
            }
            self = .leave(selection, rooms: try rooms())
        case 4:
            guard let selection = try selection() else {
                self = .disconnectOne(socket: try socket(), closing: closing)
                return
            }
            self = .disconnect(selection, closing: closing)
        case 5: self = .fetchSockets(try selection() ?? ClusterSelection())
        case 6: self = .serverSideEmit(try ClusterPacket.event(object.array("data")))
        case 7: self = .broadcast(try ClusterPacket(object.object("packet").required()), try selection().required())
        default: throw ProtocolViolation(.malformed, "a request of another node of an unknown type")
        }
    }

    fileprivate var type: Int {
        switch self {
        case .socketIDs: 0
        case .allRooms: 1
        case .join, .joinOne: 2
        case .leave, .leaveOne: 3
        case .disconnect, .disconnectOne: 4
        case .fetchSockets: 5
        case .serverSideEmit: 6
        case .broadcast: 7
        }
    }

    fileprivate func write(into object: inout JSONObject) {
        switch self {
        case .allRooms: break
        case .socketIDs(let rooms): object["rooms"] = JSONValue(rooms: rooms)
        case .join(let selection, let rooms), .leave(let selection, let rooms):
            object["opts"] = selection.value(.withoutFlags)
            object["rooms"] = JSONValue(rooms: rooms)
        case .disconnect(let selection, let closing):
            object["opts"] = selection.value(.withoutFlags)
            object["close"] = .bool(closing)
        case .joinOne(let socket, let room), .leaveOne(let socket, let room):
            object["sid"] = .string(socket)
            object["room"] = .string(room)
        case .disconnectOne(let socket, let closing):
            object["sid"] = .string(socket)
            object["close"] = .bool(closing)
        case .fetchSockets(let selection): object["opts"] = selection.value(.withoutFlags)
        case .serverSideEmit(let values): object["data"] = .array(values)
        case .broadcast(let packet, let selection):
            object["packet"] = packet.value
            object["opts"] = selection.value(.adapter)
        }
    }
}
