internal import EngineIO

// What is told of the inboxes of a session's sockets.

extension SessionSockets {
    /// What comes for `socket` has to wait: the session tells this object, which knows.
    func inboxBegan(of socket: Socket) {
        if socket === main { session.pass(to: self) }
    }

    /// Nothing waits any more.
    func inboxEnded(of socket: Socket) {
        passToMain(socket)
        leaveMainAlone()
    }

    func inboxFilled() {
        fullInboxes += 1
        if fullInboxes == 1 { session.setReading(false) }
    }

    func inboxDrained() {
        fullInboxes -= 1
        if fullInboxes == 0 { session.setReading(true) }
    }
}
