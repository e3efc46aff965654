import ChatEvents
import Synchronization

/// What happens, in order, for the one who decides.
final class Inbox: Sendable {
    enum Happening: Sendable {
        /// A key was pressed: one byte of it.
        case key(UInt8)
        /// The terminal has another size.
        case resized
        /// The process is to stop for a while.
        case suspended
        /// It goes on, and somebody else may have used the terminal.
        case resumed
        case session(Session.Input)
    }

    let happenings: AsyncStream<Happening>
    private let continuation: AsyncStream<Happening>.Continuation
    /// Bytes of news that wait.
    private let waiting = Atomic(0)
    private let hasMissed = Atomic(false)

    /// Bytes of news that wait at most: a server must not fill the memory of somebody whose terminal stands still.
    static let limit = 4 * 1024 * 1024

    init() {
        (happenings, continuation) = AsyncStream.makeStream()
    }

    func put(_ happening: Happening) {
        continuation.yield(happening)
    }

    func put(_ input: Session.Input) {
        continuation.yield(.session(input))
    }

    /// Puts news, unless as much waits as may; then it is told once that some is missing.
    func hear(_ news: Session.News) {
        let size = news.size
        guard waiting.add(size, ordering: .relaxed).newValue <= Self.limit else {
            waiting.subtract(size, ordering: .relaxed)
            if !hasMissed.exchange(true, ordering: .relaxed) { put(.newsMissed) }
            return
        }
        put(.news(news))
    }

    /// To be called with what is taken.
    func note(_ happening: Happening) {
        switch happening {
        case .session(.news(let news)): waiting.subtract(news.size, ordering: .relaxed)
        case .session(.newsMissed): hasMissed.store(false, ordering: .relaxed)
        case .key, .resized, .suspended, .resumed, .session: break
        }
    }
}
