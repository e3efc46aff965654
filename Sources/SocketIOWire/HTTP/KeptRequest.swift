/// A request without its body in one block of bytes: what a session keeps of its handshake for as long as it lives.
///
/// Holds everything that can be asked for, and looks for it when it is. In the block are whether the request was secure,
/// the address, the method, the path and the query, then for each field either its place among the `CommonField`s and
/// its value, or the places of both, or both as texts. In front of each text stands its length.
package struct KeptRequest: Sendable {
    private let bytes: [UInt8]

    /// - Parameters:
    ///   - address: Whom the request came from.
    ///   - isSecure: Whether it came over TLS.
    ///   - writer: Is left as it was.
    package init(_ head: HTTPRequestHead, from address: String, isSecure: Bool, using writer: ByteWriter) {
        let start = writer.count
        let storage = head.fields.storage
        writer.append(isSecure ? 1 : 0)
        writer.append(text: Array(address.utf8).span)
        writer.append(text: Array(head.method.name.utf8).span)
        writer.append(text: storage.span.extracting(head.targetLine.path))
        writer.append(text: storage.span.extracting(head.targetLine.query))
        for entry in head.fields.entries {
            writer.append(field: storage.span.extracting(entry.name), storage.span.extracting(entry.value))
        }
        bytes = writer.array(in: start..<writer.count)
        writer.truncate(to: start)
    }

    package var byteCount: Int { bytes.count }

    package var isSecure: Bool { bytes[0] != 0 }
    package var address: String { string(text(0)) }
    package var method: String { string(text(1)) }

    /// The path, percent-decoded. Not for access decisions: `%2F` has become `/`.
    package var decodedPath: String {
        let path = text(2)
        return path.isEmpty ? "/" : PercentEncoding.decode(bytes.span.extracting(path), plusIsSpace: false)
    }

    package var query: HTTPQuery { HTTPQuery(bytes, in: text(3)) }

    /// The value of the first field of that name, in any case.
    package subscript(field name: String) -> String? {
        let name = Array(name.utf8)
        let wanted = CommonField.place(of: name.span)
        var cursor = text(3).upperBound
        while cursor < bytes.count {
            let code = bytes[cursor]
            cursor += 1
            let isNamed: Bool
            if let place = Self.place(code) {
                isNamed = place == wanted
                if code & Self.valueIsCommon != 0 {
                    if isNamed { return CommonField.value(at: Int(bytes[cursor]), ofNameAt: place) }
                    cursor += 1
                    continue
                }
            } else {
                isNamed = bytes.span.extracting(nextText(from: &cursor)).equalsIgnoringCase(name.span)
            }
            let value = nextText(from: &cursor)
            if isNamed { return string(value) }
        }
        return nil
    }

    // MARK: The format

    /// In front of a field whose name is not common.
    fileprivate static var nameFollows: UInt8 { 0 }
    fileprivate static var valueIsCommon: UInt8 { 0x80 }

    fileprivate static func code(_ place: Int) -> UInt8 { UInt8(place) + 1 }

    private static func place(_ code: UInt8) -> Int? {
        code == nameFollows ? nil : Int(code & ~valueIsCommon) - 1
    }

    /// Where the text number `index` is, of those in front of the fields.
    private func text(_ index: Int) -> Range<Int> {
        var cursor = 1
        for _ in 0..<index { _ = nextText(from: &cursor) }
        return nextText(from: &cursor)
    }

    private func nextText(from cursor: inout Int) -> Range<Int> {
        var count = 0
        var shift = 0
        while true {
            let byte = bytes[cursor]
            cursor += 1
            count |= Int(byte & 0x7F) << shift
            shift += 7
            guard byte & 0x80 != 0 else { break }
        }
        defer { cursor += count }
        return cursor..<(cursor + count)
    }

    private func string(_ range: Range<Int>) -> String {
        String(repairing: bytes.span.extracting(range))
    }
}

extension ByteWriter {
    /// Its length, seven bits a byte from the lowest on, and the text.
    fileprivate func append(text: Span<UInt8>) {
        var count = text.count
        while count > 0x7F {
            append(UInt8(truncatingIfNeeded: count) | 0x80)
            count >>= 7
        }
        append(UInt8(count))
        append(text)
    }

    fileprivate func append(field name: Span<UInt8>, _ value: Span<UInt8>) {
        guard let place = CommonField.place(of: name) else {
            append(KeptRequest.nameFollows)
            append(text: name)
            return append(text: value)
        }
        if let index = CommonField.place(of: value, ofNameAt: place) {
            append(KeptRequest.code(place) | KeptRequest.valueIsCommon)
            append(UInt8(index))
        } else {
            append(KeptRequest.code(place))
            append(text: value)
        }
    }
}
