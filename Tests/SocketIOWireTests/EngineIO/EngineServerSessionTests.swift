import SocketIOWire
import Testing

/// Protocol.md 3, from the server's side.
@Suite struct EngineServerSessionTests: SessionScenarios {
    // MARK: 6 Limits

    @Test func `a session that loses its place is over at once, whatever it holds`() {
        var idle = polling()
        #expect(idle.evict() == [.retire, .ended(.forcedClose, detail: nil)])
        expectDead(idle, .forcedClose)
        var polled = waiting()
        #expect(polled.evict() == [.answerPoll([.text(.close)]), .retire, .ended(.forcedClose, detail: nil)])
        expectDead(polled, .forcedClose)
        var probing = probed()
        #expect(probing.evict() == [.closeProbe, .retire, .ended(.forcedClose, detail: nil)])
        expectDead(probing, .forcedClose)
        var open = webSocket()
        #expect(open.evict() == [.closeWebSocket(.tryAgainLater), .retire, .ended(.forcedClose, detail: nil)])
        expectDead(open, .forcedClose)
        var last = draining(first)
        #expect(last.evict() == [.retire])
        #expect(last.evict() == [])
        expectDead(last, .forcedClose)
    }

    // MARK: 3.3 Long-polling

    @Test func `an idle GET is held, and answered once something was sent and the turn is over`() {
        var session = waiting()
        #expect(session.isPollOpen == true)
        #expect(session.queue(first, rules: rules) == true)
        #expect(session.isPollOpen == true, "what else is sent in this turn leaves with it")
        #expect(session.turnEnded(rules: rules) == [.answerPoll([first])])
        #expect(session.isPollOpen == false)
        #expect(session.turnEnded(rules: rules) == [])
    }

    @Test func `a burst is one response, and asks once for the end of the turn`() {
        var session = waiting()
        #expect(session.queue(first, rules: rules) == true)
        #expect(session.queue(second, rules: rules) == false)
        #expect(session.queue(first, rules: rules) == false)
        #expect(session.turnEnded(rules: rules) == [.answerPoll([first, second, first])])
    }

    @Test func `a GET finds what waits for it`() {
        var session = polling()
        #expect(session.queue(first, rules: rules) == true)
        #expect(session.turnEnded(rules: rules) == [])
        #expect(session.queue(second, rules: rules) == false)
        #expect(session.beginPoll() == [.holdPoll, .answerPoll([first, second])])
        #expect(session.beginPoll() == [.holdPoll])
    }

    @Test func `a second GET gets 400 and ends the session, and the first gets 1`() {
        var session = waiting()
        #expect(
            session.beginPoll() == [
                .refuseRequest, .answerPoll([.text(.close)]), .retire,
                .ended(.transportError, detail: "a poll while another is open"),
            ])
        expectDead(session, .transportError)
    }

    @Test func `a second POST gets 400 and ends the session, and so does the first`() {
        var session = waiting()
        #expect(session.beginPost(isBinary: false) == [.collectPost])
        #expect(
            session.beginPost(isBinary: false) == [
                .refuseRequest, .answerPoll([.text(.close)]), .refusePost, .retire,
                .ended(.transportError, detail: "a POST while another is being received"),
            ])
        expectDead(session, .transportError)
    }

    @Test func `a binary POST gets 400 and ends the session`() {
        var session = polling()
        #expect(
            session.beginPost(isBinary: true) == [
                .refuseRequest, .retire,
                .ended(.transportError, detail: "a binary payload, which is not of this version"),
            ])
        expectDead(session, .transportError)
    }

    @Test func `a POST that is complete, or refused over its limit, makes room for the next`() {
        var session = polling()
        for _ in 0..<3 {
            #expect(session.beginPost(isBinary: false) == [.collectPost])
            session.postEnded()
            #expect(session.isOpen == true)
        }
    }

    @Test func `a GET whose connection breaks ends the session`() {
        var session = waiting()
        #expect(session.beginPost(isBinary: false) == [.collectPost])
        #expect(
            session.pollAborted() == [.refusePost, .retire, .ended(.transportError, detail: "a poll was aborted")])
        expectDead(session, .transportError)
    }

    @Test func `a POST that breaks, or is not complete in time, ends the session`() {
        var session = waiting()
        #expect(session.beginPost(isBinary: false) == [.collectPost])
        #expect(
            session.postAborted() == [
                .answerPoll([.text(.close)]), .retire, .ended(.transportError, detail: "a POST was aborted"),
            ])
        expectDead(session, .transportError)
    }

    @Test func `a client that closes gets a noop on its open GET`() {
        var session = waiting()
        _ = session.queue(first, rules: rules)
        #expect(
            session.receive(.close, now: start, rules: rules) == [
                .answerPoll([.text(.noop)]), .retire, .ended(.transportClose, detail: nil),
            ])
        expectDead(session, .transportClose)
        var without = polling()
        #expect(
            without.receive(.close, now: start, rules: rules) == [.retire, .ended(.transportClose, detail: nil)])
    }

    @Test func `a client that lets too much wait is given up with the turn, and what is over the limit is not kept`() {
        var small = rules
        small.outputLimit = 10 + EnginePacket.queueOverhead
        var session = polling()
        #expect(session.queue(first, rules: small) == true)
        #expect(session.queue(first, rules: small) == true, "over the limit")
        #expect(session.queue(first, rules: small) == false, "dropped")
        #expect(session.isOpen == true, "the caller is in the middle of application code")
        #expect(
            session.turnEnded(rules: small) == [
                .retire, .ended(.slowConsumer, detail: "the client does not take its packets"),
            ])
        expectDead(session, .slowConsumer)
    }

    // MARK: 2.1 Packets

    @Test func `packets that mean nothing from a client are ignored, whatever they travel by`() {
        for type in [EnginePacketType.open, .upgrade, .noop, .message, .pong] {
            var session = polling()
            #expect(session.receive(type, now: at(1), rules: rules) == [])
            #expect(session.deadline == at(25))
            var other = webSocket()
            #expect(other.receive(type, now: at(1), rules: rules) == [])
            #expect(other.deadline == at(25))
        }
    }

    @Test func `a close packet over a WebSocket is ignored, because its close frame says it`() {
        var session = webSocket()
        #expect(session.receive(.close, now: start, rules: rules) == [])
        #expect(session.isOpen == true)
    }

    @Test func `a ping from the client is a transport error`() {
        var session = waiting()
        #expect(
            session.receive(.ping, now: start, rules: rules) == [
                .answerPoll([.text(.close)]), .retire, .ended(.transportError, detail: "a ping from the client"),
            ])
        expectDead(session, .transportError)
        var other = webSocket()
        #expect(
            other.receive(.ping, now: start, rules: rules) == [
                .closeWebSocket(.protocolError), .retire, .ended(.transportError, detail: "a ping from the client"),
            ])
        expectDead(other, .transportError)
    }

    @Test func `something that is no packet is a parse error`() {
        var session = waiting()
        #expect(
            session.fail(because: .parseError, "no packet") == [
                .answerPoll([.text(.close)]), .retire, .ended(.parseError, detail: "no packet"),
            ])
        expectDead(session, .parseError)
        var other = webSocket()
        #expect(
            other.fail(because: .parseError, "no packet") == [
                .closeWebSocket(.protocolError), .retire, .ended(.parseError, detail: "no packet"),
            ])
        expectDead(other, .parseError)
    }

    // MARK: 3.4 WebSocket

    @Test func `the end of its WebSocket is the end of a session`() {
        for (reason, detail) in [(EngineCloseReason.transportClose, nil), (.transportError, "a frame without mask")] {
            var session = webSocket()
            #expect(
                session.webSocketEnded(because: reason, detail: detail) == [.retire, .ended(reason, detail: detail)])
            expectDead(session, reason)
        }
    }

    @Test func `a session on a WebSocket takes no requests and no second WebSocket`() {
        var session = webSocket()
        #expect(session.beginPoll() == [.refuseRequest])
        #expect(session.beginPost(isBinary: false) == [.refuseRequest])
        #expect(session.beginPost(isBinary: true) == [.refuseRequest])
        #expect(session.probeConnected(now: start, rules: rules) == [.refuseProbe])
        #expect(session.receiveProbe(.probe, now: start) == [])
        #expect(session.pollAborted() == [])
        #expect(session.postAborted() == [])
        #expect(session.turnEnded(rules: rules) == [])
        #expect(session.queue(first, rules: rules) == false)
        session.postEnded()
        session.probeEnded()
        #expect(session.isOpen == true)
        #expect(session.transport == .webSocket)
        #expect(session.deadline == at(25))
    }

    // MARK: 3.5 Heartbeat

    @Test func `over polling the ping ends the open GET with the turn`() {
        var session = waiting()
        #expect(session.handleTimeout(now: at(24.999), rules: rules) == [])
        #expect(session.handleTimeout(now: at(25), rules: rules) == [.awaitTurnEnd])
        #expect(session.deadline == at(45))
        #expect(session.turnEnded(rules: rules) == [.answerPoll([.text(.ping)])])
        #expect(session.receive(.pong, now: at(30), rules: rules) == [])
        #expect(session.deadline == at(55))
    }

    @Test func `a ping waits behind the messages of its turn`() {
        var session = waiting()
        #expect(session.queue(first, rules: rules) == true)
        #expect(session.handleTimeout(now: at(25), rules: rules) == [])
        #expect(session.turnEnded(rules: rules) == [.answerPoll([first, .text(.ping)])])
    }

    @Test func `over a WebSocket the ping is sent, and the next one an interval after its pong`() {
        var session = webSocket()
        #expect(session.handleTimeout(now: at(25), rules: rules) == [.send(.text(.ping))])
        #expect(session.deadline == at(45))
        #expect(session.receive(.pong, now: at(31), rules: rules) == [])
        #expect(session.deadline == at(56))
        #expect(session.receive(.pong, now: at(32), rules: rules) == [], "nobody asked for it")
        #expect(session.deadline == at(56))
    }

    @Test func `without a pong in time the session ends with ping timeout, 1 or 1008`() {
        var session = waiting()
        _ = session.handleTimeout(now: at(25), rules: rules)
        _ = session.turnEnded(rules: rules)
        #expect(session.beginPoll() == [.holdPoll])
        #expect(session.handleTimeout(now: at(44.999), rules: rules) == [])
        #expect(
            session.handleTimeout(now: at(45), rules: rules) == [
                .answerPoll([.text(.close)]), .retire, .ended(.pingTimeout, detail: nil),
            ])
        expectDead(session, .pingTimeout)
        var other = webSocket()
        _ = other.handleTimeout(now: at(25), rules: rules)
        #expect(
            other.handleTimeout(now: at(45), rules: rules) == [
                .closeWebSocket(.policyViolation), .retire, .ended(.pingTimeout, detail: nil),
            ])
        expectDead(other, .pingTimeout)
    }

    @Test func `an upgrade between a ping and its pong does not move the deadline`() {
        var session = waiting()
        _ = session.handleTimeout(now: at(25), rules: rules)
        _ = session.turnEnded(rules: rules)
        _ = session.probeConnected(now: at(26), rules: rules)
        #expect(session.receiveProbe(.probe, now: at(26)) == [.answerProbe])
        #expect(session.receiveProbe(.upgrade, now: at(27)) == [.switchTransport([])])
        #expect(session.deadline == at(45))
        #expect(session.receive(.pong, now: at(30), rules: rules) == [])
        #expect(session.deadline == at(55))
    }

    // MARK: 3.6 Upgrade

    @Test func `moves to WebSocket: the probe is answered, the GET ends, and what waited follows`() {
        var session = waiting()
        #expect(session.probeConnected(now: at(1), rules: rules) == [.keepProbe])
        #expect(session.receiveProbe(.probe, now: at(1)) == [.answerProbe, .answerPoll([.text(.noop)])])
        #expect(session.transport == .polling)
        #expect(session.queue(first, rules: rules) == true)
        #expect(session.queue(second, rules: rules) == false)
        #expect(session.turnEnded(rules: rules) == [])
        #expect(session.receiveProbe(.upgrade, now: at(2)) == [.switchTransport([first, second])])
        #expect(session.transport == .webSocket)
        #expect(session.isOpen == true)
        #expect(session.deadline == at(25))
    }

    @Test func `until 5, messages travel by polling`() {
        var session = probed()
        #expect(session.queue(first, rules: rules) == true)
        #expect(session.beginPoll() == [.holdPoll, .answerPoll([first])])
    }

    @Test func `a GET that is open at the switch ends with a noop, and a POST is not touched`() {
        var session = probed()
        #expect(session.beginPoll() == [.holdPoll])
        #expect(session.beginPost(isBinary: false) == [.collectPost])
        #expect(session.receiveProbe(.upgrade, now: at(0.05)) == [.answerPoll([.text(.noop)]), .switchTransport([])])
        session.postEnded()
        #expect(session.isOpen == true)
    }

    @Test func `a GET that opens while the client is about to switch ends within 100 ms`() {
        var session = probed(from: 1)
        #expect(session.deadline == at(1.1))
        #expect(session.handleTimeout(now: at(1.1), rules: rules) == [])
        #expect(session.beginPoll() == [.holdPoll])
        #expect(session.deadline == at(1.2))
        #expect(session.handleTimeout(now: at(1.2), rules: rules) == [.answerPoll([.text(.noop)])])
        #expect(session.handleTimeout(now: at(1.2), rules: rules) == [])
    }

    @Test func `5 without a probe switches too, and 2probe is answered again`() {
        var session = polling()
        _ = session.probeConnected(now: start, rules: rules)
        #expect(session.receiveProbe(.upgrade, now: start) == [.switchTransport([])])
        var other = probed()
        #expect(other.receiveProbe(.probe, now: at(0.01)) == [.answerProbe])
        #expect(other.deadline == at(0.1), "which buys no time")
    }

    @Test func `anything else on the probe closes it, and the session may upgrade again`() {
        var session = probed()
        _ = session.beginPoll()
        #expect(session.receiveProbe(.other, now: at(0.01)) == [.closeProbe])
        #expect(session.isPollOpen == true)
        #expect(session.transport == .polling)
        #expect(session.deadline == at(25))
        #expect(session.probeConnected(now: at(1), rules: rules) == [.keepProbe])
    }

    @Test func `a probe that takes too long is closed, and one that is gone forgotten`() {
        var session = polling()
        _ = session.probeConnected(now: at(3), rules: rules)
        #expect(session.deadline == at(13))
        #expect(session.handleTimeout(now: at(12.999), rules: rules) == [])
        #expect(session.handleTimeout(now: at(13), rules: rules) == [.closeProbe])
        #expect(session.deadline == at(25))
        #expect(session.probeConnected(now: at(14), rules: rules) == [.keepProbe])
        session.probeEnded()
        #expect(session.deadline == at(25))
        #expect(session.isOpen == true)
        #expect(session.probeConnected(now: at(15), rules: rules) == [.keepProbe])
    }

    @Test func `a second WebSocket is closed, and the session does not notice`() {
        var session = probed()
        #expect(session.probeConnected(now: at(0.05), rules: rules) == [.refuseProbe])
        #expect(session.deadline == at(0.1))
        #expect(session.receiveProbe(.upgrade, now: at(0.06)) == [.switchTransport([])])
    }

    @Test func `a session that is over takes its probe with it`() {
        var session = probed()
        #expect(
            session.fail(because: .parseError, "no packet") == [
                .closeProbe, .retire, .ended(.parseError, detail: "no packet"),
            ])
        expectDead(session, .parseError)
    }

    @Test func `a session is small: most of ten thousand do nothing`() {
        #expect(MemoryLayout<EngineServerSession>.size <= 10)
    }
}
