/// Reads values in MessagePack, as official packages and other libraries write it.
///
/// What JavaScript writes for `undefined` is told from null, since packets tell it.
package struct MessagePackReader {
    package struct Limits: Sendable {
        /// How deep arrays and maps nest.
        package var depth: Int
        /// Values, elements and members of all arrays and maps included.
        package var values: Int

        package init(depth: Int, values: Int) {
            (self.depth, self.values) = (depth, values)
        }
    }

    /// The depth is left as it is; the values are counted down.
    private var limits: Limits
    private let repairsText: Bool
    private var index = 0

    private init(_ limits: Limits, repairsText: Bool) {
        self.limits = limits
        self.repairsText = repairsText
    }

    /// The one value that `bytes` are; nil if it is undefined.
    ///
    /// - Parameter repairsText: Whether what is not UTF-8 in a text becomes U+FFFD, instead of being refused: JavaScript
    ///   writes half of a character so, where it has one.
    package static func value(
        of bytes: Span<UInt8>, limits: Limits, repairsText: Bool = false
    ) throws(ProtocolViolation) -> JSONValue? {
        var reader = MessagePackReader(limits, repairsText: repairsText)
        let value = try reader.read(bytes, depth: 0)
        guard reader.index == bytes.count else {
            throw ProtocolViolation(.malformed, "MessagePack with bytes behind a value")
        }
        return value
    }

    // MARK: Bytes

    /// The offset of the next `count` bytes.
    private mutating func take(_ count: Int, of bytes: Span<UInt8>) throws(ProtocolViolation) -> Range<Int> {
        guard count <= bytes.count - index else {
            throw ProtocolViolation(.malformed, "MessagePack with a value that is cut off")
        }
        defer { index += count }
        return index..<index + count
    }

    private mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type, _ bytes: Span<UInt8>
    ) throws(ProtocolViolation) -> Integer {
        let range = try take(MemoryLayout<Integer>.size, of: bytes)
        return bytes.bigEndian(at: range.lowerBound, as: Integer.self)
    }

    // MARK: Values

    private mutating func read(_ bytes: Span<UInt8>, depth: Int) throws(ProtocolViolation) -> JSONValue? {
        guard limits.values > 0 else { throw ProtocolViolation(.tooBig, "MessagePack with too many values") }
        limits.values -= 1
        let type = try integer(UInt8.self, bytes)
        switch type {
        case 0x00...0x7F: return .integer(Int64(type))
        case 0x80...0x8F: return try map(Int(type & 0x0F), bytes, depth)
        case 0x90...0x9F: return try array(Int(type & 0x0F), bytes, depth)
        case 0xA0...0xBF: return .string(try text(Int(type & 0x1F), bytes))
        case 0xC0: return .null
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xC4: return .binary(try binary(Int(try integer(UInt8.self, bytes)), bytes))
        case 0xC5: return .binary(try binary(Int(try integer(UInt16.self, bytes)), bytes))
        case 0xC6: return .binary(try binary(Int(try integer(UInt32.self, bytes)), bytes))
        case 0xC7: return try `extension`(Int(try integer(UInt8.self, bytes)), bytes)
        case 0xC8: return try `extension`(Int(try integer(UInt16.self, bytes)), bytes)
        case 0xC9: return try `extension`(Int(try integer(UInt32.self, bytes)), bytes)
        case 0xCA: return .number(Double(Float(bitPattern: try integer(UInt32.self, bytes))))
        case 0xCB: return .number(Double(bitPattern: try integer(UInt64.self, bytes)))
        case 0xCC: return .integer(Int64(try integer(UInt8.self, bytes)))
        case 0xCD: return .integer(Int64(try integer(UInt16.self, bytes)))
        case 0xCE: return .integer(Int64(try integer(UInt32.self, bytes)))
        case 0xCF:
            let value = try integer(UInt64.self, bytes)
            return value >> 63 == 0 ? .integer(Int64(value)) : .number(Double(value))
        case 0xD0: return .integer(Int64(try integer(Int8.self, bytes)))
        case 0xD1: return .integer(Int64(try integer(Int16.self, bytes)))
        case 0xD2: return .integer(Int64(try integer(Int32.self, bytes)))
        case 0xD3: return .integer(try integer(Int64.self, bytes))
        case 0xD4...0xD8: return try fixedExtension(1 << Int(type - 0xD4), bytes)
        case 0xD9: return .string(try text(Int(try integer(UInt8.self, bytes)), bytes))
        case 0xDA: return .string(try text(Int(try integer(UInt16.self, bytes)), bytes))
        case 0xDB: return .string(try text(Int(try integer(UInt32.self, bytes)), bytes))
        case 0xDC: return try array(Int(try integer(UInt16.self, bytes)), bytes, depth)
        case 0xDD: return try array(Int(try integer(UInt32.self, bytes)), bytes, depth)
        case 0xDE: return try map(Int(try integer(UInt16.self, bytes)), bytes, depth)
        case 0xDF: return try map(Int(try integer(UInt32.self, bytes)), bytes, depth)
        case 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: type)))
        default: throw ProtocolViolation(.malformed, "MessagePack with the type 0xC1")
        }
    }

    private mutating func text(_ count: Int, _ bytes: Span<UInt8>) throws(ProtocolViolation) -> String {
        let content = bytes.extracting(try take(count, of: bytes))
        if let text = String(validating: content) { return text }
        guard repairsText else { throw ProtocolViolation(.malformed, "MessagePack with a text that is not UTF-8") }
        return String(decoding: Array(content), as: UTF8.self)
    }

    private mutating func binary(_ count: Int, _ bytes: Span<UInt8>) throws(ProtocolViolation) -> [UInt8] {
        Array(bytes.extracting(try take(count, of: bytes)))
    }

    /// Makes sure that there is a byte for each of `count` values.
    private func check(_ count: Int, in bytes: Span<UInt8>, _ depth: Int) throws(ProtocolViolation) {
        guard depth < limits.depth else { throw ProtocolViolation(.tooBig, "MessagePack that nests too deep") }
        guard count <= bytes.count - index else {
            throw ProtocolViolation(.malformed, "MessagePack with a value that is cut off")
        }
        guard count <= limits.values else { throw ProtocolViolation(.tooBig, "MessagePack with too many values") }
    }

    private mutating func array(
        _ count: Int, _ bytes: Span<UInt8>, _ depth: Int
    ) throws(ProtocolViolation) -> JSONValue {
        try check(count, in: bytes, depth)
        var values: [JSONValue] = []
        // A length alone claims little memory, however many are nested.
        values.reserveCapacity(min(count, 1_024))
        for _ in 0..<count { values.append(try read(bytes, depth: depth + 1) ?? .null) }
        return .array(values)
    }

    private mutating func map(_ count: Int, _ bytes: Span<UInt8>, _ depth: Int) throws(ProtocolViolation) -> JSONValue {
        try check(count, in: bytes, depth)
        var object = JSONObject()
        for _ in 0..<count {
            let key: String
            switch try read(bytes, depth: depth + 1) {
            case .string(let text): key = text
            // As JavaScript has them.
            case .integer(let number): key = "\(number)"
            case .bool(let value): key = "\(value)"
            case .null: key = "null"
            case .number, .array, .object, .binary, nil:
                throw ProtocolViolation(.malformed, "MessagePack with a key that is no text")
            }
            // As with JSON, a member that is undefined is none.
            if let value = try read(bytes, depth: depth + 1) { object[key] = value }
        }
        return .object(object)
    }

    // MARK: Extensions

    private mutating func `extension`(_ count: Int, _ bytes: Span<UInt8>) throws(ProtocolViolation) -> JSONValue? {
        let type = try integer(Int8.self, bytes)
        let start = index
        let content = try take(count, of: bytes)
        switch (type, count) {
        // notepack 2: an ArrayBuffer, or a view of one.
        case (0, _): return .binary(Array(bytes.extracting(content)))
        case (-1, 12):
            return Self.date(
                seconds: bytes.bigEndian(at: start + 4, as: Int64.self),
                nanoseconds: UInt64(bytes.bigEndian(at: start, as: UInt32.self)))
        default: throw ProtocolViolation(.malformed, "MessagePack with an unknown extension")
        }
    }

    private mutating func fixedExtension(
        _ count: Int, _ bytes: Span<UInt8>
    ) throws(ProtocolViolation) -> JSONValue? {
        let type = try integer(Int8.self, bytes)
        let start = index
        _ = try take(count, of: bytes)
        switch (type, count) {
        case (0, 1) where bytes[start] == 0: return nil
        // notepack 2: a date, in milliseconds since 1970.
        case (0, 8): return Self.date(milliseconds: bytes.bigEndian(at: start, as: Int64.self))
        case (-1, 4): return Self.date(seconds: Int64(bytes.bigEndian(at: start, as: UInt32.self)), nanoseconds: 0)
        case (-1, 8):
            let both = bytes.bigEndian(at: start, as: UInt64.self)
            return Self.date(seconds: Int64(both & 0x3_FFFF_FFFF), nanoseconds: both >> 34)
        default: throw ProtocolViolation(.malformed, "MessagePack with an unknown extension")
        }
    }

    private static func date(seconds: Int64, nanoseconds: UInt64) -> JSONValue {
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow, nanoseconds < 1_000_000_000 else { return .null }
        let (sum, isOver) = milliseconds.addingReportingOverflow(Int64(nanoseconds / 1_000_000))
        return isOver ? .null : date(milliseconds: sum)
    }

    /// A date is what `JSON.stringify` makes of it; null if JavaScript has no such date.
    private static func date(milliseconds: Int64) -> JSONValue {
        ISODate(millisecondsSince1970: milliseconds).map { .string($0.description) } ?? .null
    }
}
