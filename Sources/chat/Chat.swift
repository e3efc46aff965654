import Synchronization

/// The state that the handlers of all loops share.
///
/// What happens is decided under a lock, briefly, and what comes of it is sent when the lock is free again.
final class Chat: Sendable {
    private let state: Mutex<ChatState>
    private let ring: AsyncStream<Void>.Continuation
    /// An element when there are news, and one at most that waits.
    let bell: AsyncStream<Void>

    init(_ state: ChatState) {
        self.state = Mutex(state)
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What somebody asks for, or why it is refused.
    func request<Result: Sendable>(
        _ change: (inout ChatState) throws(Refusal) -> Result
    ) throws(Refusal) -> Result {
        let (result, hasNews) = try state.withLock { state throws(Refusal) in (try change(&state), state.hasNews) }
        if hasNews { ring.yield() }
        return result
    }

    /// What happens whether it suits or not.
    @discardableResult
    func change<Result: Sendable>(_ change: (inout ChatState) -> Result) -> Result {
        let (result, hasNews) = state.withLock { state in (change(&state), state.hasNews) }
        if hasNews { ring.yield() }
        return result
    }
}
