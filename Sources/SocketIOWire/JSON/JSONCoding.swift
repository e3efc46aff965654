/// `Codable` values from and to the bytes of a message.
package enum JSONCoding {
    /// Deeper than any packet may be; keeps the recursion of decoders within a thread's stack.
    package static let maximumDepth = 512

    /// The value that `bytes` are, which must be one JSON value.
    ///
    /// - Parameters:
    ///   - isPlainString: Whether they are known to be a string without escapes.
    ///   - attachments: What the placeholders in `bytes` stand for (Protocol.md 4.3).
    /// - Throws: `DecodingError`, or what a type's own `init(from:)` throws.
    @specialized(where T == String)
    package static func decode<T: Decodable>(
        _ type: T.Type, from bytes: Span<UInt8>, isPlainString: Bool = false, attachments: [[UInt8]]
    ) throws -> T {
        try decode(type, from: bytes, isPlainString, attachments) { bytes throws in
            try JSONMemory().decode(type, from: bytes, attachments: attachments)
        }
    }

    @inline(always)
    static func decode<T: Decodable>(
        _ type: T.Type, from bytes: Span<UInt8>, _ isPlainString: Bool, _ attachments: [[UInt8]],
        byDecoder: (Span<UInt8>) throws -> T
    ) throws -> T {
        // The types that need no decoder, one by one.
        if type == String.self, isPlainString {
            return exactCast(JSONString.text(bytes.extracting(1..<(bytes.count &- 1))), to: T.self)
        }
        if type == String.self, let value = JSONScalar.string(bytes) { return exactCast(value, to: T.self) }
        if type == Int.self, let value = JSONScalar.integer(Int.self, bytes) { return exactCast(value, to: T.self) }
        if type == Double.self, let value = JSONScalar.double(bytes) { return exactCast(value, to: T.self) }
        if type == Bool.self, let value = JSONScalar.bool(bytes) { return exactCast(value, to: T.self) }
        if type == [UInt8].self, let index = JSONScalar.placeholder(bytes), index < attachments.count {
            return exactCast(attachments[index], to: T.self)
        }
        if type == Int64.self, let value = JSONScalar.integer(Int64.self, bytes) { return exactCast(value, to: T.self) }
        if type == UInt64.self, let value = JSONScalar.integer(UInt64.self, bytes) {
            return exactCast(value, to: T.self)
        }
        if type == Int32.self, let value = JSONScalar.integer(Int32.self, bytes) { return exactCast(value, to: T.self) }
        if type == UInt32.self, let value = JSONScalar.integer(UInt32.self, bytes) {
            return exactCast(value, to: T.self)
        }
        if type == String?.self, let value = optional(JSONScalar.string(bytes), bytes) {
            return exactCast(value, to: T.self)
        }
        if type == Int?.self, let value = optional(JSONScalar.integer(Int.self, bytes), bytes) {
            return exactCast(value, to: T.self)
        }
        if type == Double?.self, let value = optional(JSONScalar.double(bytes), bytes) {
            return exactCast(value, to: T.self)
        }
        if type == Bool?.self, let value = optional(JSONScalar.bool(bytes), bytes) {
            return exactCast(value, to: T.self)
        }
        return try byDecoder(bytes)
    }

    private static func optional<Wrapped>(_ value: Wrapped?, _ bytes: Span<UInt8>) -> Wrapped?? {
        if let value { return .some(value) }
        return bytes.equals("null") ? .some(nil) : nil
    }

    /// Writes `value`; its bytes go to the end of `attachments`. If this throws, nothing is written.
    ///
    /// - Parameter memory: What is kept from one value to the next, for whoever writes many. Most values do not need it.
    /// - Throws: What a type's own `encode(to:)` throws.
    @specialized(where T == String)
    package static func encode<T: Encodable>(
        _ value: T, into writer: ByteWriter, memory: @autoclosure () -> JSONMemory = JSONMemory(),
        attachments: inout [[UInt8]]
    ) throws {
        if writer.appendScalar(value) { return }
        let memory = memory()
        let stream = memory.takeStream()
        let start = writer.count
        stream.begin(writer, attachments)
        defer {
            stream.end()
            memory.putBack(stream)
        }
        do {
            try stream.encode(value)
        } catch {
            writer.truncate(to: start)
            throw error
        }
        let complete = stream.finish()
        if !complete.isEmpty { attachments = complete }
    }
}

/// Values of one token, read from the text without a document.
///
/// Each is nil if the bytes are not a value of the type; a document then tells what is wrong.
enum JSONScalar {
    static func string(_ bytes: Span<UInt8>) -> String? {
        let count = bytes.count
        guard count >= 2, bytes[0] == UInt8(ascii: "\""), bytes[count &- 1] == UInt8(ascii: "\"") else { return nil }
        return JSONString.decode(bytes.extracting(1..<(count &- 1)))
    }

    static func integer<Integer: FixedWidthInteger>(_: Integer.Type, _ bytes: Span<UInt8>) -> Integer? {
        isNumber(bytes) ? JSONNumber.integer(Integer.self, bytes) : nil
    }

    static func double(_ bytes: Span<UInt8>) -> Double? {
        guard isNumber(bytes) else { return nil }
        let value = JSONNumber.double(bytes)
        return value.isFinite ? value : nil
    }

    static func bool(_ bytes: Span<UInt8>) -> Bool? {
        if bytes.equals("true") { return true }
        return bytes.equals("false") ? false : nil
    }

    /// The attachment's index in a placeholder as every known client writes it.
    static func placeholder(_ bytes: Span<UInt8>) -> Int? {
        let prefix: StaticString = #"{"_placeholder":true,"num":"#
        let start = prefix.utf8CodeUnitCount
        let end = bytes.count &- 1
        guard start < end, bytes[end] == UInt8(ascii: "}"), bytes.extracting(0..<start).equals(prefix) else {
            return nil
        }
        return JSONNumber.short(Int.self, bytes.extracting(start..<end))
    }

    /// Whether a value is a number, whose end must be the end of the bytes: no whitespace follows.
    private static func isNumber(_ bytes: Span<UInt8>) -> Bool {
        let count = bytes.count
        guard count > 0, bytes[count &- 1].isDigit else { return false }
        return bytes[0].isDigit || bytes[0] == UInt8(ascii: "-")
    }
}
