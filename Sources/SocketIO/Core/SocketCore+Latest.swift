internal import EngineIO
internal import SocketIOWire

// Volatile events of which only the newest counts: one of each name waits for a client that cannot take it.

extension SocketCore {
    /// Sends an event to this socket alone in a way that few are sent in.
    ///
    /// - Returns: As `sendOwn`.
    @discardableResult
    func sendOtherwise(_ packet: EncodedPacket, _ options: EmitOptions) -> Bool {
        var isSent = true
        sending(options) {
            isSent = options.contains(.latest) ? sendLatest(packet, options) : sendOwn(packet, options)
        }
        return isSent
    }

    /// Runs `body`, which sends to this socket alone, and runs no code of the application.
    func sending(_ options: EmitOptions, _ body: () -> Void) {
        guard options.contains(.uncompressed) else { return body() }
        session.holdUncompressed()
        shard.server.engine.uncompressed(body)
    }

    /// Sends an event to this socket alone, now or once the client can take it.
    private func sendLatest(_ packet: EncodedPacket, _ options: EmitOptions) -> Bool {
        guard socket.isReachable, mustKeepLatest else { return sendOwn(packet, options) }
        keepLatest(packet, name: packet.writtenEventName)
        return true
    }

    /// Whether an event is not to be sent now: the client cannot take it, or older ones have not been sent yet.
    var mustKeepLatest: Bool {
        extras?.output?.hasLatest == true || !session.isWritable
    }

    func keepLatest(_ packet: EncodedPacket, name: [UInt8]) {
        madeOutputWatch().keepLatest(packet, name: name)
    }
}
