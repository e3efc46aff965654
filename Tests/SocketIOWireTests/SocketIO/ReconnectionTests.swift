import Testing

@testable import SocketIOWire

@Suite struct ReconnectionTests {
    private let start = ContinuousClock.Instant.now

    @Test func `doubles the delay up to the maximum`() {
        var backoff = ReconnectionBackoff(minimum: .seconds(1), maximum: .seconds(5), randomization: 0)
        let delays = (0..<5).map { _ in backoff.next(random: 0.3) }
        #expect(delays == [1, 2, 4, 5, 5].map { .seconds($0) })
        backoff.reset()
        #expect(backoff.next(random: 0) == .seconds(1))
    }

    @Test func `varies the delay by the official formula`() {
        // The first decimal digit decides the sign: even is less.
        for (random, delay) in [(0.0, 1000), (0.25, 875), (0.5, 1250), (0.8, 600), (0.99, 1495)] {
            var backoff = ReconnectionBackoff(minimum: .seconds(1), maximum: .seconds(5), randomization: 0.5)
            #expect(backoff.next(random: random) == .milliseconds(delay), "\(random)")
        }
    }

    @Test func `stays at the maximum for ever`() {
        var backoff = ReconnectionBackoff(minimum: .seconds(1), maximum: .seconds(5), randomization: 0.5)
        for _ in 0..<5000 { _ = backoff.next(random: 0) }
        #expect(backoff.next(random: 0) == .seconds(5))
    }

    @Test func `waits before each attempt, and reports the one that succeeds`() {
        var reconnection = Reconnection(
            backoff: ReconnectionBackoff(minimum: .seconds(1), maximum: .seconds(5), randomization: 0),
            maxAttempts: 10)
        let first = reconnection.opened(now: start)
        #expect(first == nil)
        #expect(reconnection.failed(now: start, random: 0) == .wait)
        #expect(reconnection.deadline == start + .seconds(1))
        #expect(reconnection.handleTimeout(now: start) == false)
        #expect(reconnection.handleTimeout(now: start + .seconds(1)) == true)
        #expect(reconnection.failed(now: start, random: 0) == .wait)
        #expect(reconnection.deadline == start + .seconds(2))
        #expect(reconnection.handleTimeout(now: start + .seconds(2)) == true)
        let second = reconnection.opened(now: start)
        #expect(second == 2)
        #expect(!reconnection.isActive)
    }

    @Test func `gives up after the attempts allowed, and never tries without any`() {
        let backoff = ReconnectionBackoff(minimum: .seconds(1), maximum: .seconds(5), randomization: 0)
        var reconnection = Reconnection(backoff: backoff, maxAttempts: 1)
        #expect(reconnection.failed(now: start, random: 0) == .wait)
        #expect(reconnection.handleTimeout(now: start + .seconds(1)) == true)
        #expect(reconnection.failed(now: start, random: 0) == .giveUp)
        #expect(reconnection.deadline == nil)
        var never = Reconnection(backoff: backoff, maxAttempts: 0)
        #expect(never.failed(now: start, random: 0) == .none)
    }

    @Test func `hardly waits where the server sends its clients away, unless it does so as soon as they come`() {
        let backoff = ReconnectionBackoff(minimum: .seconds(1), maximum: .seconds(5), randomization: 0)
        var reconnection = Reconnection(backoff: backoff, maxAttempts: 10)
        _ = reconnection.opened(now: start)
        #expect(reconnection.failed(now: start + .seconds(1), random: 0.5, isSentAway: true) == .wait)
        #expect(reconnection.deadline == start + .milliseconds(1050))
        // Nobody else is there: as after any loss.
        #expect(reconnection.handleTimeout(now: start + .seconds(2)) == true)
        #expect(reconnection.failed(now: start + .seconds(2), random: 0.5) == .wait)
        #expect(reconnection.deadline == start + .seconds(4))
        // The next one sends it away at once.
        #expect(reconnection.handleTimeout(now: start + .seconds(4)) == true)
        _ = reconnection.opened(now: start + .seconds(4))
        reconnection.succeeded()
        #expect(reconnection.failed(now: start + .milliseconds(4999), random: 0.5, isSentAway: true) == .wait)
        #expect(reconnection.deadline == start + .milliseconds(5999))
    }
}
