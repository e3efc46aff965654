import SocketIOWire
import Testing

@Suite struct WebSocketClosingTests {
    private let start = ContinuousClock.now
    private let timeout = Duration.seconds(5)

    @Test func `a server that closes disconnects when the peer answers`() {
        var closing = WebSocketClosing(role: .server)
        #expect(closing.isOpen)
        #expect(closing.deadline == nil)
        #expect(closing.close(.normal, now: start, timeout: timeout) == .sendClose(.normal))
        #expect(!closing.isOpen)
        #expect(closing.deadline == start + timeout)
        #expect(closing.handleFlushed() == nil)
        #expect(closing.receiveClose(.normal, now: start, timeout: timeout) == .disconnect)
        #expect(closing.deadline == nil)
    }

    @Test func `drops a peer that does not answer a close in time`() {
        var closing = WebSocketClosing(role: .server)
        _ = closing.close(.normal, now: start, timeout: timeout)
        #expect(closing.handleTimeout(now: start + .seconds(4)) == nil)
        #expect(closing.handleTimeout(now: start + timeout) == .disconnect)
        #expect(closing.handleTimeout(now: start + timeout) == nil)
    }

    @Test func `a server echoes the peer's code and disconnects once that is flushed`() {
        var closing = WebSocketClosing(role: .server)
        let code = WebSocketCloseCode(rawValue: 4321)
        #expect(closing.receiveClose(code, now: start, timeout: timeout) == .sendClose(code))
        #expect(closing.deadline == start + timeout)
        #expect(closing.handleFlushed() == .disconnect)
    }

    @Test func `a peer that does not read the echo is dropped in time`() {
        var closing = WebSocketClosing(role: .server)
        _ = closing.receiveClose(nil, now: start, timeout: timeout)
        #expect(closing.handleTimeout(now: start + timeout) == .disconnect)
    }

    @Test func `a client leaves the disconnecting to the server, for a while`() {
        var closing = WebSocketClosing(role: .client)
        _ = closing.close(.normal, now: start, timeout: timeout)
        #expect(closing.receiveClose(.normal, now: start + .seconds(1), timeout: timeout) == nil)
        #expect(closing.handleFlushed() == nil)
        #expect(closing.deadline == start + .seconds(6))
        #expect(closing.receiveEnd() == .disconnect)
        #expect(closing.receiveEnd() == nil)
    }

    @Test func `a failure sends its code, unless a close was sent before`() {
        let failure = WebSocketFailure(.invalidPayload, "a text that is not UTF-8")
        var open = WebSocketClosing(role: .server)
        #expect(open.fail(failure, now: start, timeout: timeout) == .sendClose(.invalidPayload))
        #expect(open.handleFlushed() == .disconnect)
        var closed = WebSocketClosing(role: .server)
        _ = closed.close(.normal, now: start, timeout: timeout)
        #expect(closed.fail(failure, now: start, timeout: timeout) == .disconnect)
    }

    @Test func `sends one close frame only`() {
        var closing = WebSocketClosing(role: .server)
        _ = closing.close(.normal, now: start, timeout: timeout)
        #expect(closing.close(.goingAway, now: start, timeout: timeout) == nil)
        _ = closing.receiveClose(.normal, now: start, timeout: timeout)
        #expect(closing.receiveClose(.normal, now: start, timeout: timeout) == nil)
    }
}
