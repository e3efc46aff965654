/// What nodes with an adapter of Node's `ClusterAdapter` family say to each other: the sharded Redis adapter, the one of
/// streams, and their emitters.
package struct ClusterAdapterMessage: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        /// A node has come, and asks who else is there.
        case initialHeartbeat
        /// A node is still there.
        case heartbeat
        /// - `request`: If acknowledgements are wanted.
        case broadcast(ClusterPacket, ClusterSelection, request: String?)
        case join(ClusterSelection, rooms: [String])
        case leave(ClusterSelection, rooms: [String])
        /// - `closing`: Whether to close the connections, too.
        case disconnect(ClusterSelection, closing: Bool)
        case fetchSockets(ClusterSelection, request: String)
        /// Answers `fetchSockets`.
        case sockets([SocketDescription], request: String)
        /// An event for the nodes themselves; `request` if an answer is wanted.
        case serverSideEmit([JSONValue], request: String?)
        /// Answers `serverSideEmit`; nil if the handler answered without a value.
        case serverSideAnswer(JSONValue?, request: String)
        /// How many sockets of a node a broadcast with acknowledgements went to.
        case clientCount(Int, request: String)
        /// What a socket answered to a broadcast; nil if it answered without a value.
        case acknowledgement(JSONValue?, request: String)
        /// A node is going.
        case close
    }

    /// The node that sends; `emitter` for what is none.
    package var uid: String
    package var namespace: String
    package var content: Content

    /// What emitters have for the name of a node.
    package static let emitterID = "emitter"

    package init(uid: String, namespace: String, content: Content) {
        (self.uid, self.namespace, self.content) = (uid, namespace, content)
    }
}

// MARK: Reading

extension ClusterAdapterMessage {
    /// A message of a channel, in JSON or MessagePack.
    ///
    /// - Throws: If it is not what one of Node's adapters sends, or is over a limit.
    package init(_ bytes: Span<UInt8>, limits: ClusterLimits) throws(ProtocolViolation) {
        let object = try ClusterCoding.value(of: bytes, limits: limits).objectValue.required()
        uid = try object.text("uid").required()
        namespace = try object.text("nsp").required()
        content = try Content(
            type: object["type"]?.intValue, try object.object("data") ?? JSONObject(), limits: limits)
    }

    /// An entry of a stream: its fields and their values in turn.
    package init(streamFields fields: [[UInt8]], limits: ClusterLimits) throws(ProtocolViolation) {
        var texts: [String: [UInt8]] = [:]
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            texts[String(decoding: fields[index], as: UTF8.self)] = fields[index + 1]
        }
        uid = try Self.text(texts["uid"])
        namespace = try Self.text(texts["nsp"])
        let type = Int(try Self.text(texts["type"]))
        content = try Content(type: type, Self.data(texts["data"], limits: limits), limits: limits)
    }

    private static func text(_ bytes: [UInt8]?) throws(ProtocolViolation) -> String {
        let bytes = try bytes.required()
        return try String(validating: bytes.span).required()
    }

    private static func data(_ bytes: [UInt8]?, limits: ClusterLimits) throws(ProtocolViolation) -> JSONObject {
        guard let bytes else { return JSONObject() }
        guard bytes.first != UInt8(ascii: "{") else {
            return try ClusterCoding.value(of: bytes.span, limits: limits).objectValue.required()
        }
        guard bytes.count / 4 <= limits.bytes / 3 else {
            throw ProtocolViolation(.tooBig, "a large message of another node")
        }
        let decoded = try Base64.decode(bytes.span).required()
        return try ClusterCoding.value(of: decoded.span, limits: limits).objectValue.required()
    }
}

extension ClusterAdapterMessage.Content {
    fileprivate init(type: Int?, _ data: JSONObject, limits: ClusterLimits) throws(ProtocolViolation) {
        func selection() throws(ProtocolViolation) -> ClusterSelection {
            try ClusterSelection(data.object("opts").required(), limits: limits)
        }
        func rooms() throws(ProtocolViolation) -> [String] { try data.rooms("rooms", limits: limits).required() }
        func request() throws(ProtocolViolation) -> String { try data.text("requestId").required() }
        switch type {
        case 1: self = .initialHeartbeat
        case 2: self = .heartbeat
        case 3:
            self = .broadcast(
                try ClusterPacket(data.object("packet").required()), try selection(),
                request: try data.text("requestId"))
        case 4: self = .join(try selection(), rooms: try rooms())
        case 5: self = .leave(try selection(), rooms: try rooms())
        case 6: self = .disconnect(try selection(), closing: data["close"]?.boolValue ?? false)
        case 7: self = .fetchSockets(try selection(), request: try request())
        case 8:
            self = .sockets(
                try SocketDescription.list(data.array("sockets"), limits: limits), request: try request())
        case 9:
            self = .serverSideEmit(
                try ClusterPacket.event(data.array("packet")), request: try data.text("requestId"))
        case 10: self = .serverSideAnswer(data["packet"], request: try request())
        case 11: self = .clientCount(try data.count("clientCount"), request: try request())
        case 12: self = .acknowledgement(data["packet"], request: try request())
        case 13: self = .close
        default: throw ProtocolViolation(.malformed, "a message of another node of an unknown type")
        }
    }
}

// MARK: Writing

extension ClusterAdapterMessage {
    /// For a channel of the streams adapter, which has MessagePack there always.
    package var messagePack: [UInt8] { ClusterCoding.messagePack(value) }

    package var json: [UInt8] { ClusterCoding.json(value) }

    /// For a channel of the sharded adapter: MessagePack where there are bytes, and may be; else JSON.
    package var sharded: [UInt8] {
        let value = value
        return content.mayHaveBytes && value.hasBytes ? ClusterCoding.messagePack(value) : ClusterCoding.json(value)
    }

    /// For an entry of a stream: its fields and their values in turn.
    ///
    /// - Parameter isPlaintext: Whether bytes are written as JSON, too (`onlyPlaintext`).
    package func streamFields(isPlaintext: Bool = false) -> [[UInt8]] {
        var fields = ["uid", uid, "nsp", namespace, "type", "\(content.type)"].map { Array($0.utf8) }
        guard let data = data else { return fields }
        fields.append(Array("data".utf8))
        if !isPlaintext, content.mayHaveBytes, data.hasBytes {
            let writer = ByteWriter()
            Base64.encode(ClusterCoding.messagePack(data).span, into: writer)
            fields.append(writer.array())
        } else {
            fields.append(ClusterCoding.json(data))
        }
        return fields
    }

    private var value: JSONValue {
        var object: JSONObject = ["type": .integer(Int64(content.type))]
        if let data { object["data"] = data }
        object["uid"] = .string(uid)
        object["nsp"] = .string(namespace)
        return .object(object)
    }

    private var data: JSONValue? {
        var data = JSONObject()
        switch content {
        case .initialHeartbeat, .heartbeat, .close: return nil
        case .broadcast(let packet, let selection, let request):
            data["packet"] = packet.value
            data.set("requestId", request)
            data["opts"] = selection.value(uid == Self.emitterID ? .emitter : .adapter)
        case .join(let selection, let rooms), .leave(let selection, let rooms):
            data["opts"] = selection.value(.adapter)
            data["rooms"] = JSONValue(rooms: rooms)
        case .disconnect(let selection, let closing):
            data["opts"] = selection.value(.adapter)
            data["close"] = .bool(closing)
        case .fetchSockets(let selection, let request):
            data["opts"] = selection.value(.adapter)
            data.set("requestId", request)
        case .sockets(let sockets, let request):
            data.set("requestId", request)
            data["sockets"] = .array(sockets.map(\.value))
        case .serverSideEmit(let values, let request):
            data.set("requestId", request)
            data["packet"] = .array(values)
        case .serverSideAnswer(let value, let request), .acknowledgement(let value, let request):
            data.set("requestId", request)
            data["packet"] = value
        case .clientCount(let count, let request):
            data.set("requestId", request)
            data["clientCount"] = .integer(Int64(count))
        }
        return .object(data)
    }
}

extension JSONObject {
    /// Nil is left out.
    mutating func set(_ key: String, _ text: String?) {
        if let text { self[key] = .string(text) }
    }
}

extension ClusterAdapterMessage.Content {
    fileprivate var type: Int {
        switch self {
        case .initialHeartbeat: 1
        case .heartbeat: 2
        case .broadcast: 3
        case .join: 4
        case .leave: 5
        case .disconnect: 6
        case .fetchSockets: 7
        case .sockets: 8
        case .serverSideEmit: 9
        case .serverSideAnswer: 10
        case .clientCount: 11
        case .acknowledgement: 12
        case .close: 13
        }
    }

    /// Node looks for bytes in these only.
    fileprivate var mayHaveBytes: Bool {
        switch self {
        case .broadcast, .sockets, .serverSideEmit, .serverSideAnswer, .acknowledgement: true
        case .initialHeartbeat, .heartbeat, .join, .leave, .disconnect, .fetchSockets, .clientCount, .close: false
        }
    }
}
