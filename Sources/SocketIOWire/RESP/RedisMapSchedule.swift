/// When to ask a Redis Cluster which node serves which slots: once something has shown that what is known is old, but not
/// all the time; and now and then in any case, because what nobody uses shows nothing.
package struct RedisMapSchedule {
    package typealias Instant = ContinuousClock.Instant

    /// From one question to the next, at least.
    static let pause = Duration.milliseconds(500)
    /// What is known is asked for again after that.
    static let time = Duration.seconds(60)

    private enum State {
        case due(Instant)
        /// The question is under way; something may have changed meanwhile.
        case asking(isOld: Bool)
    }

    private var state: State
    private var lastQuestion: Instant?

    package init(now: Instant) {
        state = .due(now)
    }

    /// When to call `ask`; nil while it is being asked.
    package var deadline: Instant? {
        switch state {
        case .due(let deadline): deadline
        case .asking: nil
        }
    }

    /// What is known is old.
    package mutating func want(now: Instant) {
        switch state {
        case .due(let deadline): state = .due(min(deadline, next(now)))
        case .asking: state = .asking(isOld: true)
        }
    }

    /// Whether to ask now.
    package mutating func ask(now: Instant) -> Bool {
        switch state {
        case .due(let deadline):
            guard now >= deadline else { return false }
            lastQuestion = now
            state = .asking(isOld: false)
            return true
        case .asking: return false
        }
    }

    /// - Parameter isUseful: Whether the answer was one.
    package mutating func answered(isUseful: Bool, now: Instant) {
        switch state {
        case .due: break
        case .asking(let isOld): state = .due(isOld || !isUseful ? next(now) : now.advanced(by: Self.time))
        }
    }

    private func next(_ now: Instant) -> Instant { max(now, lastQuestion?.advanced(by: Self.pause) ?? now) }
}
