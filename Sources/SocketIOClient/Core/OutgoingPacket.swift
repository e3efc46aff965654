internal import SocketIOEvents
internal import SocketIOWire

/// A packet on its way out: encoded, and not sent yet.
struct OutgoingPacket: Sendable {
    /// As it travels.
    enum Form: Sendable {
        /// With the Engine.IO type in front, and the binary messages behind it.
        case json([UInt8], attachments: [[UInt8]])
        case messagePack([UInt8])
    }

    let form: Form
    /// The acknowledgement that is asked for.
    let ackID: UInt64?

    /// A packet in JSON.
    ///
    /// - Parameter text: With the Engine.IO type in front.
    init(text: [UInt8], attachments: [[UInt8]] = [], ackID: UInt64? = nil) {
        form = .json(text, attachments: attachments)
        self.ackID = ackID
    }

    /// A packet in JSON, written anew as `parser` has it.
    ///
    /// - Throws: If it has what MessagePack cannot have.
    init(
        text: [UInt8], attachments: [[UInt8]] = [], ackID: UInt64? = nil, by parser: PacketParser, limits: PacketLimits
    ) throws(ProtocolViolation) {
        switch parser {
        case .json: form = .json(text, attachments: attachments)
        case .msgpack:
            let packet = EncodedPacket(text: Array(text.dropFirst()), attachments: attachments)
            form = .messagePack(try packet.messagePack(limits: limits.forMessagePack))
        }
        self.ackID = ackID
    }

    /// The packet in JSON, without the Engine.IO type.
    func content(_ limits: PacketLimits) -> EncodedPacket? {
        switch form {
        case .json(let text, let attachments): EncodedPacket(text: Array(text.dropFirst()), attachments: attachments)
        case .messagePack(let bytes): try? EncodedPacket(messagePack: bytes.span, limits: limits)
        }
    }

    var byteCount: Int {
        switch form {
        case .json(let text, let attachments): attachments.reduce(text.count) { $0 + $1.count }
        case .messagePack(let bytes): bytes.count
        }
    }
}
