/// The payload of an EVENT or an ACK, validated, with the places of its arguments (Protocol.md 4.2).
///
/// Ranges are offsets into the text that was parsed; nothing is decoded yet.
package struct EventPayload: Sendable {
    /// The event's name between its quotes; for a number, its digits. Empty and not `hasName` for an ACK.
    package private(set) var name = 0..<0
    /// Whether there is a name: an ACK has none.
    package private(set) var hasName = false
    /// Whether the name is written with escapes.
    package private(set) var nameHasEscapes = false
    package private(set) var arguments = ArgumentList()

    /// Parses `["name", …]`.
    ///
    /// - Parameter memory: What will decode the arguments.
    package init(
        parsingEvent text: Span<UInt8>, from start: Int, limits: PacketLimits,
        memory: @autoclosure () -> JSONMemory? = nil
    ) throws(ProtocolViolation) {
        var index = try Self.arrayStart(text, start)
        let first = try Self.value(text, index, limits: limits) { nil }
        let nameEnd = first.range.upperBound
        switch text[index] {
        case UInt8(ascii: "\""):
            name = index + 1..<nameEnd - 1
            nameHasEscapes = !first.isPlainString
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            name = index..<nameEnd
        default:
            throw ProtocolViolation(.malformed, "an event whose name is neither a string nor a number")
        }
        hasName = true
        index = nameEnd
        try parseRest(text, &index, limits: limits, memory)
    }

    /// Parses the `[…]` of an ACK.
    package init(parsingAck text: Span<UInt8>, from start: Int, limits: PacketLimits) throws(ProtocolViolation) {
        var index = try Self.arrayStart(text, start)
        if text[index] == UInt8(ascii: "]") {
            guard Self.isEnd(text, index + 1) else { throw Self.notAnArray }
            return
        }
        let first = try Self.value(text, index, limits: limits) { nil }
        arguments.append(first)
        index = first.range.upperBound
        try parseRest(text, &index, limits: limits) { nil }
    }

    private static var notAnArray: ProtocolViolation { ProtocolViolation(.malformed, "a payload that is not an array") }

    /// The offset of the first value, or of the closing bracket.
    ///
    /// White space in front would stand where an ack id does, which is digits only (Protocol.md 4.5).
    @inline(always)
    private static func arrayStart(_ text: Span<UInt8>, _ start: Int) throws(ProtocolViolation) -> Int {
        guard start < text.count, text[start] == UInt8(ascii: "[") else { throw notAnArray }
        let index = JSONScanner.skipWhitespace(text, at: start + 1)
        guard index < text.count else { throw notAnArray }
        return index
    }

    @inline(always)
    private static func value(
        _ text: Span<UInt8>, _ index: Int, limits: PacketLimits, _ memory: () -> JSONMemory?
    ) throws(ProtocolViolation) -> ScannedValue {
        do {
            // One level is the payload's own array.
            return try JSONScanner.scanValue(text, at: index, maximumDepth: limits.jsonDepth - 1, into: memory)
        } catch {
            throw ProtocolViolation(.malformed, "a payload that is not JSON")
        }
    }

    private static func isEnd(_ text: Span<UInt8>, _ index: Int) -> Bool {
        JSONScanner.skipWhitespace(text, at: index) == text.count
    }

    /// Parses `, value …]` up to the end of the text.
    @inline(always)
    private mutating func parseRest(
        _ text: Span<UInt8>, _ index: inout Int, limits: PacketLimits, _ memory: () -> JSONMemory?
    ) throws(ProtocolViolation) {
        while true {
            index = JSONScanner.skipWhitespace(text, at: index)
            guard index < text.count else { throw Self.notAnArray }
            switch text[index] {
            case UInt8(ascii: ","):
                let start = JSONScanner.skipWhitespace(text, at: index + 1)
                // Nodes are kept only for an argument whose place is.
                let value = try Self.value(text, start, limits: limits) { arguments.remembersNext ? memory() : nil }
                arguments.append(value)
                index = value.range.upperBound
            case UInt8(ascii: "]"):
                guard Self.isEnd(text, index + 1) else { throw Self.notAnArray }
                return
            default:
                throw Self.notAnArray
            }
        }
    }
}

/// Where the arguments of an event lie in its text. The first two are remembered; where the others are is found
/// again, so that a message costs no allocation.
package struct ArgumentList: Sendable {
    private var first = ScannedValue(0..<0, isPlainString: false)
    private var second = ScannedValue(0..<0, isPlainString: false)
    package private(set) var count = 0
    /// Where the last one ends.
    private var end = 0

    package init() {}

    /// Whether the next argument is remembered, too.
    @inline(__always)
    var remembersNext: Bool { count < 2 }

    @inline(__always)
    package mutating func append(_ value: ScannedValue) {
        switch count {
        case 0: first = value
        case 1: second = value
        default: break
        }
        count &+= 1
        end = value.range.upperBound
    }

    /// Where the first one is, with its quotes, if it is a string without escapes.
    @inline(always)
    var firstPlainString: Range<Int>? { count > 0 && first.isPlainString ? first.range : nil }

    /// Walks the arguments in order.
    package struct Cursor: Sendable {
        /// Of the next argument, whether there is one or not.
        private(set) var index = 0
        private var end = 0

        package init() {}

        /// The next argument in `text`, which is the text that was parsed; nil after the last one.
        @inline(__always)
        package mutating func next(of list: ArgumentList, in text: Span<UInt8>) -> ScannedValue? {
            guard index < list.count else {
                index += 1
                return nil
            }
            let value =
                switch index {
                case 0: list.first
                case 1: list.second
                default: JSONScanner.acceptedValue(text, afterCommaBehind: end)
                }
            index += 1
            end = value.range.upperBound
            return value
        }

        /// All arguments that are left, as they stand in `text`.
        package mutating func rest(
            of list: ArgumentList, in text: Span<UInt8>, attachments: [[UInt8]]
        ) -> EventArguments {
            let begin = index
            guard let first = next(of: list, in: text) else {
                return EventArguments(count: 0, json: [], attachments: [])
            }
            index = list.count
            let rest = EventArguments(
                count: list.count - begin, json: Array(text.extracting(first.range.lowerBound..<list.end)),
                attachments: attachments)
            // Attachments of arguments before these would go along unused.
            return begin == 0 || attachments.isEmpty ? rest : EventArguments(rest.values)
        }
    }
}
