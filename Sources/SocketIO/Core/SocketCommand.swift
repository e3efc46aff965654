internal import NetLoop
internal import SocketIOEvents

/// What is asked of a socket, maybe from another thread.
struct SocketCommand: LoopMessage {
    enum Action: Sendable {
        case send(EncodedPacket, EmitOptions)
        case request(EncodedPacket, id: UInt64, AckReceiver, timeout: Duration)
        case cancelAck(id: UInt64)
        case join([Room])
        case leave([Room])
        case disconnect(closesConnection: Bool)
        case addHandler(EventHandler, name: String)
        case removeHandler(id: UInt64)
        case removeHandlers(name: String)
        case addAnyHandler(AnyEventHandler)
        case addDisconnecting(LifecycleHandler<DisconnectReason>)
        case addDisconnect(LifecycleHandler<DisconnectReason>)
    }

    let socket: Socket
    let action: Action

    func deliver(on loop: EventLoop) {
        socket.core.carryOut(action)
    }
}

extension SocketCore {
    func carryOut(_ action: SocketCommand.Action) {
        switch action {
        case .send(let packet, let options):
            send(packet.text.span, packet.attachments, options)
        case .request(let packet, let id, let receiver, let timeout):
            if expectAck(id, receiver, timeout: timeout) { send(packet.text.span, packet.attachments, []) }
        case .cancelAck(let id): cancelAck(id, AckError(.cancelled))
        case .join(let rooms): joinNow(rooms)
        case .leave(let rooms): leaveNow(rooms)
        case .disconnect(let closesConnection): disconnectNow(closingConnection: closesConnection)
        case .addHandler(let handler, let name):
            changeExtras { $0.events = $0.events.adding(handler, for: name) }
        case .removeHandler(let id): changeExtras { $0.events = $0.events.removing(id: id) }
        case .removeHandlers(let name): changeExtras { $0.events = $0.events.removingAll(for: name) }
        case .addAnyHandler(let handler): changeExtras { $0.any.append(handler) }
        case .addDisconnecting(let handler): changeExtras { $0.disconnecting.append(handler) }
        case .addDisconnect(let handler): changeExtras { $0.disconnect.append(handler) }
        }
    }
}
