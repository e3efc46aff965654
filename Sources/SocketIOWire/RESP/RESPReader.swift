/// Turns bytes from Redis into values, however they are split.
///
/// Not recursive, so that no nesting overflows the stack; a length alone claims little memory.
package struct RESPReader {
    private enum State {
        case line
        /// In a string that was announced with its length.
        case bulk(type: UInt8, missing: Int)
    }

    /// An array, or its like, of which elements are missing.
    private struct Frame {
        let type: UInt8
        var elements: [RESPValue] = []
        var missing: Int
    }

    private var state = State.line
    /// What came of the line, with its type in front, or of the string. Not in the state, so that it grows in place.
    private var begun: [UInt8] = []
    private var frames: [Frame] = []
    private let limits: RESPLimits
    // What is left for the reply under way.
    private var values: Int
    private var bytes: Int

    package init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
        (values, bytes) = (limits.values, limits.bytes)
    }

    /// The next value, which ends in front of `index`; nil once all bytes are used up.
    ///
    /// - Throws: If the peer broke the protocol. Nothing can be read behind that.
    package mutating func next(
        in bytes: Span<UInt8>, from index: inout Int
    ) throws(ProtocolViolation) -> RESPValue? {
        while index < bytes.count {
            let value: RESPValue? =
                switch state {
                case .line: try readLine(in: bytes, from: &index)
                case .bulk(let type, let missing): try readBulk(type, missing, in: bytes, from: &index)
                }
            if let value, let whole = try complete(value) {
                (values, self.bytes) = (limits.values, limits.bytes)
                return whole
            }
        }
        return nil
    }

    // MARK: Lines

    private mutating func readLine(
        in bytes: Span<UInt8>, from index: inout Int
    ) throws(ProtocolViolation) -> RESPValue? {
        let start = index
        let feed = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start)
        let end = feed ?? bytes.count
        guard begun.count + end - start <= limits.lineBytes else {
            throw ProtocolViolation(.tooBig, "a long line from Redis")
        }
        index = feed.map { $0 + 1 } ?? end
        // Most lines arrive whole, and are read where they are.
        if feed != nil, begun.isEmpty { return try handleLine(bytes.extracting(start..<end)) }
        begun.append(bytes.extracting(start..<end))
        guard feed != nil else { return nil }
        let line = begun
        begun = []
        return try handleLine(line.span)
    }

    /// - Parameter line: Without the line feed.
    private mutating func handleLine(_ line: Span<UInt8>) throws(ProtocolViolation) -> RESPValue? {
        guard line.count >= 2, line[line.count - 1] == UInt8(ascii: "\r") else {
            throw ProtocolViolation(.malformed, "a line from Redis without its end")
        }
        let content = line.extracting(1..<line.count - 1)
        guard content.firstIndex(of: UInt8(ascii: "\r")) == nil else {
            throw ProtocolViolation(.malformed, "a carriage return in a line from Redis")
        }
        let type = line[0]
        try claim(content.count)
        switch type {
        case UInt8(ascii: "+"): return .string(Array(content))
        case UInt8(ascii: "-"): return .error(RESPError(text: Array(content)))
        case UInt8(ascii: ":"): return .integer(try Self.integer(content))
        case UInt8(ascii: ","): return .double(try Self.double(content))
        case UInt8(ascii: "("): return .bigNumber(try Self.bigNumber(content))
        case UInt8(ascii: "#"):
            if content.equals("t") { return .bool(true) }
            guard content.equals("f") else { throw ProtocolViolation(.malformed, "a boolean that is neither") }
            return .bool(false)
        case UInt8(ascii: "_"):
            guard content.isEmpty else { throw ProtocolViolation(.malformed, "a null with a value") }
            return .null
        case UInt8(ascii: "$"), UInt8(ascii: "!"), UInt8(ascii: "="): return try beginBulk(type, content)
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "%"), UInt8(ascii: "|"):
            return try beginFrame(type, content)
        default: throw ProtocolViolation(.malformed, "a value from Redis of an unknown type")
        }
    }

    /// Counts a value with `count` bytes.
    private mutating func claim(_ count: Int) throws(ProtocolViolation) {
        guard values > 0 else { throw ProtocolViolation(.tooBig, "too many values from Redis") }
        values -= 1
        try claimBytes(count + RESPLimits.valueBytes)
    }

    private mutating func claimBytes(_ count: Int) throws(ProtocolViolation) {
        guard count <= bytes else { throw ProtocolViolation(.tooBig, "a large reply from Redis") }
        bytes -= count
    }

    // MARK: Numbers

    private static func integer(_ text: Span<UInt8>) throws(ProtocolViolation) -> Int64 {
        guard let number = Int64(String(decoding: Array(text), as: UTF8.self)) else {
            throw ProtocolViolation(.malformed, "an integer from Redis that is none")
        }
        return number
    }

    private static func double(_ text: Span<UInt8>) throws(ProtocolViolation) -> Double {
        // The words that Swift reads beside numbers are those of the specification: inf, -inf, nan.
        guard !text.isEmpty, let number = Double(String(decoding: Array(text), as: UTF8.self)) else {
            throw ProtocolViolation(.malformed, "a number from Redis that is none")
        }
        return number
    }

    private static func bigNumber(_ text: Span<UInt8>) throws(ProtocolViolation) -> [UInt8] {
        let text = Array(text)
        let hasSign = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+")
        let digits = text.dropFirst(hasSign ? 1 : 0)
        guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw ProtocolViolation(.malformed, "a big number from Redis that is none")
        }
        return text
    }

    /// The length behind a type; nil for -1, which was null before version 3.
    private static func length(_ text: Span<UInt8>) throws(ProtocolViolation) -> Int? {
        guard !text.equals("-1") else { return nil }
        let length = try integer(text)
        guard length >= 0, text[0] != UInt8(ascii: "+"), let count = Int(exactly: length) else {
            throw ProtocolViolation(.malformed, "a length from Redis that is none")
        }
        return count
    }

    // MARK: Strings

    private mutating func beginBulk(_ type: UInt8, _ content: Span<UInt8>) throws(ProtocolViolation) -> RESPValue? {
        guard let count = try Self.length(content) else {
            guard type == UInt8(ascii: "$") else { throw ProtocolViolation(.malformed, "no length from Redis") }
            return .null
        }
        try claimBytes(count)
        begun.reserveCapacity(min(count, 4_096) + 2)
        state = .bulk(type: type, missing: count + 2)
        return nil
    }

    /// - Parameter missing: With the end of the line behind the string.
    private mutating func readBulk(
        _ type: UInt8, _ missing: Int, in bytes: Span<UInt8>, from index: inout Int
    ) throws(ProtocolViolation) -> RESPValue? {
        let count = min(missing, bytes.count - index)
        begun.append(bytes.extracting(index..<index + count))
        index += count
        guard count == missing else {
            state = .bulk(type: type, missing: missing - count)
            return nil
        }
        guard begun.suffix(2).elementsEqual([UInt8(ascii: "\r"), UInt8(ascii: "\n")]) else {
            throw ProtocolViolation(.malformed, "a string from Redis that is longer than its length")
        }
        begun.removeLast(2)
        let text = begun
        begun = []
        state = .line
        switch type {
        case UInt8(ascii: "!"): return .error(RESPError(text: text))
        case UInt8(ascii: "="):
            guard text.count >= 4, text[3] == UInt8(ascii: ":") else {
                throw ProtocolViolation(.malformed, "a verbatim string from Redis without a format")
            }
            return .string(Array(text.dropFirst(4)))
        default: return .string(text)
        }
    }

    // MARK: Arrays

    private mutating func beginFrame(_ type: UInt8, _ content: Span<UInt8>) throws(ProtocolViolation) -> RESPValue? {
        guard let length = try Self.length(content) else {
            guard type == UInt8(ascii: "*") else { throw ProtocolViolation(.malformed, "no length from Redis") }
            return .null
        }
        guard type != UInt8(ascii: ">") || frames.isEmpty else {
            throw ProtocolViolation(.malformed, "a push within another value")
        }
        guard frames.count < limits.depth else { throw ProtocolViolation(.tooBig, "a reply that nests too deep") }
        let perElement = type == UInt8(ascii: "%") || type == UInt8(ascii: "|") ? 2 : 1
        guard length <= values / perElement else { throw ProtocolViolation(.tooBig, "too many values from Redis") }
        var frame = Frame(type: type, missing: length * perElement)
        if frame.missing == 0 { return value(of: frame) }
        frame.elements.reserveCapacity(min(frame.missing, 256))
        frames.append(frame)
        return nil
    }

    /// Nil if the frame was about the value behind it.
    private func value(of frame: Frame) -> RESPValue? {
        switch frame.type {
        case UInt8(ascii: "|"): nil
        case UInt8(ascii: "%"): .map(frame.elements)
        case UInt8(ascii: ">"): .push(frame.elements)
        default: .array(frame.elements)
        }
    }

    /// Puts a value where it belongs; returns the one that is whole with it.
    private mutating func complete(_ value: RESPValue) throws(ProtocolViolation) -> RESPValue? {
        var value = value
        while let last = frames.indices.last {
            frames[last].elements.append(value)
            frames[last].missing -= 1
            guard frames[last].missing == 0 else { return nil }
            guard let whole = self.value(of: frames.removeLast()) else { return nil }
            value = whole
        }
        return value
    }
}
