internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

extension ClientSocketCore {
    func perform(_ change: ClientSocketCommand.Change) {
        guard !isShutDown else {
            if case .addStream(_, let finish) = change { finish() }
            return
        }
        switch change {
        case .addHandler(let handler, let name): events.add(handler, for: name)
        case .removeHandler(let id):
            let removed = events.remove(id)
            withExtendedLifetime(removed) {}
        case .removeHandlers(let name):
            let removed = events.removeAll(of: name)
            withExtendedLifetime(removed) {}
        case .addConnect(let callback): callbacks.connect.append(callback)
        case .addConnectError(let callback): callbacks.connectError.append(callback)
        case .addDisconnect(let callback): callbacks.disconnect.append(callback)
        case .addAny(let handler): callbacks.any.append(handler)
        case .addAnyOutgoing(let handler): callbacks.anyOutgoing.append(handler)
        case .removeAny: callbacks.any = []
        case .removeAnyOutgoing: callbacks.anyOutgoing = []
        case .addStream(let id, let finish): callbacks.streams[id] = finish
        case .removeStream(let id): callbacks.streams[id] = nil
        case .setAuth(let auth): self.auth = auth
        }
    }

    func notify<Argument>(_ callbacks: [Callback<Argument>], _ argument: Argument, _ socket: ClientSocket) {
        for callback in callbacks { callback.call(argument, for: socket) }
    }
}
