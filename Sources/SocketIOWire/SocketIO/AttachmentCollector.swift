/// Gathers the binary messages that belong to a packet (Protocol.md 4.3), on either side.
package struct AttachmentCollector: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// A packet whose attachments are all there, and are what its placeholders name.
    package struct Complete: Equatable, Sendable {
        package let text: [UInt8]
        package let head: PacketHead
        package fileprivate(set) var attachments: [[UInt8]]

        package init(text: [UInt8], head: PacketHead, attachments: [[UInt8]]) {
            self.text = text
            self.head = head
            self.attachments = attachments
        }
    }

    private enum State: Sendable {
        /// No packet waits for attachments.
        case idle
        /// The packet waits for more, until the deadline.
        case collecting(Complete, byteCount: Int, until: Instant)
    }

    private var state = State.idle

    package init() {}

    package var isIdle: Bool {
        switch state {
        case .idle: true
        case .collecting: false
        }
    }

    /// When the packet that waits is given up.
    package var deadline: Instant? {
        switch state {
        case .idle: nil
        case .collecting(_, _, let until): until
        }
    }

    /// Begins a packet that announced at least one attachment.
    package mutating func begin(_ text: [UInt8], head: PacketHead, until deadline: Instant) {
        precondition(isIdle && head.attachmentCount > 0)
        state = .collecting(Complete(text: text, head: head, attachments: []), byteCount: 0, until: deadline)
    }

    /// A text message came, which may not be where an attachment should.
    package func receiveText() throws(ProtocolViolation) {
        guard isIdle else {
            throw ProtocolViolation(.unexpected, "a text message where an attachment was announced")
        }
    }

    /// Takes a binary message; returns the packet with its last one.
    package mutating func receive(_ attachment: [UInt8], limits: PacketLimits) throws(ProtocolViolation) -> Complete? {
        switch state {
        case .idle:
            throw ProtocolViolation(.unexpected, "a binary message that no packet announced")
        case .collecting(var packet, let byteCount, let until):
            // Lets go of the packet, so that it grows in place.
            state = .idle
            let (total, overflow) = byteCount.addingReportingOverflow(attachment.count)
            guard !overflow, total <= limits.attachmentBytes else {
                throw ProtocolViolation(.tooBig, "attachments over their limit")
            }
            packet.attachments.append(attachment)
            if packet.attachments.count == packet.head.attachmentCount {
                try Self.validate(packet, limits: limits)
                return packet
            }
            state = .collecting(packet, byteCount: total, until: until)
            return nil
        }
    }

    private static func validate(_ packet: Complete, limits: PacketLimits) throws(ProtocolViolation) {
        let payload = packet.text.span.extracting(packet.head.payloadStart..<packet.text.count)
        do {
            try JSONScanner.validate(payload, maximumDepth: limits.jsonDepth)
            try JSONScanner.validatePlaceholders(payload, attachmentCount: packet.attachments.count)
        } catch {
            throw ProtocolViolation(.malformed, "a placeholder without its attachment")
        }
    }

    /// Forgets the packet that waits.
    package mutating func reset() {
        state = .idle
    }
}
