import PatternsEvents
import Synchronization

/// What was said in the chat: the last messages, which every way of reading takes from here.
///
/// A reader has no buffer of its own. It is told that there is something new, and asks for what comes after the last that it
/// has had: one that is slow finds more at once, or that the oldest are gone.
final class MessageLog: Sendable {
    /// How many messages are kept.
    static let limit = 200

    private struct State {
        var messages: [Message] = []
        var last = 0
        var readers: [Int: AsyncStream<Void>.Continuation] = [:]
        var lastReader = 0
    }

    private let state = Mutex(State())

    func add(_ draft: Draft, over way: Message.Way) -> Message {
        let (message, readers) = state.withLock { state in
            state.last += 1
            let message = Message(number: state.last, draft, over: way)
            state.messages.append(message)
            if state.messages.count > Self.limit { state.messages.removeFirst() }
            return (message, Array(state.readers.values))
        }
        for reader in readers { reader.yield() }
        return message
    }

    func messages(after number: Int = 0) -> [Message] {
        state.withLock { state in state.messages.filter { $0.number > number } }
    }

    /// An element at once, and one whenever there is something new; several that nobody has taken yet are one.
    func news() -> AsyncStream<Void> {
        let (stream, reader) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.lastReader += 1
            state.readers[state.lastReader] = reader
            return state.lastReader
        }
        reader.onTermination = { [weak self] _ in self?.forget(id) }
        reader.yield()
        return stream
    }

    private func forget(_ reader: Int) {
        _ = state.withLock { $0.readers.removeValue(forKey: reader) }
    }

    var readerCount: Int { state.withLock { $0.readers.count } }
}
