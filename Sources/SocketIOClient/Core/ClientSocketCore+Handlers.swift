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
        case .removeEverything: removeEverything()
        case .callbacks(let change):
            let removed = change(&callbacks)
            withExtendedLifetime(removed) {}
        case .addStream(let id, let finish): callbacks.streams[id] = finish
        case .removeStream(let id):
            let removed = callbacks.streams.removeValue(forKey: id)
            withExtendedLifetime(removed) {}
        case .setAuth(let auth):
            let replaced = self.auth
            self.auth = auth
            withExtendedLifetime(replaced) {}
        }
    }

    /// What is removed ends when nothing is being changed: what it holds may run code of the application then.
    func removeEverything() {
        let streams = callbacks.streams.values
        let ended = (callbacks, events)
        callbacks = SocketCallbacks()
        events = EventTable()
        for finish in streams { finish() }
        withExtendedLifetime(ended) {}
    }

    func notify<Argument>(_ callbacks: [Callback<Argument>], _ argument: Argument, _ socket: ClientSocket) {
        for callback in callbacks { callback.call(argument, for: socket) }
    }
}
