/// An asynchronous middleware of a socket that decides about an event, behind which the others wait. Lives on the socket's
/// loop.
final class EventDecision {
    private enum State {
        case deciding(Task<Void, any Error>?)
        /// It has decided, or nobody wants to know any more.
        case over
    }

    private var state = State.deciding(nil)

    /// The middleware runs, if it has not decided at once.
    func began(_ task: Task<Void, any Error>) {
        switch state {
        case .deciding: state = .deciding(task)
        case .over: task.cancel()
        }
    }

    /// The middleware has decided.
    ///
    /// - Returns: Whether somebody wants to know.
    func end() -> Bool {
        switch state {
        case .deciding:
            state = .over
            return true
        case .over:
            return false
        }
    }

    /// The socket is gone. Tells the middleware: runs code of the application, which comes last.
    func cancel() {
        switch state {
        case .deciding(let task):
            state = .over
            task?.cancel()
        case .over: break
        }
    }
}
