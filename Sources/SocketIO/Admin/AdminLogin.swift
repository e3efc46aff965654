internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// Decides who is an administrator.
final class AdminLogin: Sendable {
    /// What a page sends as `auth`: a session's id, or both of the others.
    private struct Claim: Decodable {
        var username: String?
        var password: String?
        var sessionId: String?
    }

    private struct State {
        var sessions: AdminSessions
        var attempts: AdminAttempts
    }

    private let credentials: AdminCredentials
    private let state: Mutex<State>

    init(_ credentials: AdminCredentials, _ limits: AdminConfiguration.Limits) {
        self.credentials = credentials
        state = Mutex(
            State(
                sessions: AdminSessions(limit: limits.sessions, time: limits.sessionTime),
                attempts: AdminAttempts(limits)))
    }

    /// The id of a session that begins; nil for one that is come back to.
    ///
    /// - Throws: `ConnectionRefused`.
    func admit(_ handshake: Handshake, now: ContinuousClock.Instant) throws -> String? {
        // None, or one of another shape, is a wrong one.
        let claim = (try? handshake.auth(as: Claim.self)) ?? Claim()
        // Nobody guesses such an id, and a page that is loaded again uses up no attempts.
        if let id = claim.sessionId, state.withLock({ $0.sessions.contains(id, now: now) }) { return nil }
        guard state.withLock({ $0.attempts.take(from: PeerNetwork(of: handshake.address), now: now) }) else {
            throw ConnectionRefused("too many attempts")
        }
        guard credentials.match(claim.username ?? "", claim.password ?? "") else {
            throw ConnectionRefused("invalid credentials")
        }
        let id = Self.makeSessionID()
        state.withLock { $0.sessions.begin(id, now: now) }
        return id
    }

    /// 128 bits that nobody can predict, as hexadecimal digits.
    private static func makeSessionID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in String(Int.random(in: 0..<16, using: &generator), radix: 16) }.joined()
    }
}
