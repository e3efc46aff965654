/// The parts of a packet before its payload: `<type>[<n>-][/nsp,][id]` (Protocol.md 4.1).
///
/// Ranges are offsets into the text that was parsed.
package struct PacketHead: Equatable, Sendable {
    package let type: PacketType
    /// How many binary messages follow; zero for the types that have none.
    package let attachmentCount: Int
    /// Empty for the main namespace, whose name is `/`.
    package let namespace: Range<Int>
    package let id: UInt64?
    /// Where the payload begins; it reaches to the end of the text.
    package let payloadStart: Int

    /// The largest id taken: what a JavaScript number holds exactly.
    package static let maxID: UInt64 = 9_007_199_254_740_991

    /// Whether the head is that of an EVENT and nothing else, so that the payload begins at offset 1.
    @inline(always)
    package static func isPlainEvent(_ text: Span<UInt8>) -> Bool {
        text.count > 1 && text[0] == PacketType.event.rawValue && text[1] == UInt8(ascii: "[")
    }

    /// Parses the head of `text`; the payload is not looked at.
    package init(parsing text: Span<UInt8>, limits: PacketLimits) throws(ProtocolViolation) {
        guard text.count > 0, let type = PacketType(rawValue: text[0]) else {
            throw ProtocolViolation(.malformed, "an unknown Socket.IO packet type")
        }
        self.type = type
        var index = 1
        attachmentCount = type.isBinary ? try Self.attachmentCount(text, &index, limits: limits) : 0
        if index < text.count, text[index] == UInt8(ascii: "/") {
            let end = text.firstIndex(of: UInt8(ascii: ","), from: index) ?? text.count
            guard end - index <= limits.namespaceBytes else { throw ProtocolViolation(.tooBig, "a long namespace") }
            // "/" itself names the main namespace, as no name does.
            namespace = end - index == 1 ? index..<index : index..<end
            index = min(end + 1, text.count)
        } else {
            namespace = index..<index
        }
        id = try Self.id(text, &index)
        payloadStart = index
    }

    private static func attachmentCount(
        _ text: Span<UInt8>, _ index: inout Int, limits: PacketLimits
    ) throws(ProtocolViolation) -> Int {
        guard let count = try digits(text, &index, max: UInt64(PacketLimits.maxAttachments)), index < text.count,
            text[index] == UInt8(ascii: "-")
        else {
            throw ProtocolViolation(.malformed, "a binary packet without its attachment count")
        }
        guard count <= limits.attachments else { throw ProtocolViolation(.tooBig, "too many attachments") }
        index += 1
        return Int(count)
    }

    private static func id(_ text: Span<UInt8>, _ index: inout Int) throws(ProtocolViolation) -> UInt64? {
        try digits(text, &index, max: maxID)
    }

    /// The number at `index`, nil if there is no digit.
    private static func digits(
        _ text: Span<UInt8>, _ index: inout Int, max: UInt64
    ) throws(ProtocolViolation) -> UInt64? {
        let start = index
        var value: UInt64 = 0
        while index < text.count, case let digit = text[index] &- UInt8(ascii: "0"), digit <= 9 {
            // 16 digits hold `maxID` and cannot overflow.
            guard index - start < 16 else { throw ProtocolViolation(.malformed, "a number with too many digits") }
            value = value &* 10 &+ UInt64(digit)
            index += 1
        }
        guard value <= max else { throw ProtocolViolation(.malformed, "a number that is too large") }
        return index == start ? nil : value
    }
}

/// What a packet may hold; defaults are in Protocol.md 6.
package struct PacketLimits: Equatable, Sendable {
    /// Binary attachments of one packet.
    package var attachments = 10
    /// Bytes of one packet's attachments together.
    package var attachmentBytes = 10_000_000
    /// How deep arrays and objects nest.
    package var jsonDepth = 128
    /// Values of one packet in MessagePack, with all elements and members.
    package var messagePackValues = 1_000_000
    /// Bytes of a namespace's name, its query included.
    package var namespaceBytes = 512

    /// As many as the text of a packet can announce.
    package static let maxAttachments = 9_999

    package init() {}

    /// For a packet that was MessagePack, where bytes stand among other values and are not counted.
    package var forMessagePack: PacketLimits {
        var limits = self
        limits.attachments = Self.maxAttachments
        return limits
    }
}
