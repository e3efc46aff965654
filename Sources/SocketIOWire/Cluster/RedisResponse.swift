/// What a node with `@socket.io/redis-adapter` answers to a `RedisRequest`.
package struct RedisResponse: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        case socketIDs([String])
        case sockets([SocketDescription])
        case rooms([String])
        /// It is done: to what nodes before version 6 ask.
        case done
        /// Nil if the handler answered without a value.
        case serverSideAnswer(JSONValue?)
        /// How many sockets of the node a broadcast went to; that many acknowledgements follow.
        case clientCount(Int)
        /// Nil if the socket answered without a value.
        case acknowledgement(JSONValue?)
    }

    /// Of the request.
    package var id: String
    package var content: Content

    package init(id: String, content: Content) {
        (self.id, self.content) = (id, content)
    }
}

extension RedisResponse {
    /// - Throws: If it is not what a node of Node sends, or is over a limit.
    package init(_ bytes: Span<UInt8>, limits: ClusterLimits) throws(ProtocolViolation) {
        let object = try ClusterCoding.value(of: bytes, limits: limits).objectValue.required()
        id = try object.text("requestId").required()
        content = try Content(object, limits: limits)
    }

    /// MessagePack for an acknowledgement; JSON for everything else, bytes and all.
    package var bytes: [UInt8] {
        var object: JSONObject = ["requestId": .string(id)]
        switch content {
        case .socketIDs(let ids): object["sockets"] = JSONValue(rooms: ids)
        case .sockets(let sockets): object["sockets"] = .array(sockets.map(\.value))
        case .rooms(let rooms): object["rooms"] = JSONValue(rooms: rooms)
        case .done: break
        case .serverSideAnswer(let value):
            object = ["type": 6, "requestId": .string(id)]
            object["data"] = value
        case .clientCount(let count):
            object = ["type": 8, "requestId": .string(id), "clientCount": .integer(Int64(count))]
        case .acknowledgement(let value):
            object = ["type": 9, "requestId": .string(id)]
            object["packet"] = value
            return ClusterCoding.messagePack(.object(object))
        }
        return ClusterCoding.json(.object(object))
    }
}

extension RedisResponse.Content {
    fileprivate init(_ object: JSONObject, limits: ClusterLimits) throws(ProtocolViolation) {
        switch object["type"]?.intValue {
        case 6: self = .serverSideAnswer(object["data"])
        case 8: self = .clientCount(try object.count("clientCount"))
        case 9: self = .acknowledgement(object["packet"])
        // The other answers are told by what they hold.
        case nil:
            if let sockets = try object.array("sockets") {
                self = try Self.sockets(sockets, limits: limits)
            } else if let rooms = try object.array("rooms") {
                self = .rooms(try Self.texts(rooms))
            } else {
                self = .done
            }
        default: throw ProtocolViolation(.malformed, "a response of another node of an unknown type")
        }
    }

    private static func sockets(
        _ values: [JSONValue], limits: ClusterLimits
    ) throws(ProtocolViolation) -> RedisResponse.Content {
        // Without any, ids and sockets are the same.
        guard case .string = values.first else { return .sockets(try SocketDescription.list(values, limits: limits)) }
        return .socketIDs(try texts(values))
    }

    /// As many as there are: a node may have more rooms than a message may name.
    private static func texts(_ values: [JSONValue]) throws(ProtocolViolation) -> [String] {
        var limits = ClusterLimits()
        limits.rooms = .max
        let list: JSONObject = ["list": .array(values)]
        return try list.rooms("list", limits: limits).required()
    }
}
