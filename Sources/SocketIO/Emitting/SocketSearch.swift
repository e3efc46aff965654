internal import NetLoop

/// A search for the sockets of a selection: each loop tells those that it has.
struct SocketSearch: Sendable {
    /// What a loop found; nil from one that takes no more.
    private let gathering: Gathering<[RemoteSocket]?>
    private let loops: [EventLoop]

    init(on loops: [EventLoop]) {
        self.loops = loops
        gathering = Gathering(sources: loops.count)
    }

    func found(_ sockets: [RemoteSocket]) {
        gathering.give(sockets)
    }

    func refuse() {
        gathering.give(nil)
    }

    func results(within timeout: Duration) async -> RemoteSockets {
        let outcome = await gathering.outcome(within: timeout, on: loops)
        return RemoteSockets(
            outcome.parts.flatMap { $0 ?? [] },
            isComplete: outcome.isComplete && !outcome.parts.contains { $0 == nil })
    }
}
