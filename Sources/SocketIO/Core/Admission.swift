/// An asynchronous middleware that decides about a socket. Lives on the socket's loop.
final class Admission {
    private enum State {
        case deciding
        /// The socket is gone, which the middleware may not have seen yet.
        case abandoned
        case over
    }

    private var state = State.deciding
    private let session: SessionSockets
    private var task: Task<Void, any Error>?

    init(in session: SessionSockets) {
        self.session = session
    }

    /// The middleware runs, if it has not decided at once.
    func began(_ task: Task<Void, any Error>) {
        switch state {
        case .deciding: self.task = task
        case .abandoned: task.cancel()
        case .over: break
        }
    }

    /// The middleware has decided, or heard that it need not.
    func end() {
        if case .abandoned = state { session.abandonedEnded() }
        state = .over
        task = nil
    }

    /// Nobody wants to know any more: before the session forgets the socket, so that it counts what goes on.
    func abandon() {
        guard case .deciding = state else { return }
        state = .abandoned
        session.abandonedGoesOn()
    }

    /// Tells the middleware, if it was abandoned: runs code of the application, which comes last.
    func cancel() {
        if case .abandoned = state { task?.cancel() }
    }
}
