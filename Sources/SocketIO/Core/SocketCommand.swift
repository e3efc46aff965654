internal import NetLoop
internal import SocketIOEvents

/// What is asked of a socket, maybe from another thread.
struct SocketCommand: LoopMessage {
    enum Action: Sendable {
        case send(EncodedPacket, EmitOptions)
        case request(EncodedPacket, id: UInt64, AckReceiver, timeout: Duration)
        case cancelAck(id: UInt64)
        case awaitDrain(OutputWatch.Waiter, id: UInt64)
        case cancelDrain(id: UInt64)
        case join([Room])
        case leave([Room])
        case disconnect(closesConnection: Bool)
        case change(HandlerRegistry.Change)
        case changeCatchAll(CatchAllHandlers.Change, CatchAll.Direction)
        case removeAllHandlers
        case addDisconnecting(LifecycleHandler<DisconnectReason>)
        case addDisconnect(LifecycleHandler<DisconnectReason>)
        case addUpgrade(LifecycleHandler<Void>)
        case addError(LifecycleHandler<any Error>)
        case addMiddleware(EventMiddleware)
    }

    let socket: Socket
    let action: Action

    /// What waits for a loop that does not get to it.
    var byteCount: Int {
        switch action {
        case .send(let packet, _), .request(let packet, id: _, _, timeout: _): packet.byteCount
        case .cancelAck, .awaitDrain, .cancelDrain, .join, .leave, .disconnect, .change, .changeCatchAll,
            .removeAllHandlers, .addDisconnecting,
            .addDisconnect, .addUpgrade, .addError, .addMiddleware:
            0
        }
    }

    func deliver(on loop: EventLoop) {
        socket.core.carryOut(action)
    }

    /// The loop takes no more.
    func abandon() {
        switch action {
        case .request(_, id: _, let receiver, timeout: _): receiver.settle(.failure(AckError(.tooManyPending)))
        case .send, .cancelAck, .awaitDrain, .cancelDrain, .join, .leave, .disconnect, .change, .changeCatchAll,
            .removeAllHandlers,
            .addDisconnecting, .addDisconnect, .addUpgrade, .addError, .addMiddleware:
            break
        }
    }
}

extension SocketCore {
    func carryOut(_ action: SocketCommand.Action) {
        switch action {
        case .send(let packet, let options):
            let isSent =
                options.isDisjoint(with: [.latest, .uncompressed])
                ? sendOwn(packet, options) : sendOtherwise(packet, options)
            if isSent { tellSent(packet) }
        case .request(let packet, let id, let receiver, let timeout):
            guard expectAck(id, receiver, timeout: timeout) else { return }
            if !waitsForKept(.ask(packet, id: id)) { ask(packet, id: id) }
        case .cancelAck(let id): cancelAck(id, AckError(.cancelled))
        case .awaitDrain(let waiter, let id): awaitDrain(waiter, id: id)
        case .cancelDrain(let id): cancelDrain(id)
        case .join(let rooms):
            join(rooms)
            if OwnRoomGuests.isGuest(in: rooms, of: id) { shard.namespace.guests.add(-1) }
        case .leave(let rooms): leave(rooms)
        case .disconnect(let closesConnection):
            guard !waitsForKept(.disconnect(closesConnection: closesConnection)) else { return }
            disconnectNow(closingConnection: closesConnection)
        case .change(let change): self.change(change)
        case .changeCatchAll(let change, let direction): self.change(change, direction)
        case .removeAllHandlers: removeAllHandlers()
        case .addDisconnecting(let handler): changeExtras { $0.disconnecting.append(handler) }
        case .addDisconnect(let handler): changeExtras { $0.disconnect.append(handler) }
        case .addUpgrade(let handler): changeExtras { $0.upgrade.append(handler) }
        case .addError(let handler): changeExtras { $0.error.append(handler) }
        case .addMiddleware(let middleware): changeExtras { $0.middlewares.append(middleware) }
        }
    }

    /// Sends an event whose acknowledgement is awaited.
    func ask(_ packet: EncodedPacket, id: UInt64) {
        guard send(packet, []) else { return cancelAck(id, AckError(.unencodable)) }
        tellSent(packet)
    }
}
