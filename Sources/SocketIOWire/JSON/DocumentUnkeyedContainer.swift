/// The values of an array, one after the other. Small enough to need no memory of its own as an existential.
struct DocumentUnkeyedContainer: UnkeyedDecodingContainer {
    private let document: JSONDocument
    private let array: UInt32
    /// The node of the next value.
    private var next: UInt32
    private var index: UInt32 = 0

    init(_ document: JSONDocument, array: Int) throws {
        guard array != JSONDocument.absent, document.kind(at: array) == .array else {
            throw document.mismatch([JSONValue].self, at: array)
        }
        self.document = document
        self.array = UInt32(truncatingIfNeeded: array)
        next = UInt32(truncatingIfNeeded: array &+ 1)
    }

    var codingPath: [any CodingKey] { document.path(to: Int(array)) }
    var count: Int? { document.count(at: Int(array)) }
    var isAtEnd: Bool { next >= document.nodes[Int(array)].next }
    var currentIndex: Int { Int(index) }

    /// Reads the next value and, unless that throws, goes past it.
    @inline(__always)
    private mutating func take<T>(_ type: T.Type, _ read: (JSONDocument, Int) throws -> T) throws -> T {
        guard !isAtEnd else {
            let path = codingPath + [JSONKey.index(currentIndex)]
            throw DecodingError.valueNotFound(
                type, DecodingError.Context(codingPath: path, debugDescription: "The array has no more values."))
        }
        let value = try read(document, Int(next))
        next = document.nodes[Int(next)].next
        index &+= 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, document.isNull(at: Int(next)) else { return false }
        return try take(Bool.self) { _, _ in true }
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try take(type) { try $0.requireBool(at: $1) } }
    mutating func decode(_ type: String.Type) throws -> String { try take(type) { try $0.requireString(at: $1) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try take(type) { try $0.requireDouble(at: $1) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try take(type) { try $0.requireFloat(at: $1) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    private mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
        try take(type) { try $0.requireInteger(type, at: $1) }
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try take(type) { try $0.decode(type, at: $1) }
    }

    mutating func nestedContainer<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        try take(KeyedDecodingContainer<Key>.self) {
            try $0.types.containers(keyedBy: type).decoding($0, $1)
        }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take((any UnkeyedDecodingContainer).self) { try DocumentUnkeyedContainer($0, array: $1) }
    }

    mutating func superDecoder() throws -> any Decoder {
        try take((any Decoder).self) { DocumentDecoder(document: $0, node: $1) }
    }
}
