/// An `Encoder` that writes to a stream; one word, so that it needs no memory of its own.
struct StreamEncoder: Encoder {
    let stream: JSONStream

    var codingPath: [any CodingKey] { stream.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        stream.openObject()
        return stream.types.containers(keyedBy: type).encoding(stream)
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        stream.openArray()
        return StreamUnkeyedContainer(stream: stream)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        self
    }
}

extension StreamEncoder: SingleValueEncodingContainer {
    @inline(__always)
    private func write(_ write: (ByteWriter) -> Void) {
        stream.beginValue()
        stream.withWriter(write)
    }

    func encodeNil() throws { write { $0.appendJSONNull() } }
    func encode(_ value: Bool) throws { write { $0.append(json: value) } }
    func encode(_ value: String) throws { write { $0.append(json: value) } }
    func encode(_ value: Double) throws { write { $0.append(json: value) } }
    func encode(_ value: Float) throws { write { $0.append(json: value) } }
    func encode(_ value: Int) throws { write { $0.append(json: value) } }
    func encode(_ value: Int8) throws { write { $0.append(json: value) } }
    func encode(_ value: Int16) throws { write { $0.append(json: value) } }
    func encode(_ value: Int32) throws { write { $0.append(json: value) } }
    func encode(_ value: Int64) throws { write { $0.append(json: value) } }
    func encode(_ value: UInt) throws { write { $0.append(json: value) } }
    func encode(_ value: UInt8) throws { write { $0.append(json: value) } }
    func encode(_ value: UInt16) throws { write { $0.append(json: value) } }
    func encode(_ value: UInt32) throws { write { $0.append(json: value) } }
    func encode(_ value: UInt64) throws { write { $0.append(json: value) } }

    func encode<T: Encodable>(_ value: T) throws {
        stream.beginValue()
        try stream.encode(value)
    }
}
