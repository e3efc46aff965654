/// Checks JSON (RFC 8259) and finds where values end, in one pass and without building anything.
///
/// Not recursive, so that no nesting overflows the stack. The text must be UTF-8: the caller has checked the whole
/// message, so bytes over 0x7F are passed over here.
package enum JSONScanner {
    /// Checks the value that begins at or after `offset` and returns the offset after it.
    package static func skipValue(
        _ bytes: Span<UInt8>, at offset: Int, maximumDepth: Int
    ) throws(JSONError) -> Int {
        var sink = NothingKept()
        return try scan(bytes, at: offset, maximumDepth: maximumDepth, into: &sink)
    }

    /// Checks the value that begins at `offset`; an array or an object is kept in `memory` for who decodes it.
    @inline(__always)
    package static func scanValue(
        _ bytes: Span<UInt8>, at offset: Int, maximumDepth: Int, into memory: () -> JSONMemory? = { nil }
    ) throws(JSONError) -> ScannedValue {
        guard bytes.count <= Int(UInt32.max) else { throw JSONError(.tooLong, at: 0) }
        // Most values of events are strings, which need none of the grammar's state.
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "{") || bytes[offset] == UInt8(ascii: "["),
                let memory = memory()
            {
                return try memory.scan(bytes, at: offset, maximumDepth: maximumDepth)
            }
            let end = try skipValue(bytes, at: offset, maximumDepth: maximumDepth)
            return ScannedValue(offset..<end, isPlainString: false)
        }
        var sink = StringForm()
        let end = try scanString(bytes, at: offset, into: &sink)
        return ScannedValue(offset..<end, isPlainString: !sink.isEscaped)
    }

    /// The value behind the comma that follows `offset`, in a text that was accepted before, with whatever limit.
    package static func acceptedValue(_ bytes: Span<UInt8>, afterCommaBehind offset: Int) -> ScannedValue {
        acceptedValue(bytes, at: skipWhitespace(bytes, at: offset) &+ 1)
    }

    /// The value that follows `value`, or the first one, of values with commas between them that were accepted before.
    package static func acceptedValue(_ bytes: Span<UInt8>, after value: ScannedValue?) -> ScannedValue {
        guard let value else { return acceptedValue(bytes, at: 0) }
        return acceptedValue(bytes, afterCommaBehind: value.range.upperBound)
    }

    private static func acceptedValue(_ bytes: Span<UInt8>, at offset: Int) -> ScannedValue {
        let start = skipWhitespace(bytes, at: offset)
        // Accepted means that the scanner cannot refuse it now.
        return (try? scanValue(bytes, at: start, maximumDepth: .max))
            ?? ScannedValue(start..<start, isPlainString: false)
    }

    /// Checks that `bytes` are one value, with nothing but whitespace around it.
    package static func validate(_ bytes: Span<UInt8>, maximumDepth: Int) throws(JSONError) {
        var sink = NothingKept()
        try scanAll(bytes, maximumDepth: maximumDepth, into: &sink)
    }

    /// Checks that every placeholder in `bytes`, which must be one value, names one of the attachments
    /// (Protocol.md 4.3).
    package static func validatePlaceholders(_ bytes: Span<UInt8>, attachmentCount: Int) throws(JSONError) {
        let document = JSONDocument(KnownTypes())
        try document.scanAll(bytes, maximumDepth: bytes.count)
        document.attach(bytes, [])
        for node in 0..<document.nodes.count where document.nodes[node].kind == .object {
            guard let number = document.placeholder(at: node) else { continue }
            guard let index = document.integer(Int.self, at: number), 0 <= index, index < attachmentCount else {
                throw JSONError(.badPlaceholder, at: Int(document.nodes[node].start))
            }
        }
    }

    @inline(__always)
    package static func skipWhitespace(_ bytes: Span<UInt8>, at offset: Int) -> Int {
        var index = offset
        while index < bytes.count, bytes[index].isJSONWhitespace { index &+= 1 }
        return index
    }

    static func scanAll(
        _ bytes: Span<UInt8>, maximumDepth: Int, into sink: inout some JSONSink
    ) throws(JSONError) {
        let end = try scan(bytes, at: 0, maximumDepth: maximumDepth, into: &sink)
        let rest = skipWhitespace(bytes, at: end)
        guard rest == bytes.count else { throw JSONError(.trailingBytes, at: rest) }
    }

    /// The grammar: tells `sink` what it meets and returns the offset after the value.
    static func scan(
        _ bytes: Span<UInt8>, at offset: Int, maximumDepth: Int, into sink: inout some JSONSink
    ) throws(JSONError) -> Int {
        var index = offset
        var open = Nesting()
        while true {
            index = skipWhitespace(bytes, at: index)
            guard index < bytes.count else { throw JSONError(.truncated, at: index) }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = try scanString(bytes, at: index, into: &sink)
            case UInt8(ascii: "{"):
                guard open.depth < maximumDepth else { throw JSONError(.tooDeep, at: index) }
                sink.open(.object, at: index)
                index = skipWhitespace(bytes, at: index &+ 1)
                if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
                    index &+= 1
                    sink.close()
                } else {
                    open.push(isObject: true)
                    index = try scanKey(bytes, at: index, into: &sink)
                    continue
                }
            case UInt8(ascii: "["):
                guard open.depth < maximumDepth else { throw JSONError(.tooDeep, at: index) }
                sink.open(.array, at: index)
                index = skipWhitespace(bytes, at: index &+ 1)
                if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
                    index &+= 1
                    sink.close()
                } else {
                    open.push(isObject: false)
                    continue
                }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let start = index
                index = try skipNumber(bytes, at: index)
                sink.scalar(.number, start..<index)
            case UInt8(ascii: "t"):
                sink.scalar(.true, index..<(index &+ 4))
                index = try skipLiteral("true", bytes, at: index)
            case UInt8(ascii: "f"):
                sink.scalar(.false, index..<(index &+ 5))
                index = try skipLiteral("false", bytes, at: index)
            case UInt8(ascii: "n"):
                sink.scalar(.null, index..<(index &+ 4))
                index = try skipLiteral("null", bytes, at: index)
            default:
                throw JSONError(.malformed, at: index)
            }
            // A value is complete: close what it completes, up to the next comma.
            var nextValue = false
            while !nextValue {
                if open.depth == 0 { return index }
                index = skipWhitespace(bytes, at: index)
                guard index < bytes.count else { throw JSONError(.truncated, at: index) }
                let byte = bytes[index]
                if byte == UInt8(ascii: ",") {
                    index &+= 1
                    if open.isObject {
                        index = skipWhitespace(bytes, at: index)
                        index = try scanKey(bytes, at: index, into: &sink)
                    }
                    nextValue = true
                } else if byte == (open.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    index &+= 1
                    open.pop()
                    sink.close()
                } else {
                    throw JSONError(.malformed, at: index)
                }
            }
        }
    }

    /// A key and its colon; returns the offset after the colon.
    @inline(__always)
    private static func scanKey(
        _ bytes: Span<UInt8>, at offset: Int, into sink: inout some JSONSink
    ) throws(JSONError) -> Int {
        guard offset < bytes.count else { throw JSONError(.truncated, at: offset) }
        guard bytes[offset] == UInt8(ascii: "\"") else { throw JSONError(.malformed, at: offset) }
        let colon = skipWhitespace(bytes, at: try scanString(bytes, at: offset, isKey: true, into: &sink))
        guard colon < bytes.count else { throw JSONError(.truncated, at: colon) }
        guard bytes[colon] == UInt8(ascii: ":") else { throw JSONError(.malformed, at: colon) }
        return colon &+ 1
    }
}

extension JSONScanner {
    /// Which of the open containers are objects: one bit each, the innermost in the lowest bit.
    private struct Nesting {
        private(set) var depth = 0
        private var bits: UInt64 = 0
        /// Whole words of outer containers; empty, and so not allocated, up to a depth of 64.
        private var outer: [UInt64] = []

        var isObject: Bool { bits & 1 != 0 }

        @inline(__always)
        mutating func push(isObject: Bool) {
            if depth & 63 == 0, depth > 0 { outer.append(bits) }
            bits = bits << 1 | (isObject ? 1 : 0)
            depth &+= 1
        }

        @inline(__always)
        mutating func pop() {
            depth &-= 1
            bits >>= 1
            if depth & 63 == 0, depth > 0 { bits = outer.removeLast() }
        }
    }
}

extension UInt8 {
    var isJSONWhitespace: Bool {
        @inline(__always) get {
            // RFC 8259 2: space, tab, line feed, carriage return.
            self <= 0x20 && (self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09)
        }
    }

    var isDigit: Bool {
        @inline(__always) get { self &- UInt8(ascii: "0") < 10 }
    }
}
