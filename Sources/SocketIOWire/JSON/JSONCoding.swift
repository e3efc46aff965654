/// `Codable` values from and to the bytes of a message.
package enum JSONCoding {
    /// Deeper than any packet may be; keeps the recursion of decoders within a thread's stack.
    package static let maximumDepth = 512

    /// The value that `bytes` are, which must be one JSON value.
    ///
    /// - Parameters:
    ///   - attachments: What the placeholders in `bytes` stand for (Protocol.md 4.3).
    /// - Throws: `DecodingError`, or what a type's own `init(from:)` throws.
    package static func decode<T: Decodable>(
        _ type: T.Type, from bytes: Span<UInt8>, attachments: [[UInt8]]
    ) throws -> T {
        if let value = JSONScalar.decode(type, from: bytes) { return value }
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes, attachments: attachments, maximumDepth: maximumDepth)
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "This is not JSON.", underlyingError: error))
        }
        return try document.decode(type, at: JSONDocument.root)
    }

    /// Writes `value`; its bytes go to the end of `attachments`. If this throws, nothing is written.
    ///
    /// - Throws: What a type's own `encode(to:)` throws.
    package static func encode<T: Encodable>(
        _ value: T, into writer: ByteWriter, attachments: inout [[UInt8]]
    ) throws {
        if writer.appendScalar(value) { return }
        let stream = JSONStream(writer, attachments: attachments)
        let mark = stream.mark
        do {
            try stream.encode(value)
        } catch {
            stream.rewind(to: mark)
            throw error
        }
        attachments = stream.finish()
    }
}

/// Values of one token, read from the text without a document.
enum JSONScalar {
    /// The value if `T` is a type that needs no decoder, and `bytes` are a value of it; nil otherwise, and then a
    /// document tells what is wrong.
    static func decode<T>(_ type: T.Type, from bytes: Span<UInt8>) -> T? {
        // The casts are from a type to itself, which is a copy.
        if type == String.self { return string(bytes) as! T? }
        if type == Int.self { return integer(Int.self, bytes) as! T? }
        if type == Double.self { return double(bytes) as! T? }
        if type == Bool.self { return bool(bytes) as! T? }
        if type == String?.self { return optional(string(bytes), bytes) as! T? }
        if type == Int?.self { return optional(integer(Int.self, bytes), bytes) as! T? }
        if type == Double?.self { return optional(double(bytes), bytes) as! T? }
        if type == Bool?.self { return optional(bool(bytes), bytes) as! T? }
        if type == Int64.self { return integer(Int64.self, bytes) as! T? }
        if type == UInt64.self { return integer(UInt64.self, bytes) as! T? }
        if type == UInt.self { return integer(UInt.self, bytes) as! T? }
        if type == Int32.self { return integer(Int32.self, bytes) as! T? }
        if type == UInt32.self { return integer(UInt32.self, bytes) as! T? }
        if type == UInt8.self { return integer(UInt8.self, bytes) as! T? }
        return nil
    }

    private static func string(_ bytes: Span<UInt8>) -> String? {
        let count = bytes.count
        guard count >= 2, bytes[0] == UInt8(ascii: "\""), bytes[count &- 1] == UInt8(ascii: "\"") else { return nil }
        return JSONString.decode(bytes.extracting(1..<(count &- 1)))
    }

    private static func integer<Integer: FixedWidthInteger>(_: Integer.Type, _ bytes: Span<UInt8>) -> Integer? {
        isNumber(bytes) ? JSONNumber(bytes).integer(Integer.self) : nil
    }

    private static func double(_ bytes: Span<UInt8>) -> Double? {
        guard isNumber(bytes) else { return nil }
        let value = JSONNumber.double(bytes)
        return value.isFinite ? value : nil
    }

    private static func bool(_ bytes: Span<UInt8>) -> Bool? {
        if bytes.equals("true") { return true }
        return bytes.equals("false") ? false : nil
    }

    private static func optional<Wrapped>(_ value: Wrapped?, _ bytes: Span<UInt8>) -> Wrapped?? {
        if let value { return value }
        return bytes.equals("null") ? .some(nil) : nil
    }

    /// Whether a value is a number, whose end must be the end of the bytes: no whitespace follows.
    private static func isNumber(_ bytes: Span<UInt8>) -> Bool {
        let count = bytes.count
        guard count > 0, bytes[count &- 1].isDigit else { return false }
        return bytes[0].isDigit || bytes[0] == UInt8(ascii: "-")
    }
}
