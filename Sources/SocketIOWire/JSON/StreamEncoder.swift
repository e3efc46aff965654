/// An `Encoder` that writes to a stream; one word, so that it needs no memory of its own.
struct StreamEncoder: Encoder {
    let stream: JSONStream

    var codingPath: [any CodingKey] { stream.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        stream.openObject()
        return KeyedEncodingContainer(StreamKeyedContainer(stream: stream))
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
    private func writer() -> ByteWriter {
        stream.beginValue()
        return stream.writer
    }

    func encodeNil() throws { writer().appendJSONNull() }
    func encode(_ value: Bool) throws { writer().append(json: value) }
    func encode(_ value: String) throws { writer().append(json: value) }
    func encode(_ value: Double) throws { writer().append(json: value) }
    func encode(_ value: Float) throws { writer().append(json: value) }
    func encode(_ value: Int) throws { writer().append(json: value) }
    func encode(_ value: Int8) throws { writer().append(json: value) }
    func encode(_ value: Int16) throws { writer().append(json: value) }
    func encode(_ value: Int32) throws { writer().append(json: value) }
    func encode(_ value: Int64) throws { writer().append(json: value) }
    func encode(_ value: UInt) throws { writer().append(json: value) }
    func encode(_ value: UInt8) throws { writer().append(json: value) }
    func encode(_ value: UInt16) throws { writer().append(json: value) }
    func encode(_ value: UInt32) throws { writer().append(json: value) }
    func encode(_ value: UInt64) throws { writer().append(json: value) }

    func encode<T: Encodable>(_ value: T) throws {
        stream.beginValue()
        try stream.encode(value)
    }
}
