internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

extension SocketCore {
    /// An acknowledgement arrived; one that nobody waits for is ignored.
    func receiveAck(_ id: UInt64, _ payload: EventPayload, _ text: Span<UInt8>, attachments: [[UInt8]]) {
        var cursor = ArgumentList.Cursor()
        let arguments = cursor.rest(of: payload.arguments, in: text, attachments: attachments)
        settleAck(id, .success(AckReply(arguments)))
    }

    /// Awaits the acknowledgement `id`; false, and settled as disconnected or too many, if that cannot be.
    func expectAck(_ id: UInt64, _ receiver: AckReceiver, timeout: Duration? = nil) -> Bool {
        guard socket.isReachable else {
            receiver.settle(.failure(AckError(.disconnected)))
            return false
        }
        let extras = madeExtras()
        let acks = extras.acks ?? AckTable(of: socket, limit: socket.shard.server.limits.pendingAcks)
        extras.acks = acks
        return acks.add(id, receiver, timeout: timeout)
    }

    /// Stops waiting for the acknowledgement `id`.
    func cancelAck(_ id: UInt64, _ error: AckError) {
        settleAck(id, .failure(error))
    }

    private func settleAck(_ id: UInt64, _ result: Result<AckReply, AckError>) {
        extras?.acks?.settle(id, result)
    }

    /// No acknowledgement is awaited any more.
    func dropAcks() {
        extras?.acks = nil
        dropEmptyExtras()
    }
}
