import SocketIOWire
import Testing

@Suite struct WebSocketHeartbeatTests {
    private let start = CompactInstant(nanoseconds: 0)

    private func heartbeat() -> WebSocketHeartbeat {
        WebSocketHeartbeat(interval: .seconds(25), timeout: .seconds(20), now: start)
    }

    @Test func `a silent peer is pinged, and then given up`() {
        var heartbeat = heartbeat()
        #expect(heartbeat.deadline == start + .seconds(25))
        #expect(heartbeat.handleTimeout(now: start + .seconds(24), isHearing: true) == nil)
        #expect(heartbeat.handleTimeout(now: start + .seconds(26), isHearing: true) == .ping)
        #expect(heartbeat.deadline == start + .seconds(46))
        #expect(heartbeat.handleTimeout(now: start + .seconds(45), isHearing: true) == nil)
        #expect(heartbeat.handleTimeout(now: start + .seconds(46), isHearing: true) == .close)
    }

    @Test func `whatever it sends is an answer`() {
        var heartbeat = heartbeat()
        #expect(heartbeat.handleTimeout(now: start + .seconds(25), isHearing: true) == .ping)
        heartbeat.hear(now: start + .seconds(44))
        #expect(heartbeat.deadline == start + .seconds(69))
        #expect(heartbeat.handleTimeout(now: start + .seconds(69), isHearing: true) == .ping)
    }

    @Test func `one that is not read is not blamed for its silence`() {
        var heartbeat = heartbeat()
        #expect(heartbeat.handleTimeout(now: start + .seconds(25), isHearing: false) == nil)
        #expect(heartbeat.deadline == start + .seconds(50))
        #expect(heartbeat.handleTimeout(now: start + .seconds(50), isHearing: true) == .ping)
        #expect(heartbeat.handleTimeout(now: start + .seconds(70), isHearing: false) == nil)
        #expect(heartbeat.deadline == start + .seconds(95))
    }
}
