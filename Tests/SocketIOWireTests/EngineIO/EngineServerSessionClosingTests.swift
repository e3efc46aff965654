import SocketIOWire
import Testing

/// Protocol.md 3.7, from the server's side.
@Suite struct EngineServerSessionClosingTests: SessionScenarios {
    @Test func `on a WebSocket a close frame follows what was sent, with a code that says why`() {
        for (reason, code) in [
            (EngineCloseReason.forcedClose, WebSocketCloseCode.normal), (.transportClose, .normal),
            (.serverShuttingDown, .goingAway), (.transportError, .protocolError), (.parseError, .protocolError),
            (.pingTimeout, .policyViolation), (.slowConsumer, .policyViolation),
        ] {
            var session = webSocket()
            #expect(
                session.close(because: reason, now: start, rules: rules) == [
                    .closeWebSocket(code), .retire, .ended(reason, detail: nil),
                ])
            expectDead(session, reason)
        }
        var session = webSocket()
        #expect(
            session.close(because: .forcedClose, code: .policyViolation, now: start, rules: rules) == [
                .closeWebSocket(.policyViolation), .retire, .ended(.forcedClose, detail: nil),
            ])
    }

    @Test func `after an error what waits is dropped, and an open GET gets 1`() {
        for reason in [EngineCloseReason.transportError, .slowConsumer, .pingTimeout, .parseError] {
            var session = waiting()
            _ = session.queue(first, rules: rules)
            #expect(
                session.close(because: reason, now: start, rules: rules) == [
                    .answerPoll([.text(.close)]), .retire, .ended(reason, detail: nil),
                ])
            expectDead(session, reason)
        }
    }

    @Test func `the next GET gets what waits, and the one after it 1, in a response of its own`() {
        for reason in [EngineCloseReason.forcedClose, .transportClose, .serverShuttingDown] {
            var session = polling()
            _ = session.queue(first, rules: rules)
            _ = session.queue(second, rules: rules)
            #expect(session.close(because: reason, now: start, rules: rules) == [.ended(reason, detail: nil)])
            #expect(session.isOpen == false)
            #expect(session.transport == .polling)
            #expect(session.queue(first, rules: rules) == false, "void")
            #expect(session.beginPoll() == [.holdPoll, .answerPoll([first, second])])
            #expect(session.beginPoll() == [.holdPoll, .answerPoll([.text(.close)]), .retire])
            expectDead(session, reason)
        }
    }

    @Test func `a GET that is open at the close gets what waits, before the application hears of it`() {
        var session = waiting()
        _ = session.queue(first, rules: rules)
        #expect(
            session.close(because: .forcedClose, now: start, rules: rules) == [
                .answerPoll([first]), .ended(.forcedClose, detail: nil),
            ])
        #expect(session.beginPoll() == [.holdPoll, .answerPoll([.text(.close)]), .retire])
    }

    @Test func `where nothing waits, 1 comes first`() {
        var session = waiting()
        _ = session.beginPost(isBinary: false)
        #expect(
            session.close(because: .forcedClose, now: start, rules: rules) == [
                .answerPoll([.text(.close)]), .refusePost, .retire, .ended(.forcedClose, detail: nil),
            ])
        expectDead(session, .forcedClose)
    }

    @Test func `a closed session waits for its client as long as it may, and pings no more`() {
        var session = draining(first)
        #expect(session.deadline == at(30))
        #expect(session.handleTimeout(now: at(29.999), rules: rules) == [])
        #expect(session.receive(.pong, now: at(29), rules: rules) == [])
        #expect(session.deadline == at(30))
        #expect(session.handleTimeout(now: at(30), rules: rules) == [.retire])
        expectDead(session, .forcedClose)
    }

    @Test func `what a closed session is sent is void, and a POST is answered all the same`() {
        var session = draining(first)
        for type in [EnginePacketType.open, .close, .ping, .pong, .message, .upgrade, .noop] {
            #expect(session.receive(type, now: start, rules: rules) == [])
        }
        #expect(session.beginPost(isBinary: true) == [.refuseRequest])
        #expect(session.beginPost(isBinary: false) == [.collectPost])
        #expect(session.beginPost(isBinary: false) == [.refuseRequest])
        session.postEnded()
        #expect(session.beginPost(isBinary: false) == [.collectPost])
        #expect(session.postAborted() == [])
        #expect(session.pollAborted() == [])
        #expect(session.turnEnded(rules: rules) == [])
        #expect(session.fail(because: .parseError, "no packet") == [])
        #expect(session.close(because: .transportError, now: start, rules: rules) == [])
        #expect(session.webSocketEnded(because: .transportClose) == [])
        #expect(session.beginPoll() == [.holdPoll, .answerPoll([first])])
    }

    @Test func `a POST that is being received when a closed session is over gets 400`() {
        var session = draining(first)
        _ = session.beginPost(isBinary: false)
        #expect(session.handleTimeout(now: at(30), rules: rules) == [.refusePost, .retire])
    }

    @Test func `what is left can be fetched over an upgrade`() {
        var session = draining(first, second)
        #expect(session.probeConnected(now: at(1), rules: rules) == [.keepProbe])
        #expect(session.deadline == at(11))
        #expect(session.probeConnected(now: at(1), rules: rules) == [.refuseProbe])
        #expect(session.receiveProbe(.probe, now: at(1)) == [.answerProbe])
        #expect(
            session.receiveProbe(.upgrade, now: at(2)) == [
                .switchTransport([first, second]), .closeWebSocket(.normal), .retire,
            ])
        expectDead(session, .forcedClose)
    }

    @Test func `a probe that is answered survives the close, because its client polls no more, and another does not`() {
        var session = probed()
        _ = session.queue(first, rules: rules)
        #expect(session.close(because: .forcedClose, now: start, rules: rules) == [.ended(.forcedClose, detail: nil)])
        #expect(
            session.receiveProbe(.upgrade, now: at(0.01)) == [
                .switchTransport([first]), .closeWebSocket(.normal), .retire,
            ])
        var other = polling()
        _ = other.queue(first, rules: rules)
        _ = other.probeConnected(now: start, rules: rules)
        #expect(
            other.close(because: .forcedClose, now: start, rules: rules) == [
                .closeProbe, .ended(.forcedClose, detail: nil),
            ])
    }

    @Test func `a probe of a closed session has its time, too`() {
        var session = draining(first)
        _ = session.probeConnected(now: at(1), rules: rules)
        #expect(session.handleTimeout(now: at(11), rules: rules) == [.closeProbe])
        #expect(session.deadline == at(30))
        _ = session.probeConnected(now: at(12), rules: rules)
        #expect(session.receiveProbe(.other, now: at(13)) == [.closeProbe])
        _ = session.probeConnected(now: at(14), rules: rules)
        session.probeEnded()
        _ = session.probeConnected(now: at(25), rules: rules)
        #expect(session.handleTimeout(now: at(30), rules: rules) == [.closeProbe, .retire])
    }

    @Test func `a session that is over says nothing more, and refuses what comes`() {
        var session = closed()
        #expect(session.beginPoll() == [.refuseRequest])
        #expect(session.beginPost(isBinary: false) == [.refuseRequest])
        #expect(session.probeConnected(now: start, rules: rules) == [.refuseProbe])
        for type in [EnginePacketType.open, .close, .ping, .pong, .message, .upgrade, .noop] {
            #expect(session.receive(type, now: start, rules: rules) == [])
        }
        for packet in [EngineUpgrade.Packet.probe, .upgrade, .other] {
            #expect(session.receiveProbe(packet, now: start) == [])
        }
        #expect(session.queue(first, rules: rules) == false)
        session.postEnded()
        session.probeEnded()
        #expect(session.pollAborted() == [])
        #expect(session.postAborted() == [])
        #expect(session.turnEnded(rules: rules) == [])
        #expect(session.close(because: .serverShuttingDown, now: start, rules: rules) == [])
        #expect(session.fail(because: .parseError, "no packet") == [])
        #expect(session.webSocketEnded(because: .transportClose) == [])
        #expect(session.handleTimeout(now: at(1000), rules: rules) == [])
        expectDead(session, .forcedClose)
    }
}
