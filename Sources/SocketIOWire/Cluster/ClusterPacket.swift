/// An event on its way to sockets of other nodes.
package struct ClusterPacket: Equatable, Sendable {
    /// The event's name and its arguments: at least the name, a text or a number.
    package var values: [JSONValue]
    /// Of whom the pub/sub adapter and the emitters say so.
    package var namespace: String?
    /// With streams and recovery: what one socket is asked to answer.
    package var id: Int?

    package init(values: [JSONValue], namespace: String? = nil, id: Int? = nil) {
        (self.values, self.namespace, self.id) = (values, namespace, id)
    }

    init(_ object: JSONObject) throws(ProtocolViolation) {
        // EVENT and BINARY_EVENT of Protocol.md 4.1; nothing else is sent to many.
        guard let type = object["type"]?.intValue, type == 2 || type == 5 else {
            throw ProtocolViolation(.malformed, "a broadcast of another node that is no event")
        }
        values = try Self.event(object.array("data"))
        namespace = try object.text("nsp")
        id = object.present("id") == nil ? nil : try object.count("id")
    }

    /// - Throws: If there is no name in front.
    static func event(_ values: [JSONValue]?) throws(ProtocolViolation) -> [JSONValue] {
        switch values?.first {
        case .string, .integer, .number: return try values.required()
        case nil, .null, .bool, .array, .object, .binary:
            throw ProtocolViolation(.malformed, "an event of another node without a name")
        }
    }

    var value: JSONValue {
        var object: JSONObject = ["type": 2, "data": .array(values)]
        if let namespace { object["nsp"] = .string(namespace) }
        if let id { object["id"] = .integer(Int64(id)) }
        return .object(object)
    }
}
