/// An array under construction.
struct StreamUnkeyedContainer: UnkeyedEncodingContainer {
    let stream: JSONStream
    private(set) var count = 0

    init(stream: JSONStream) {
        self.stream = stream
    }

    var codingPath: [any CodingKey] { stream.codingPath }

    /// Makes a place for the next value.
    @inline(__always)
    private mutating func advance() {
        stream.separate(after: UInt8(ascii: "["))
        count &+= 1
    }

    @inline(__always)
    private mutating func write(_ write: (ByteWriter) -> Void) {
        advance()
        stream.withWriter(write)
    }

    mutating func encodeNil() throws { write { $0.appendJSONNull() } }
    mutating func encode(_ value: Bool) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: String) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: Double) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: Float) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: Int) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: Int8) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: Int16) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: Int32) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: Int64) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: UInt) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: UInt8) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: UInt16) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: UInt32) throws { write { $0.append(json: value) } }
    mutating func encode(_ value: UInt64) throws { write { $0.append(json: value) } }

    mutating func encode<T: Encodable>(_ value: T) throws {
        let start = stream.withWriter { $0.count }
        let index = count
        advance()
        if stream.appendScalar(value) { return }
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
        advance()
        return StreamEncoder(stream: stream.fragment())
    }
}
