/// A `Decoder` for one value of a document; two words, so that it needs no memory of its own.
struct DocumentDecoder: Decoder {
    let document: JSONDocument
    let node: Int

    var codingPath: [any CodingKey] { document.path(to: node) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try document.types.containers(keyedBy: type).decoding(document, node)
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try DocumentUnkeyedContainer(document, array: node)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        self
    }
}

extension DocumentDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { document.isNull(at: node) }

    func decode(_ type: Bool.Type) throws -> Bool { try document.requireBool(at: node) }
    func decode(_ type: String.Type) throws -> String { try document.requireString(at: node) }
    func decode(_ type: Double.Type) throws -> Double { try document.requireDouble(at: node) }
    func decode(_ type: Float.Type) throws -> Float { try document.requireFloat(at: node) }
    func decode(_ type: Int.Type) throws -> Int { try document.requireInteger(type, at: node) }
    func decode(_ type: Int8.Type) throws -> Int8 { try document.requireInteger(type, at: node) }
    func decode(_ type: Int16.Type) throws -> Int16 { try document.requireInteger(type, at: node) }
    func decode(_ type: Int32.Type) throws -> Int32 { try document.requireInteger(type, at: node) }
    func decode(_ type: Int64.Type) throws -> Int64 { try document.requireInteger(type, at: node) }
    func decode(_ type: UInt.Type) throws -> UInt { try document.requireInteger(type, at: node) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try document.requireInteger(type, at: node) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try document.requireInteger(type, at: node) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try document.requireInteger(type, at: node) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try document.requireInteger(type, at: node) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try document.decode(type, at: node) }
}
