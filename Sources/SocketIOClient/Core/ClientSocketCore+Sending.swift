internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

extension ClientSocketCore {
    /// Sends an event: now, once joined, or in its turn.
    func emit(_ packet: OutgoingPacket, isVolatile: Bool) {
        guard !isShutDown else { return drop(packet) }
        if !callbacks.anyOutgoing.isEmpty { callouts.add { [self] in notifyOutgoing(packet) } }
        manager.checkHeartbeat()
        if isVolatile {
            if link.isJoined, manager.isWritable { transmit(packet) }
        } else if retries != nil {
            let limits = link.isJoined ? limitsWhileConnected : configuration.offlineBuffer.limits
            let dropped = retries?.append(
                packet, id: packet.ackID ?? 0, byteCount: packet.byteCount, within: limits)
            for packet in dropped ?? [] { refuse(packet) }
            if link.isJoined { advanceRetries() }
        } else if link.isJoined {
            transmit(packet)
        } else {
            for dropped in offline.append(packet, id: packet.ackID, byteCount: packet.byteCount) { refuse(dropped) }
        }
    }

    /// Whether an event can be written straight into the connection's output.
    var sendsDirectly: Bool {
        callbacks.anyOutgoing.isEmpty && retries == nil && link.isJoined && !manager.isMessagePack
            && !manager.isHeartbeatOver
    }

    /// Sends what was encoded for this socket, which `sendsDirectly`.
    func sendDirectly(_ text: Span<UInt8>, _ attachments: [[UInt8]]) {
        manager.send(text, attachments)
    }

    func transmit(_ packet: OutgoingPacket) {
        manager.send(packet)
    }

    /// Answers an event; nobody waits for the answer once the connection is another one.
    func acknowledge(_ packet: OutgoingPacket, in join: Int) {
        if isIn(join) { transmit(packet) }
    }

    // MARK: Acknowledgements

    /// Waits for the acknowledgement of what is emitted next; false, and settled, if there are too many.
    func expectAck(_ id: UInt64, _ continuation: ClientAckContinuation, timeout: Duration) -> Bool {
        guard !isShutDown, link.isJoined || manager.hasAddress else {
            continuation.resume(returning: .failure(AckError(.disconnected)))
            return false
        }
        guard acks.add(id, continuation, until: loop.time.advanced(by: timeout.bounded)) else {
            continuation.resume(returning: .failure(AckError(.tooManyPending)))
            return false
        }
        rearm()
        return true
    }

    /// Tells who waits for an acknowledgement how it went, if somebody does.
    func settleAck(_ id: UInt64, _ result: Result<AckReply, AckError>) {
        guard let waiter = acks.settle(id) else { return }
        rearm()
        waiter.resume(returning: result)
    }

    func cancelAck(_ id: UInt64) {
        forget([id])
        settleAck(id, .failure(AckError(.cancelled)))
    }

    func expireAcks(now: ContinuousClock.Instant) {
        let late = acks.expire(now: now)
        guard !late.isEmpty else { return }
        forget(late.map(\.id))
        for (_, waiter) in late { waiter.resume(returning: .failure(AckError(.timedOut))) }
    }

    /// Nobody waits for these acknowledgements any more: what was not sent yet is not sent.
    private func forget(_ ids: [UInt64]) {
        for id in ids {
            offline.remove(id)
            retries?.remove(id)
        }
        if link.isJoined { advanceRetries() }
    }

    /// The offline buffer is full.
    private func refuse(_ packet: OutgoingPacket) {
        if let id = packet.ackID { settleAck(id, .failure(AckError(.tooManyPending))) }
        let (limits, name) =
            link.isJoined
            ? (limitsWhileConnected, "`limits.pendingAcks`, or the manager's `limits.unsentBytes`")
            : (configuration.offlineBuffer.limits, "`offlineBuffer`")
        manager.report(
            ClientError(
                .offlineBufferFull,
                "an event for \(namespace) was dropped, because no more than \(limits.maxCount) events of "
                    + "\(limits.maxBytes) bytes together may wait: raise \(name), or emit such events as volatile"),
            of: handle)
    }

    /// What may wait for the acknowledgements of others, with `retries`.
    private var limitsWhileConnected: BufferLimits {
        BufferLimits(
            maxCount: configuration.limits.pendingAcks, maxBytes: manager.configuration.limits.unsentBytes,
            dropsOldest: false)
    }

    private func drop(_ packet: OutgoingPacket) {
        if let id = packet.ackID { settleAck(id, .failure(AckError(.disconnected))) }
    }

    private func notifyOutgoing(_ packet: OutgoingPacket) {
        let limits = manager.packetLimits
        guard let packet = packet.content(limits),
            let event = SentEvent(packet.text.span, attachments: packet.attachments, limits: limits.forMessagePack)
        else { return }
        for callback in callbacks.anyOutgoing.inOrder() { callback(event.name, event.arguments) }
    }

    // MARK: Retries

    func advanceRetries() {
        perform(retries?.advance(now: loop.now) ?? [])
    }

    /// An event was sent as often as allowed.
    private func giveUp(_ id: UInt64) {
        settleAck(id, .failure(AckError(.timedOut)))
        manager.report(
            ClientError(
                .unacknowledged,
                "an event for \(namespace) was given up: the server acknowledged none of \(configuration.retries + 1) "
                    + "attempts"), of: handle)
    }

    func perform(_ actions: [RetryQueue<OutgoingPacket>.Action]) {
        for action in actions {
            switch action {
            case .send(let packet): transmit(packet)
            case .giveUp(let id): giveUp(id)
            }
        }
        rearm()
    }
}
