internal import Synchronization

/// How much a loop of moved time has had to do, for whoever wants to know whether it still has.
final class LoopActivity {
    private(set) var count = 0

    func note(served: Int) { count &+= max(served, 0) }
    func note(mails: Int) { count &+= mails }
    func noteJobs() { count &+= 1 }
    /// A question about the activity is none.
    func forgetQuestion() { count &-= 1 }
}

/// Waits until loops of moved time, which nobody but each other and the clock give something to do, have nothing left.
///
/// What other threads do meanwhile is not seen: a task that has gone from its loop to another executor comes back later.
package struct Settlement: Sendable {
    package let loops: [EventLoop]

    package init(_ loops: [EventLoop]) {
        self.loops = loops
    }

    package enum Failure: Error {
        /// The task was cancelled.
        case cancelled
        /// Something went on for too long.
        case busy
    }

    /// Returns when nothing goes on.
    ///
    /// All loops are asked again and again, until none has done anything between two rounds: then none had anything to do
    /// when the second began, for what was under way to it would have been there before the question.
    ///
    /// - Parameter patience: How long it may take, in real time.
    /// - Returns: When the first timer of all is due, at the earliest.
    package func wait(within patience: Duration) async throws(Failure) -> ContinuousClock.Instant? {
        let end = ContinuousClock.now.advanced(by: patience)
        var last: [Answer] = []
        while true {
            guard !Task.isCancelled else { throw .cancelled }
            guard ContinuousClock.now < end else { throw .busy }
            // What waits for a thread of the pool is given one.
            await Task.yield()
            let answers = await Inquiry.answers(of: loops)
            if answers == last, !answers.contains(where: \.hasMore) { return answers.compactMap(\.deadline).min() }
            last = answers
        }
    }

    /// Has every loop take a turn, in which what is due by now is done.
    package func wake() async {
        _ = await Inquiry.answers(of: loops)
    }
}

/// What one loop says of itself.
private struct Answer: Equatable {
    let activity: Int
    let hasMore: Bool
    let deadline: ContinuousClock.Instant?

    init(of loop: EventLoop) {
        loop.activity?.forgetQuestion()
        deadline = loop.timers.deadline
        activity = (loop.activity?.count ?? 0) &+ loop.timers.turnCount
        hasMore = loop.hasJobs || loop.sending.hasPostponed || deadline.map { $0 <= loop.time } == true
    }
}

/// One round of questions, to all loops at once.
private final class Inquiry: Sendable {
    private struct State {
        var answers: [Answer?]
        var missing: Int
        var continuation: CheckedContinuation<[Answer], Never>?
    }

    private struct Question: LoopMessage {
        let inquiry: Inquiry
        let place: Int

        func deliver(on loop: EventLoop) {
            inquiry.take(Answer(of: loop), at: place)
        }
    }

    private let state: Mutex<State>

    private init(_ count: Int, _ continuation: CheckedContinuation<[Answer], Never>) {
        state = Mutex(State(answers: Array(repeating: nil, count: count), missing: count, continuation: continuation))
    }

    /// In the order of the loops.
    static func answers(of loops: [EventLoop]) async -> [Answer] {
        guard !loops.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let inquiry = Inquiry(loops.count, continuation)
            for (place, loop) in loops.enumerated() { loop.post(Question(inquiry: inquiry, place: place)) }
        }
    }

    private func take(_ answer: Answer, at place: Int) {
        let (continuation, answers) = state.withLock { state in
            state.answers[place] = answer
            state.missing -= 1
            guard state.missing == 0 else { return (CheckedContinuation<[Answer], Never>?.none, [Answer]()) }
            defer { state.continuation = nil }
            return (state.continuation, state.answers.compactMap(\.self))
        }
        continuation?.resume(returning: answers)
    }
}
