internal import NetLoop
internal import SocketIOEvents

typealias ClientAckContinuation = CheckedContinuation<Result<AckReply, AckError>, Never>

/// A task that waits until the namespace is joined.
struct ConnectWaiter: Sendable {
    let continuation: CheckedContinuation<Result<Void, ClientError>, Never>
    /// Whether the socket goes on trying when this one waits no longer.
    let keepsTrying: Bool
}

/// What is asked of a socket, maybe from another thread.
struct ClientSocketCommand: LoopMessage {
    enum Action: Sendable {
        case open
        case wait(id: UInt64, ConnectWaiter, timeout: Duration?)
        case cancelWait(id: UInt64)
        case disconnect
        case emit(OutgoingPacket, isVolatile: Bool)
        case request(OutgoingPacket, id: UInt64, ClientAckContinuation, timeout: Duration)
        case cancelAck(id: UInt64)
        /// - Parameter join: In which connection the event came.
        case acknowledge(OutgoingPacket, join: Int)
        case shutDown
        case change(Change)
    }

    /// To what is registered.
    enum Change: Sendable {
        case addHandler(EventHandler, name: String)
        case removeHandler(id: UInt64)
        case removeHandlers(name: String)
        case removeEverything
        case callbacks(SocketCallbacks.Change)
        case addStream(id: UInt64, finish: @Sendable () -> Void)
        case removeStream(id: UInt64)
        case setAuth(ClientAuth)
    }

    let core: LoopBound<ClientSocketCore>
    /// Keeps the handle until the command is carried out.
    let socket: ClientSocket
    let action: Action

    func deliver(on loop: EventLoop) {
        core.value.perform(action, socket)
    }
}

extension ClientSocketCore {
    func perform(_ action: ClientSocketCommand.Action, _ socket: ClientSocket) {
        let callouts = callouts
        callouts.begin()
        defer { callouts.end() }
        switch action {
        case .open: connect(socket)
        case .wait(let id, let waiter, let timeout): wait(socket, id: id, waiter, timeout: timeout)
        case .cancelWait(let id): cancelWait(id)
        case .disconnect: disconnect()
        case .emit(let packet, let isVolatile): emit(packet, isVolatile: isVolatile)
        case .request(let packet, let id, let continuation, let timeout):
            // Before anybody waits for an answer over a connection that is gone.
            manager.checkHeartbeat()
            if expectAck(id, continuation, timeout: timeout) { emit(packet, isVolatile: false) }
        case .cancelAck(let id): cancelAck(id)
        case .acknowledge(let packet, let join): acknowledge(packet, in: join)
        case .shutDown: shutDown()
        case .change(let change): perform(change)
        }
    }
}
