import Testing

@testable import NetLoop

@Suite struct DialerTests {
    private let start = ContinuousClock.Instant.now
    private let six = ["2001:db8::1", "2001:db8::2"].map { SocketAddress(host: $0, port: 80)! }
    private let four = ["192.0.2.1", "192.0.2.2"].map { SocketAddress(host: $0, port: 80)! }
    private let broken = ConnectError.Reason.failed(SystemError(code: 1, "connect"))

    private func dialer() -> Dialer {
        Dialer(timeout: .seconds(10), now: start)
    }

    @Test func `dials the best address, then the other family's after a moment`() {
        var dialer = dialer()
        #expect(dialer.deadline == start + .seconds(10))
        #expect(dialer.resolved(six + four, now: start) == .dial(six[0], number: 0))
        #expect(dialer.deadline == start + .milliseconds(250))
        #expect(dialer.handleTimeout(now: start + .milliseconds(249)) == nil)
        #expect(dialer.handleTimeout(now: start + .milliseconds(250)) == .dial(four[0], number: 1))
        #expect(dialer.deadline == start + .milliseconds(500))
        #expect(dialer.handleTimeout(now: start + .milliseconds(500)) == .dial(six[1], number: 2))
        #expect(dialer.handleTimeout(now: start + .milliseconds(750)) == .dial(four[1], number: 3))
        // Nothing is left to dial.
        #expect(dialer.deadline == start + .seconds(10))
    }

    @Test func `a failure brings the next address forward`() {
        var dialer = dialer()
        _ = dialer.resolved(six + four, now: start)
        #expect(dialer.failed(.refused, now: start + .milliseconds(3)) == .dial(four[0], number: 1))
        #expect(dialer.deadline == start + .milliseconds(253))
    }

    @Test func `the first to answer wins, also when a later one was dialled`() {
        var dialer = dialer()
        _ = dialer.resolved(six + four, now: start)
        _ = dialer.handleTimeout(now: start + .milliseconds(250))
        #expect(dialer.connected(number: 0) == .use(number: 0))
        #expect(dialer.deadline == nil)
        #expect(dialer.connected(number: 1) == nil)
        #expect(dialer.failed(.refused, now: start) == nil)
        #expect(dialer.handleTimeout(now: start + .seconds(60)) == nil)
    }

    @Test func `fails once every address has failed, and not while one still may answer`() {
        var dialer = dialer()
        _ = dialer.resolved([six[0], four[0]], now: start)
        #expect(dialer.handleTimeout(now: start + .milliseconds(250)) == .dial(four[0], number: 1))
        #expect(dialer.failed(.refused, now: start + .seconds(1)) == nil)
        #expect(dialer.failed(.refused, now: start + .seconds(2)) == .fail(.refused))
        #expect(dialer.deadline == nil)
    }

    @Test func `reports the failure that says most about the host`() {
        func reported(_ reasons: ConnectError.Reason...) -> Dialer.Action? {
            var dialer = dialer()
            _ = dialer.resolved(Array(repeating: four[0], count: reasons.count), now: start)
            return reasons.reduce(nil) { _, reason in dialer.failed(reason, now: start) }
        }
        #expect(reported(.unreachable) == .fail(.unreachable))
        #expect(reported(.unreachable, .refused) == .fail(.refused))
        #expect(reported(.refused, .unreachable) == .fail(.refused))
        #expect(reported(.timedOut, .refused, .unreachable) == .fail(.refused))
        #expect(reported(broken, .unreachable) == .fail(broken))
        #expect(reported(broken, .timedOut) == .fail(.timedOut))
    }

    @Test func `the time is for the name and the addresses together`() {
        var dialer = dialer()
        #expect(dialer.resolved(four, now: start + .seconds(9.9)) == .dial(four[0], number: 0))
        #expect(dialer.deadline == start + .seconds(10))
        #expect(dialer.handleTimeout(now: start + .seconds(10)) == .fail(.timedOut))
        #expect(dialer.deadline == nil)
    }

    @Test func `fails when the name is not resolved in time`() {
        var dialer = dialer()
        #expect(dialer.handleTimeout(now: start + .seconds(9.9)) == nil)
        #expect(dialer.handleTimeout(now: start + .seconds(10)) == .fail(.timedOut))
        #expect(dialer.resolved(four, now: start + .seconds(11)) == nil)
        #expect(dialer.resolutionFailed("late") == nil)
    }

    @Test func `fails when the name has no address`() {
        var unknown = dialer()
        #expect(unknown.resolutionFailed("no such name") == .fail(.unresolvable("no such name")))
        var empty = dialer()
        #expect(empty.resolved([], now: start) == .fail(.unresolvable("it has no address")))
    }

    @Test func `does nothing after it was cancelled`() {
        var resolving = dialer()
        resolving.cancel()
        #expect(resolving.deadline == nil)
        #expect(resolving.resolved(four, now: start) == nil)
        var dialling = dialer()
        _ = dialling.resolved(four, now: start)
        dialling.cancel()
        #expect(dialling.connected(number: 0) == nil)
        #expect(dialling.failed(.refused, now: start) == nil)
        #expect(dialling.handleTimeout(now: start + .seconds(60)) == nil)
    }

    @Test func `dials no more than eight addresses of a name`() {
        var dialer = dialer()
        let many = (1...20).map { SocketAddress(host: "192.0.2.\($0)", port: 80)! }
        var dialled = 0
        var action = dialer.resolved(many, now: start)
        while case .dial = action {
            dialled += 1
            action = dialer.failed(.refused, now: start)
        }
        #expect(action == .fail(.refused))
        #expect(dialled == 8)
    }

    @Test func `takes the families in turn, that of the best address first`() {
        #expect(Dialer.interleaved(six + four) == [six[0], four[0], six[1], four[1]])
        #expect(Dialer.interleaved(four + six) == [four[0], six[0], four[1], six[1]])
        #expect(Dialer.interleaved([six[0], four[0], four[1]]) == [six[0], four[0], four[1]])
        #expect(Dialer.interleaved(four) == four)
        #expect(Dialer.interleaved([]) == [])
    }
}
