/// First the whole state, then the application: what is called once nothing is being changed any more, in order.
///
/// Whatever changes a manager or one of its sockets does so between `begin` and `end`. What the application is to hear of
/// it is added meanwhile and called by the last `end`, so that it may call anything. What a callout changes is whole when
/// its call returns, and is told after those that wait already: callouts do not run within each other.
final class Callouts {
    private var waiting: [() -> Void] = []
    private var depth = 0

    func begin() {
        depth += 1
    }

    func end() {
        if depth == 1, !waiting.isEmpty { callAll() }
        depth -= 1
    }

    func add(_ callout: @escaping () -> Void) {
        waiting.append(callout)
    }

    /// Lets go of something whose end may run code of the application.
    func release(_ object: Any) {
        waiting.append { withExtendedLifetime(object) {} }
    }

    private func callAll() {
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            for callout in batch { callout() }
        }
    }
}
