import SocketIOWire
import Testing

/// Where tests of a server's session begin.
protocol SessionScenarios {}

extension SessionScenarios {
    typealias Session = EngineServerSession

    var rules: Session.Rules { Session.Rules() }
    var start: CompactInstant { CompactInstant(nanoseconds: 1) }
    var first: EnginePacket { .text(.message, Array("first".utf8)) }
    var second: EnginePacket { .binary([1, 2, 3]) }

    func at(_ seconds: Double) -> CompactInstant {
        start + .milliseconds(Int((seconds * 1000).rounded()))
    }

    func polling() -> Session { Session(.polling, now: start, rules: rules) }
    func webSocket() -> Session { Session(.webSocket, now: start, rules: rules) }

    /// On polling, with a GET that waits.
    func waiting() -> Session {
        var session = polling()
        #expect(session.beginPoll() == [.holdPoll])
        return session
    }

    func probed(from seconds: Double = 0) -> Session {
        var session = polling()
        #expect(session.probeConnected(now: at(seconds), rules: rules) == [.keepProbe])
        #expect(session.receiveProbe(.probe, now: at(seconds)) == [.answerProbe])
        return session
    }

    func draining(_ packets: EnginePacket...) -> Session {
        var session = polling()
        for packet in packets { _ = session.queue(packet, rules: rules) }
        #expect(session.close(because: .forcedClose, now: start, rules: rules) == [.ended(.forcedClose, detail: nil)])
        return session
    }

    func closed() -> Session {
        var session = webSocket()
        _ = session.close(because: .forcedClose, now: start, rules: rules)
        return session
    }

    func expectDead(
        _ session: consuming Session, _ reason: EngineCloseReason, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(session.isOpen == false, sourceLocation: sourceLocation)
        #expect(session.transport == nil, sourceLocation: sourceLocation)
        #expect(session.deadline == nil, sourceLocation: sourceLocation)
        #expect(session.closeReason == reason, sourceLocation: sourceLocation)
    }
}
