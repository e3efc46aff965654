import SocketIOWire
import Testing

@Suite struct WebSocketClosingTests {
    private let start = ContinuousClock.now
    private let timeout = Duration.seconds(5)

    @Test func `a server that closes disconnects when the peer answers`() {
        var closing = WebSocketClosing(role: .server)
        #expect(closing.deadline == nil)
        #expect(closing.close(.normal, now: start, timeout: timeout) == [.sendClose(.normal)])
        #expect(closing.deadline == start + timeout)
        #expect(closing.receiveClose(.normal, now: start, timeout: timeout) == [.disconnect])
        #expect(closing.deadline == nil)
        #expect(closing.handleTimeout(now: start + timeout) == [])
    }

    @Test func `drops a peer that does not answer a close in time`() {
        for role in [WebSocketRole.server, .client] {
            var closing = WebSocketClosing(role: role)
            _ = closing.close(.normal, now: start, timeout: timeout)
            #expect(closing.handleTimeout(now: start + .seconds(4)) == [])
            #expect(closing.handleTimeout(now: start + timeout) == [.disconnect])
            #expect(closing.handleTimeout(now: start + timeout) == [])
            #expect(closing.deadline == nil)
        }
    }

    @Test func `a server echoes the peer's code and disconnects once that is sent`() {
        var closing = WebSocketClosing(role: .server)
        let code = WebSocketCloseCode(rawValue: 4321)
        #expect(closing.receiveClose(code, now: start, timeout: timeout) == [.sendClose(code), .disconnect])
        #expect(closing.deadline == nil)
        #expect(closing.close(.normal, now: start, timeout: timeout) == [])
    }

    @Test func `a client leaves the disconnecting to the server, for a while`() {
        var closing = WebSocketClosing(role: .client)
        _ = closing.close(.normal, now: start, timeout: timeout)
        #expect(closing.receiveClose(.normal, now: start + .seconds(1), timeout: timeout) == [])
        #expect(closing.deadline == start + .seconds(6))
        #expect(closing.handleTimeout(now: start + .seconds(6)) == [.disconnect])
    }

    @Test func `a client echoes the peer's code, and a server that does not disconnect then is dropped in time`() {
        var closing = WebSocketClosing(role: .client)
        #expect(closing.receiveClose(nil, now: start, timeout: timeout) == [.sendClose(nil)])
        #expect(closing.deadline == start + timeout)
        #expect(closing.handleTimeout(now: start + timeout) == [.disconnect])
    }

    @Test func `a failure sends its code, unless a close was sent before`() {
        let failure = WebSocketFailure(.invalidPayload, "a text that is not UTF-8")
        var open = WebSocketClosing(role: .server)
        #expect(open.fail(failure, now: start, timeout: timeout) == [.sendClose(.invalidPayload), .disconnect])
        #expect(open.deadline == nil)
        var client = WebSocketClosing(role: .client)
        #expect(client.fail(failure, now: start, timeout: timeout) == [.sendClose(.invalidPayload)])
        #expect(client.deadline == start + timeout)
        for role in [WebSocketRole.server, .client] {
            var closed = WebSocketClosing(role: role)
            _ = closed.close(.normal, now: start, timeout: timeout)
            #expect(closed.fail(failure, now: start, timeout: timeout) == [.disconnect])
            #expect(closed.fail(failure, now: start, timeout: timeout) == [])
        }
    }

    @Test func `sends one close frame only`() {
        for role in [WebSocketRole.server, .client] {
            var closing = WebSocketClosing(role: role)
            _ = closing.close(.normal, now: start, timeout: timeout)
            #expect(closing.close(.goingAway, now: start, timeout: timeout) == [])
            _ = closing.receiveClose(.normal, now: start, timeout: timeout)
            #expect(closing.receiveClose(.normal, now: start, timeout: timeout) == [])
            #expect(closing.close(.goingAway, now: start, timeout: timeout) == [])
        }
    }
}
