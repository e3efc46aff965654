internal import EngineIO
internal import NetLoop
internal import SocketIOWire

// A client that begins with the other parser is refused in its own words before its connection ends: its author looks at
// the errors of CONNECT (Protocol.md 4.6).

extension SessionSockets {
    /// A text, where packets are MessagePack.
    func refuseJSON(_ text: Span<UInt8>) {
        guard let refusal = refusal(of: text, "The server speaks MessagePack, and the client JSON") else { return }
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.append(refusal.text)
        session.send(scratchFrom: start)
        scratch.truncate(to: start)
    }

    /// Bytes that no packet announced, where packets are JSON.
    func refuseMessagePack(_ bytes: [UInt8]) {
        guard let packet = try? EncodedPacket(messagePack: bytes.span, limits: shard.packetLimits),
            let refusal = refusal(of: packet.text.span, "The server speaks JSON, and the client MessagePack"),
            let answer = shard.messagePack(refusal)
        else { return }
        session.send(binary: answer)
    }

    /// Nil if it is not the first CONNECT of a session.
    private func refusal(of packet: Span<UInt8>, _ message: String) -> EncodedPacket? {
        guard sockets.isEmpty, let head = try? PacketHead(parsing: packet, limits: shard.packetLimits),
            case .connect = head.type
        else { return nil }
        shard.log.otherParser.note(on: session.loop)
        let writer = ByteWriter()
        writer.appendConnectError(namespace: packet.extracting(head.namespace), message: message, data: [])
        return EncodedPacket(text: writer.array())
    }
}
