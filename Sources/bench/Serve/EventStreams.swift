import Synchronization

/// The streams of server-sent events that are open: an event is for all of them.
final class EventStreams: Sendable {
    private struct State {
        var streams: [Int: AsyncStream<String>.Continuation] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// What a new stream has to send, until whoever reads it stops.
    func add() -> AsyncStream<String> {
        let (texts, continuation) = AsyncStream.makeStream(of: String.self)
        let number = state.withLock { state in
            state.count += 1
            state.streams[state.count] = continuation
            return state.count
        }
        continuation.onTermination = { [weak self] _ in self?.remove(number) }
        return texts
    }

    private func remove(_ number: Int) {
        let continuation = state.withLock { $0.streams.removeValue(forKey: number) }
        withExtendedLifetime(continuation) {}
    }

    func send(_ text: String) {
        for stream in state.withLock({ Array($0.streams.values) }) { stream.yield(text) }
    }
}
