/// Fields in one block of bytes, in the order they were written.
///
/// Each begins with a code: the place of a whole `CommonField`, or that of its name, or that the name follows, and how its
/// value is written. In front of a text stands its length.
struct KeptFields: Sendable {
    let bytes: [UInt8]

    /// The value of the first field of that name, in any case.
    subscript(name: String) -> [UInt8]? {
        let name = Array(name.utf8)
        var cursor = 0
        return next(name, CommonField.place(of: name.span), from: &cursor)
    }

    /// The values of all fields of that name, in the order they were written.
    func values(of name: String) -> [[UInt8]] {
        let name = Array(name.utf8)
        let place = CommonField.place(of: name.span)
        var cursor = 0
        var values: [[UInt8]] = []
        while let value = next(name, place, from: &cursor) { values.append(value) }
        return values
    }

    /// All fields, in the order they were written.
    var all: [(name: [UInt8], value: [UInt8])] {
        var cursor = 0
        var fields: [(name: [UInt8], value: [UInt8])] = []
        while cursor < bytes.count {
            let code = bytes[cursor]
            cursor += 1
            if code & Self.isPair != 0 {
                let pair = CommonField.pair(at: Int(code & ~Self.isPair))
                fields.append((CommonField.name(at: pair.namePlace), pair.value))
                continue
            }
            let name = Self.place(code).map(CommonField.name(at:)) ?? Array(bytes[text(at: &cursor)])
            fields.append((name, decoded(value(code, at: &cursor), code)))
        }
        return fields
    }

    /// The value of the next field of that name, whose place is `wanted` if it is a common one.
    private func next(_ name: [UInt8], _ wanted: Int?, from cursor: inout Int) -> [UInt8]? {
        while cursor < bytes.count {
            let code = bytes[cursor]
            cursor += 1
            if code & Self.isPair != 0 {
                let pair = CommonField.pair(at: Int(code & ~Self.isPair))
                if pair.namePlace == wanted { return pair.value }
                continue
            }
            let isNamed: Bool
            if let place = Self.place(code) {
                isNamed = place == wanted
            } else {
                isNamed = bytes.span.extracting(text(at: &cursor)).equalsIgnoringCase(name.span)
            }
            let value = value(code, at: &cursor)
            if isNamed { return decoded(value, code) }
        }
        return nil
    }

    // MARK: The format

    /// Instead of the place of a common name.
    fileprivate static var nameFollows: UInt8 { 0 }
    /// The rest is the place of a pair of name and value.
    fileprivate static var isPair: UInt8 { 0x80 }
    /// The value is a `CompactKey`.
    fileprivate static var valueIsKey: UInt8 { 0x40 }

    fileprivate static func code(_ place: Int?) -> UInt8 {
        guard let place else { return nameFollows }
        precondition(place + 1 < valueIsKey, "too many common fields")
        return UInt8(place) + 1
    }

    fileprivate static func code(ofPair place: Int) -> UInt8 {
        precondition(place < isPair, "too many common values")
        return isPair | UInt8(place)
    }

    private static func place(_ code: UInt8) -> Int? {
        let code = code & ~valueIsKey
        return code == nameFollows ? nil : Int(code) - 1
    }

    private func value(_ code: UInt8, at cursor: inout Int) -> Range<Int> {
        if code & Self.valueIsKey != 0 { return bytes(CompactKey.byteCount, at: &cursor) }
        return text(at: &cursor)
    }

    private func decoded(_ value: Range<Int>, _ code: UInt8) -> [UInt8] {
        let bytes = bytes.span.extracting(value)
        return code & Self.valueIsKey != 0 ? CompactKey.text(of: bytes) : Array(bytes)
    }

    private func text(at cursor: inout Int) -> Range<Int> {
        var count = 0
        var shift = 0
        while true {
            let byte = bytes[cursor]
            cursor += 1
            count |= Int(byte & 0x7F) << shift
            shift += 7
            guard byte & 0x80 != 0 else { break }
        }
        return bytes(count, at: &cursor)
    }

    private func bytes(_ count: Int, at cursor: inout Int) -> Range<Int> {
        defer { cursor += count }
        return cursor..<(cursor + count)
    }
}

extension ByteWriter {
    func append(kept name: String, _ value: Span<UInt8>) {
        append(kept: name.utf8.span, value)
    }

    /// Writes a field of `KeptFields`.
    func append(kept name: Span<UInt8>, _ value: Span<UInt8>) {
        let place = CommonField.place(of: name)
        if let place, let pair = CommonField.pair(ofNameAt: place, value) {
            return append(KeptFields.code(ofPair: pair))
        }
        let key = CompactKey.bytes(of: value)
        append(KeptFields.code(place) | (key == nil ? 0 : KeptFields.valueIsKey))
        if place == nil { append(text: name) }
        if let key { append(key) } else { append(text: value) }
    }

    /// Its length, seven bits a byte from the lowest on, and the text.
    private func append(text: Span<UInt8>) {
        var count = text.count
        while count > 0x7F {
            append(UInt8(truncatingIfNeeded: count) | 0x80)
            count >>= 7
        }
        append(UInt8(count))
        append(text)
    }
}
