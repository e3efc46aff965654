/// The members of an object.
struct DocumentKeyedContainer<Key: CodingKey>: ObjectReading {
    private let document: JSONDocument
    private let object: Int
    private let hasDistinctKeys: Bool

    init(_ document: JSONDocument, object: Int) throws {
        guard object != JSONDocument.absent, document.kind(at: object) == .object else {
            throw document.mismatch([String: JSONValue].self, at: object)
        }
        self.document = document
        self.object = object
        hasDistinctKeys = document.hasDistinctKeys(object)
        document.begin(object)
    }

    var codingPath: [any CodingKey] { document.path(to: object) }

    var allKeys: [Key] {
        var keys: [Key] = []
        var node = object &+ 1
        let end = Int(document.nodes[object].next)
        while node < end {
            let name = document.string(at: node)
            // Of several members with one key, only the last is there.
            if place(of: name) == node &+ 1, let key = Key(stringValue: name) { keys.append(key) }
            node = Int(document.nodes[node &+ 1].next)
        }
        return keys
    }

    /// The node of a key's value.
    private func place(of name: String) -> Int? {
        document.value(named: name, in: object, hasDistinctKeys: hasDistinctKeys)
    }

    @inline(__always)
    private func require(_ key: Key) throws -> Int {
        guard let node = place(of: key.stringValue) else {
            throw DecodingError.keyNotFound(
                key, document.context("There is no value for \"\(key.stringValue)\".", at: object))
        }
        return node
    }

    /// The node of a key's value unless that is missing or null.
    @inline(__always)
    private func present(_ key: Key) -> Int? {
        guard let node = place(of: key.stringValue), document.kind(at: node) != .null else { return nil }
        return node
    }

    func contains(_ key: Key) -> Bool { place(of: key.stringValue) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { document.isNull(at: try require(key)) }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try document.requireBool(at: require(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try document.requireString(at: require(key))
    }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try document.requireDouble(at: require(key))
    }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try document.requireFloat(at: require(key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
        try document.requireInteger(type, at: require(key))
    }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
        try document.requireInteger(type, at: require(key))
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try document.decode(type, at: require(key))
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try document.types.containers(keyedBy: type).decoding(document, require(key))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try DocumentUnkeyedContainer(document, array: require(key))
    }

    func superDecoder() throws -> any Decoder {
        // A missing "super" reads as null, as in Foundation's decoder.
        DocumentDecoder(document: document, node: place(of: JSONKey.super.stringValue) ?? JSONDocument.absent)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        DocumentDecoder(document: document, node: place(of: key.stringValue) ?? JSONDocument.absent)
    }
}

/// One look for the key where the protocol's own versions take three.
extension DocumentKeyedContainer {
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try present(key).map { try document.requireBool(at: $0) }
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try present(key).map { try document.requireString(at: $0) }
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try present(key).map { try document.requireDouble(at: $0) }
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try present(key).map { try document.requireInteger(type, at: $0) }
    }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try present(key).map { try document.requireInteger(type, at: $0) }
    }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try present(key).map { try document.decode(type, at: $0) }
    }
}
