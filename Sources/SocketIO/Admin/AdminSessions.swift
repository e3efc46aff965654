internal import SocketIOWire

/// Who has logged in and may come back without the password.
struct AdminSessions {
    typealias Instant = ContinuousClock.Instant

    private let limit: Int
    private let time: Duration
    /// In the order in which they began, which is the one in which they end.
    private var sessions: [(id: String, until: Instant)] = []

    init(limit: Int, time: Duration) {
        (self.limit, self.time) = (max(limit, 1), time)
    }

    var count: Int { sessions.count }

    mutating func begin(_ id: String, now: Instant) {
        expire(now: now)
        if sessions.count == limit { sessions.removeFirst() }
        sessions.append((id, now.advanced(by: time.bounded)))
    }

    /// Whether there is a session of this id; coming back does not make it last longer.
    mutating func contains(_ id: String, now: Instant) -> Bool {
        expire(now: now)
        // All ids are of one length, which is no secret: what a stranger sends costs no more than an id.
        guard id.utf8.count == sessions.first?.id.utf8.count else { return false }
        // All are compared, for the time that it takes.
        return sessions.reduce(false) { found, session in session.id.isSameSecret(as: id) || found }
    }

    private mutating func expire(now: Instant) {
        let ended = sessions.prefix { $0.until <= now }.count
        sessions.removeFirst(ended)
    }
}
