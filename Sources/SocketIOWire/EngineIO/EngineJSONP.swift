/// Polling with scripts and forms (Protocol.md 9.4), for pages in browsers without CORS: a response is the call of a
/// function of the page, and a payload comes as the field of a form.
package struct EngineJSONP: Sendable {
    /// Which function: digits, or none.
    private let index: [UInt8]

    /// Nil if the query of the handshake does not ask for it; one that does so twice says nothing (Protocol.md 1.1).
    package init?(_ query: HTTPQuery) {
        guard case (let index?, 1) = query.occurrences(of: "j") else { return nil }
        // It becomes a part of a script.
        self.index = index.utf8.filter(\.isDigit)
    }

    /// Writes the call with a payload, which is text.
    package func append(_ payload: Span<UInt8>, to writer: ByteWriter) {
        writer.append("___eio[")
        writer.append(index)
        writer.append("](")
        let json = ByteWriter()
        json.append(jsonUTF8: payload)
        json.withBytes { Self.append(script: $0, to: writer) }
        writer.append(");")
    }

    /// Older browsers take U+2028 and U+2029 for the end of a line, in a string, too.
    private static func append(script json: Span<UInt8>, to writer: ByteWriter) {
        var start = 0
        var cursor = 0
        while let found = json.firstIndex(of: 0xE2, from: cursor) {
            cursor = found + 1
            guard found + 2 < json.count, json[found + 1] == 0x80, json[found + 2] & 0xFE == 0xA8 else { continue }
            writer.append(json.extracting(start..<found))
            writer.append(json[found + 2] == 0xA8 ? "\\u2028" : "\\u2029")
            start = found + 3
        }
        writer.append(json.extracting(start..<json.count))
    }

    /// The payload that a form brings; nil if it has none or several, which says nothing.
    package static func payload(ofForm body: Span<UInt8>) -> [UInt8]? {
        guard case (let field?, 1) = HTTPQuery(Array(body)).occurrences(of: "d") else { return nil }
        return unescaped(Array(field.utf8).span)
    }

    /// The client writes a line's end as `\n`, and one backslash more in front of an `n` that has some: browsers change the
    /// line ends of a form.
    private static func unescaped(_ text: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var backslashes = 0
        for index in text.indices {
            let byte = text[index]
            if byte == UInt8(ascii: "n"), backslashes > 0 {
                bytes.removeLast()
                bytes.append(backslashes == 1 ? UInt8(ascii: "\n") : byte)
            } else {
                bytes.append(byte)
            }
            backslashes = byte == UInt8(ascii: "\\") ? backslashes + 1 : 0
        }
        return bytes
    }
}
