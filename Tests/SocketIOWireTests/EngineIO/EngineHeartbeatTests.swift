import SocketIOWire
import Testing

@Suite struct EngineHeartbeatTests {
    private let start = CompactInstant(nanoseconds: 1)
    private let interval = Duration.seconds(25)
    private let timeout = Duration.seconds(20)

    private func at(_ seconds: Double) -> CompactInstant { start + .seconds(seconds) }

    @Test func `pings after the interval and not before`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        #expect(heartbeat.deadline == at(25))
        #expect(heartbeat.handleTimeout(now: start, timeout: timeout) == nil)
        #expect(heartbeat.handleTimeout(now: at(24.999), timeout: timeout) == nil)
        #expect(heartbeat.deadline == at(25))
        #expect(heartbeat.handleTimeout(now: at(25), timeout: timeout) == .sendPing)
        #expect(heartbeat.deadline == at(45))
    }

    @Test func `keeps its deadline to the nanosecond, and one beyond 292 years as far away as it can`() {
        for nanoseconds in [0, 1, 999_999_999, 1_000_000_001, 86_400_000_000_007] {
            let interval = Duration.nanoseconds(nanoseconds)
            #expect(EngineHeartbeat(now: start, interval: interval).deadline == start + interval)
            #expect(EngineHeartbeat(now: start + .seconds(-9), interval: interval).deadline == at(-9) + interval)
        }
        for years in [292, 293, 1_000_000] {
            var heartbeat = EngineHeartbeat(now: start, interval: .seconds(years * 31_556_952))
            #expect(heartbeat.deadline.map { $0 > start + .seconds(291 * 31_556_952) } == true)
            #expect(heartbeat.handleTimeout(now: at(1e9), timeout: timeout) == nil)
        }
    }

    @Test func `while the peer is not read, pings go out and no pong is missed`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        #expect(heartbeat.handleTimeout(now: at(25), timeout: timeout, isHearing: false) == .sendPing)
        #expect(heartbeat.handleTimeout(now: at(45), timeout: timeout, isHearing: false) == nil)
        #expect(heartbeat.deadline == at(65))
        heartbeat.hearAgain(now: at(50), timeout: timeout)
        #expect(heartbeat.deadline == at(70))
        #expect(heartbeat.handleTimeout(now: at(70), timeout: timeout) == .closeTimedOut)
    }

    @Test func `a peer that is read again before its ping was due is pinged on time`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        heartbeat.hearAgain(now: at(24), timeout: timeout)
        #expect(heartbeat.deadline == at(25))
    }

    @Test func `the next interval begins with the pong`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        _ = heartbeat.handleTimeout(now: at(25), timeout: timeout)
        heartbeat.receivePong(now: at(31), interval: interval)
        #expect(heartbeat.deadline == at(56))
        #expect(heartbeat.handleTimeout(now: at(55), timeout: timeout) == nil)
        #expect(heartbeat.handleTimeout(now: at(56), timeout: timeout) == .sendPing)
        #expect(heartbeat.deadline == at(76))
    }

    @Test func `gives up a peer that does not answer, once`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        _ = heartbeat.handleTimeout(now: at(25), timeout: timeout)
        #expect(heartbeat.handleTimeout(now: at(44.999), timeout: timeout) == nil)
        #expect(heartbeat.handleTimeout(now: at(45), timeout: timeout) == .closeTimedOut)
        #expect(heartbeat.deadline == nil)
        #expect(heartbeat.handleTimeout(now: at(1000), timeout: timeout) == nil)
    }

    @Test func `a pong that nobody asked for does not postpone the ping`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        for second in 0..<25 { heartbeat.receivePong(now: at(Double(second)), interval: interval) }
        #expect(heartbeat.deadline == at(25))
        #expect(heartbeat.handleTimeout(now: at(25), timeout: timeout) == .sendPing)
    }

    @Test func `pongs sent ahead do not answer the pings that follow`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        _ = heartbeat.handleTimeout(now: at(25), timeout: timeout)
        for _ in 0..<10 { heartbeat.receivePong(now: at(26), interval: interval) }
        #expect(heartbeat.deadline == at(51))
        #expect(heartbeat.handleTimeout(now: at(51), timeout: timeout) == .sendPing)
        #expect(heartbeat.handleTimeout(now: at(71), timeout: timeout) == .closeTimedOut)
    }

    @Test func `a ping that is sent late still leaves the whole timeout`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        #expect(heartbeat.handleTimeout(now: at(100), timeout: timeout) == .sendPing)
        #expect(heartbeat.deadline == at(120))
        #expect(heartbeat.handleTimeout(now: at(100), timeout: timeout) == nil)
    }

    @Test func `a heartbeat that gave up stays silent`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        _ = heartbeat.handleTimeout(now: at(25), timeout: timeout)
        _ = heartbeat.handleTimeout(now: at(45), timeout: timeout)
        heartbeat.receivePong(now: at(46), interval: interval)
        #expect(heartbeat.deadline == nil)
        #expect(heartbeat.handleTimeout(now: at(1000), timeout: timeout) == nil)
    }

    @Test func `a peer that answers lives for ever`() {
        var heartbeat = EngineHeartbeat(now: start, interval: interval)
        var now = start
        for _ in 0..<10_000 {
            now = heartbeat.deadline!
            #expect(heartbeat.handleTimeout(now: now, timeout: timeout) == .sendPing)
            now = now + .seconds(19)
            heartbeat.receivePong(now: now, interval: interval)
        }
        #expect(now == start + .seconds(44 * 10_000))
    }
}
