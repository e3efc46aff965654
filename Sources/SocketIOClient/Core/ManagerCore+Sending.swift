internal import SocketIOWire

extension ManagerCore {
    /// Whether a message sent now leaves with this turn.
    var isWritable: Bool { openEngine?.isWritable ?? false }

    var isHeartbeatOver: Bool { openEngine?.isHeartbeatOver ?? false }

    func checkHeartbeat() {
        openEngine?.checkHeartbeat()
    }

    /// A packet, of JSON with the Engine.IO type in front, as it is to travel.
    func packet(_ text: [UInt8]) throws(ProtocolViolation) -> OutgoingPacket {
        try OutgoingPacket(text: text, by: configuration.parser, limits: packetLimits)
    }

    /// Sends a packet.
    func send(_ packet: OutgoingPacket) {
        switch packet.form {
        case .json(let text, let attachments): send(text.span, attachments)
        case .messagePack(let bytes): openEngine?.send(binary: bytes)
        }
    }

    /// Sends a packet in JSON, with the Engine.IO type in front.
    func send(_ text: Span<UInt8>, _ attachments: [[UInt8]]) {
        openEngine?.send(text: text)
        for attachment in attachments { openEngine?.send(binary: attachment) }
    }
}
