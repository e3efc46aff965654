/// What the streams adapter keeps of a client that lost its connection (recovery), in base64 of MessagePack.
package struct ClusterSession: Equatable, Sendable {
    package var socket: String
    package var pid: String
    package var rooms: [String]
    package var data: JSONValue
    // What Node does not keep.
    package var namespace: String?
    /// Of the node that had the client.
    package var node: String?
    package var progress: StreamProgress?

    package init(
        socket: String, pid: String, rooms: [String], data: JSONValue, namespace: String? = nil, node: String? = nil,
        progress: StreamProgress? = nil
    ) {
        (self.socket, self.pid, self.rooms, self.data) = (socket, pid, rooms, data)
        (self.namespace, self.node, self.progress) = (namespace, node, progress)
    }

    /// - Throws: If it is not what Node keeps, or is over a limit.
    package init(base64 text: Span<UInt8>, limits: ClusterLimits) throws(ProtocolViolation) {
        guard text.count / 4 <= limits.bytes / 3 else {
            throw ProtocolViolation(.tooBig, "a large message of another node")
        }
        let bytes = try Base64.decode(text).required()
        let object = try ClusterCoding.value(of: bytes.span, limits: limits).objectValue.required()
        socket = try object.text("sid").required()
        pid = try object.text("pid").required()
        rooms = try object.rooms("rooms", limits: limits).required()
        data = object["data"] ?? .null
        namespace = try object.text("nsp")
        node = try object.text("node")
        let places = try ["start", "latest", "end"].map { name throws(ProtocolViolation) in
            try object.text(name).flatMap(RedisStreamID.init(_:))
        }
        if let start = places[0], let latest = places[1], let end = places[2] {
            progress = StreamProgress(start: start, latest: latest, end: end)
        }
    }

    package var base64: [UInt8] {
        var object: JSONObject = [
            "sid": .string(socket), "pid": .string(pid), "rooms": JSONValue(rooms: rooms), "data": data,
        ]
        object.set("nsp", namespace)
        object.set("node", node)
        object.set("start", progress?.start.description)
        object.set("latest", progress?.latest.description)
        object.set("end", progress?.end.description)
        let writer = ByteWriter()
        Base64.encode(ClusterCoding.messagePack(.object(object)).span, into: writer)
        return writer.array()
    }
}
