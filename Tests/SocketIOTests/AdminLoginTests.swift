import SocketIOWire
import Testing

@testable import SocketIO

/// Who may look: sessions and attempts, by the time.
@Suite struct AdminLoginTests {
    /// What is asked, in a class, so that it can be asked within an expectation.
    private final class Login {
        var sessions: AdminSessions
        var attempts: AdminAttempts

        init(_ limits: AdminConfiguration.Limits = AdminConfiguration.Limits()) {
            sessions = AdminSessions(limit: limits.sessions, time: limits.sessionTime)
            attempts = AdminAttempts(limits)
        }

        func begin(_ id: String, _ now: ContinuousClock.Instant) { sessions.begin(id, now: now) }
        func knows(_ id: String, _ now: ContinuousClock.Instant) -> Bool { sessions.contains(id, now: now) }
        func isLet(_ network: PeerNetwork, _ now: ContinuousClock.Instant) -> Bool {
            attempts.take(from: network, now: now)
        }
    }

    private let start = ContinuousClock.now

    private func after(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func `a session ends by its time, however often it is come back to`() {
        var limits = AdminConfiguration.Limits()
        limits.sessionTime = .seconds(60)
        let login = Login(limits)
        login.begin("a", start)
        login.begin("b", after(30))
        #expect(login.knows("a", after(59)))
        #expect(!login.knows("a", after(60)))
        #expect(login.knows("b", after(60)))
        #expect(!login.knows("", after(60)))
        #expect(!login.knows("bb", after(60)))
        #expect(!login.knows("b", after(90)))
        #expect(login.sessions.count == 0)
    }

    @Test func `the oldest session goes for one more than the limit`() {
        var limits = AdminConfiguration.Limits()
        limits.sessions = 2
        let login = Login(limits)
        for id in ["a", "b", "c"] { login.begin(id, start) }
        #expect(!login.knows("a", start))
        #expect(login.knows("b", start))
        #expect(login.sessions.count == 2)
    }

    @Test func `a network has some attempts at once, and one more each so often`() {
        let login = Login()
        let (one, other) = (PeerNetwork(of: "192.0.2.1"), PeerNetwork(of: "192.0.2.2"))
        for _ in 0..<5 { #expect(login.isLet(one, start)) }
        #expect(!login.isLet(one, start))
        #expect(login.isLet(other, start))
        #expect(!login.isLet(one, after(9.9)))
        #expect(login.isLet(one, after(10)))
        #expect(!login.isLet(one, after(10)))
    }

    @Test func `all networks together have some, and little is kept of them`() {
        let login = Login()
        func network(_ number: Int) -> PeerNetwork { PeerNetwork(of: "10.0.\(number / 256).\(number % 256)") }
        let taken = (0..<10_000).count { login.isLet(network($0), start) }
        #expect(taken == 50)
        #expect(login.attempts.count == 50)
        #expect(login.isLet(network(20_000), after(1)))
        #expect(!login.isLet(network(20_001), after(1)))
        // The debts of before are paid off.
        #expect(login.isLet(network(20_002), after(3_600)))
        #expect(login.attempts.count == 1)
    }

    @Test(
        arguments: [
            ("secret", "secret", true), ("secret", "secreu", false), ("secret", "", false), ("", "", true),
            ("ab", "abab", false), ("é", "e\u{301}", false), ("secret", "secre", false), ("secret", "Secret", false),
            ("secret", "secrets", false), ("secret", "secretsecret", false), ("secret", "secretsecre", false),
            ("", "e", false), ("e", "", false),
        ])
    func `secrets are compared by their bytes`(secret: String, guess: String, isSame: Bool) {
        #expect(secret.isSameSecret(as: guess) == isSame)
    }
}
