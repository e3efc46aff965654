/// An array under construction.
struct StreamUnkeyedContainer: UnkeyedEncodingContainer {
    let stream: JSONStream
    private(set) var count = 0

    init(stream: JSONStream) {
        self.stream = stream
    }

    var codingPath: [any CodingKey] { stream.codingPath }

    /// The place for the next value.
    @inline(__always)
    private mutating func next() -> ByteWriter {
        stream.separate(after: UInt8(ascii: "["))
        count &+= 1
        return stream.writer
    }

    mutating func encodeNil() throws { next().appendJSONNull() }
    mutating func encode(_ value: Bool) throws { next().append(json: value) }
    mutating func encode(_ value: String) throws { next().append(json: value) }
    mutating func encode(_ value: Double) throws { next().append(json: value) }
    mutating func encode(_ value: Float) throws { next().append(json: value) }
    mutating func encode(_ value: Int) throws { next().append(json: value) }
    mutating func encode(_ value: Int8) throws { next().append(json: value) }
    mutating func encode(_ value: Int16) throws { next().append(json: value) }
    mutating func encode(_ value: Int32) throws { next().append(json: value) }
    mutating func encode(_ value: Int64) throws { next().append(json: value) }
    mutating func encode(_ value: UInt) throws { next().append(json: value) }
    mutating func encode(_ value: UInt8) throws { next().append(json: value) }
    mutating func encode(_ value: UInt16) throws { next().append(json: value) }
    mutating func encode(_ value: UInt32) throws { next().append(json: value) }
    mutating func encode(_ value: UInt64) throws { next().append(json: value) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        let start = stream.writer.count
        let index = count
        let writer = next()
        if writer.appendScalar(value) { return }
        try stream.encode(value, at: JSONKey.index(index), from: start)
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        nestedEncoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        nestedEncoder().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        nestedEncoder()
    }

    private mutating func nestedEncoder() -> StreamEncoder {
        _ = next()
        return StreamEncoder(stream: stream.fragment())
    }
}
