import SocketIOWire
import Testing

/// Protocol.md 9, from the server's side: what a session of Engine.IO 3 does otherwise.
@Suite struct EngineServerSessionRevision3Tests: SessionScenarios {
    private func session(_ transport: EngineTransport) -> Session {
        Session(transport, dialect: .revision3, now: start, rules: rules)
    }

    /// An interval and a timeout.
    private let wait = 45.0

    @Test(arguments: [EngineTransport.polling, .webSocket])
    func `the server does not ping, and a client that does not is given up`(_ transport: EngineTransport) {
        var session = session(transport)
        #expect(session.deadline == at(wait))
        #expect(session.handleTimeout(now: at(25), rules: rules) == [])
        #expect(session.handleTimeout(now: at(wait - 0.001), rules: rules) == [])
        let close: [Session.Action] = transport == .webSocket ? [.closeWebSocket(.policyViolation)] : []
        #expect(
            session.handleTimeout(now: at(wait), rules: rules) == close + [.retire, .ended(.pingTimeout, detail: nil)])
        expectDead(session, .pingTimeout)
    }

    @Test func `over a WebSocket a ping is answered at once, and gives the client its time anew`() {
        var session = session(.webSocket)
        #expect(session.receive(.ping, now: at(20), rules: rules) == [.send(.text(.pong))])
        #expect(session.deadline == at(20 + wait))
    }

    @Test func `over polling the pong leaves with the turn, behind what was sent before`() {
        var session = session(.polling)
        _ = session.beginPoll()
        #expect(session.receive(.ping, now: at(20), rules: rules) == [.awaitTurnEnd])
        #expect(session.deadline == at(20 + wait))
        #expect(session.turnEnded(rules: rules) == [.answerPoll([.text(.pong)])])
        _ = session.queue(first, rules: rules)
        #expect(session.receive(.ping, now: at(21), rules: rules) == [])
        #expect(session.beginPoll() == [.holdPoll, .answerPoll([first, .text(.pong)])])
    }

    @Test(arguments: [EngineTransport.polling, .webSocket])
    func `a pong from the client is a transport error`(_ transport: EngineTransport) {
        var session = session(transport)
        let close: [Session.Action] = transport == .webSocket ? [.closeWebSocket(.protocolError)] : []
        #expect(
            session.receive(.pong, now: at(1), rules: rules) == close + [
                .retire,
                .ended(.transportError, detail: "a pong from the client, which is the one that pings"),
            ])
        expectDead(session, .transportError)
    }

    @Test func `nothing is missed of a client that is not read, and then it has the timeout`() {
        var session = session(.webSocket)
        #expect(session.handleTimeout(now: at(wait), rules: rules, isHearing: false) == [])
        #expect(session.deadline == at(wait + 20))
        session.hearAgain(now: at(60), rules: rules)
        #expect(session.deadline == at(80))
        #expect(session.receive(.ping, now: at(61), rules: rules) == [.send(.text(.pong))])
        session.hearAgain(now: at(62), rules: rules)
        #expect(session.deadline == at(61 + wait), "not earlier than without it")
    }

    @Test func `a POST may be bytes`() {
        var session = session(.polling)
        #expect(session.beginPost(isBinary: true) == [.collectPost])
        session.postEnded()
        _ = session.queue(first, rules: rules)
        _ = session.close(because: .forcedClose, now: start, rules: rules)
        #expect(session.beginPost(isBinary: true) == [.collectPost])
    }

    @Test func `the heartbeat goes on over an upgrade`() {
        var session = session(.polling)
        _ = session.probeConnected(now: at(1), rules: rules)
        #expect(session.receiveProbe(.probe, now: at(1)) == [.answerProbe])
        #expect(session.receiveProbe(.upgrade, now: at(2)) == [.switchTransport([])])
        #expect(session.deadline == at(wait))
        #expect(session.receive(.ping, now: at(3), rules: rules) == [.send(.text(.pong))])
        #expect(session.dialect == .revision3)
    }

    @Test func `what it speaks is known to the end: its last answers are written in it`() {
        var silent = session(.polling)
        _ = silent.beginPoll()
        #expect(
            silent.handleTimeout(now: at(wait), rules: rules) == [
                .answerPoll([.text(.close)]), .retire, .ended(.pingTimeout, detail: nil),
            ])
        #expect(silent.dialect == .revision3)
        var drained = session(.polling)
        _ = drained.queue(first, rules: rules)
        _ = drained.close(because: .forcedClose, now: start, rules: rules)
        #expect(drained.dialect == .revision3)
        #expect(drained.handleTimeout(now: at(30), rules: rules) == [.retire])
        #expect(drained.dialect == .revision3)
        var upgraded = session(.webSocket)
        _ = upgraded.close(because: .forcedClose, now: start, rules: rules)
        #expect(upgraded.dialect == .revision3)
        #expect(closed().dialect == .revision4)
    }
}
