/// What a node tells of one of its sockets.
package struct SocketDescription: Equatable, Sendable {
    package var id: String
    /// As Node has it: headers, time, address, query, auth and more.
    package var handshake: JSONValue
    package var rooms: [String]
    package var data: JSONValue

    package init(id: String, handshake: JSONValue, rooms: [String], data: JSONValue) {
        (self.id, self.handshake, self.rooms, self.data) = (id, handshake, rooms, data)
    }

    init(_ value: JSONValue, limits: ClusterLimits) throws(ProtocolViolation) {
        let object = try value.objectValue.required()
        id = try object.text("id").required()
        handshake = object["handshake"] ?? .null
        rooms = try object.rooms("rooms", limits: limits) ?? []
        data = object["data"] ?? .null
    }

    var value: JSONValue {
        ["id": .string(id), "handshake": handshake, "rooms": JSONValue(rooms: rooms), "data": data]
    }

    static func list(_ values: [JSONValue]?, limits: ClusterLimits) throws(ProtocolViolation) -> [SocketDescription] {
        var sockets: [SocketDescription] = []
        for value in try values.required() { sockets.append(try SocketDescription(value, limits: limits)) }
        return sockets
    }
}
