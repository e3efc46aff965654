/// An object under construction.
struct StreamKeyedContainer<Key: CodingKey>: ObjectWriting {
    let stream: JSONStream

    var codingPath: [any CodingKey] { stream.codingPath }

    /// Writes a member.
    @inline(__always)
    private func write(_ key: Key, _ write: (ByteWriter) -> Void) {
        stream.appendKey(key)
        stream.withWriter(write)
    }

    func encodeNil(forKey key: Key) throws { write(key) { $0.appendJSONNull() } }
    func encode(_ value: Bool, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: String, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: Double, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: Float, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: Int, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: Int8, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: Int16, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: Int32, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: Int64, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: UInt, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: UInt8, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: UInt16, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: UInt32, forKey key: Key) throws { write(key) { $0.append(json: value) } }
    func encode(_ value: UInt64, forKey key: Key) throws { write(key) { $0.append(json: value) } }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        let start = stream.withWriter { $0.count }
        stream.appendKey(key)
        if stream.appendScalar(value) { return }
        try stream.encode(value, at: key, from: start)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        nestedEncoder(key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        nestedEncoder(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        stream.appendKey(JSONKey.super)
        return StreamEncoder(stream: stream.fragment())
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        nestedEncoder(key)
    }

    private func nestedEncoder(_ key: Key) -> StreamEncoder {
        stream.appendKey(key)
        return StreamEncoder(stream: stream.fragment())
    }
}
