import SocketIOWire

/// Values as JSON, with the coder of the library.
enum JSONText {
    static func encode(_ value: some Encodable) throws -> String {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONCoding.decode(type, from: Array(text.utf8).span, attachments: [])
    }
}
