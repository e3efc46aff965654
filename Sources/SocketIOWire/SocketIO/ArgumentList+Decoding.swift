extension ArgumentList {
    /// All arguments as untyped values.
    package func values(in text: Span<UInt8>, attachments: [[UInt8]]) -> [JSONValue] {
        var cursor = Cursor()
        return cursor.rest(of: self, in: text, attachments: attachments).values
    }
}

extension EventPayload {
    /// The first argument, if it is a string without escapes, as most are.
    package func firstPlainText(in text: Span<UInt8>) -> String? {
        guard let value = arguments.firstPlainString else { return nil }
        return JSONString.text(text.extracting(value.lowerBound &+ 1..<value.upperBound &- 1))
    }
}

extension ArgumentList.Cursor {
    /// The next argument, decoded from `text`; one that is missing counts as `null`, and `EventArguments` takes all
    /// that are left.
    ///
    /// - Parameter memory: What is kept for the arguments of later messages; used only if `type` is not a simple one.
    /// - Throws: `DecodingError`, whose path begins with an `ArgumentKey`; where a type's own `init(from:)` throws another
    ///   error, this is what lies under it.
    @specialized(where Value == String)
    package mutating func decode<Value: Decodable>(
        _ type: Value.Type, of list: ArgumentList, in text: Span<UInt8>, attachments: [[UInt8]],
        memory: @autoclosure () -> JSONMemory
    ) throws -> Value {
        if type == EventArguments.self {
            return exactCast(rest(of: list, in: text, attachments: attachments), to: type)
        }
        do {
            guard let value = next(of: list, in: text) else {
                let null = Array("null".utf8)
                return try JSONCoding.decode(type, from: null.span, attachments: [])
            }
            return try JSONCoding.decode(
                type, from: text.extracting(value.range), value.isPlainString, attachments
            ) { bytes throws in
                try memory().decode(type, from: bytes, scan: value.scan, attachments: attachments)
            }
        } catch {
            throw ArgumentKey.error(error, at: index - 1)
        }
    }
}
