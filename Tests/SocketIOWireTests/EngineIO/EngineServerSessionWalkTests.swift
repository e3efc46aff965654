import Foundation
import SocketIOWire
import TestSupport
import Testing

/// Sessions that live through whatever may happen to them, in any order. `WALK_STEPS` says how many steps are taken.
@Suite struct EngineServerSessionWalkTests {
    @Test(arguments: [EngineDialect.revision4, .revision3])
    func `whatever happens, nothing is lost, doubled, forgotten or said after the end`(
        _ dialect: EngineDialect
    ) throws {
        let steps = ProcessInfo.processInfo.environment["WALK_STEPS"].flatMap { Int($0) } ?? 1_000_000
        let seeds = 10
        var seen = SessionWalk.Seen()
        for seed in 1...seeds {
            var left = steps / seeds
            var generator = SeededGenerator(seed: UInt64(seed))
            while left > 0 {
                let walk = SessionWalk(generator, dialect)
                left -= walk.run(atMost: left)
                if let fault = walk.fault {
                    Issue.record("seed \(seed): \(fault)\n\(walk.trace.suffix(30).joined(separator: "\n"))")
                    return
                }
                generator = walk.generator
                seen.formUnion(walk.seen)
            }
        }
        guard steps >= 1_000_000 else { return }
        #expect(seen.reasons.count == 7, "\(seen.reasons)")
        #expect(seen.actions.count == 15, "\(seen.actions)")
        // Each input in each state in which it can come: what ends a request or a WebSocket needs one.
        #expect(seen.pairs.count == SessionWalk.pairs, "\(seen.pairs.sorted())")
    }
}

/// Does to a session what `EngineSession` would, and keeps an account of its own of what has to come of it.
private final class SessionWalk {
    typealias Session = EngineServerSession

    /// What a walk has come across.
    struct Seen {
        var reasons: Set<EngineCloseReason> = []
        var actions: Set<String> = []
        var pairs: Set<String> = []

        mutating func formUnion(_ other: Seen) {
            reasons.formUnion(other.reasons)
            actions.formUnion(other.actions)
            pairs.formUnion(other.pairs)
        }
    }

    enum Input: String, CaseIterable {
        case poll, post, binaryPost, completePost, refuseBody, abortPoll, abortPost, connectProbe, probe, upgrade, other
        case endProbe, endWebSocket, packet, send, close, fail, evict, endTurn, pass
    }

    /// The pairs of a state and an input that a walk can come across.
    static let pairs = 130

    private struct Probe {
        let until: CompactInstant
        /// Set once it is answered.
        var releaseAt: CompactInstant?
    }

    private enum Arrival {
        case request, webSocket
    }

    private(set) var generator: SeededGenerator
    private(set) var fault: String?
    private(set) var trace: [String] = []
    private(set) var seen = Seen()

    private var session: Session
    private let dialect: EngineDialect
    private let rules: Session.Rules
    private var now = CompactInstant(nanoseconds: 0)

    // The account.
    private var isOnWebSocket: Bool
    private var pollSince: CompactInstant?
    private var isPosting = false
    /// A POST that was being received at the switch: nobody but the driver knows of it.
    private var hasLatePost = false
    private var probe: Probe?
    private var heartbeatDue: CompactInstant
    private var awaitsPong = false
    private var drainsUntil: CompactInstant?
    private var told: EngineCloseReason?
    private var isRetired = false
    private var isTurnEndPlanned = false
    /// What the client has still to get, in order.
    private var expected: [EnginePacket] = []
    private var expectedBytes = 0
    private var nextMessage = 0
    /// Whether an open GET may be ended with a noop now.
    private var mayRelease = false

    init(_ generator: SeededGenerator, _ dialect: EngineDialect) {
        var generator = generator
        var rules = Session.Rules()
        rules.outputLimit = Int.random(in: 20...200, using: &generator) * 25
        self.rules = rules
        self.dialect = dialect
        isOnWebSocket = Int.random(in: 0..<10, using: &generator) == 0
        session = Session(isOnWebSocket ? .webSocket : .polling, dialect: dialect, now: now, rules: rules)
        heartbeatDue = now + rules.pingInterval + (dialect == .revision3 ? rules.pingTimeout : .zero)
        self.generator = generator
    }

    /// Returns how many steps were taken: some more after the end of the session, which must not be noticed.
    func run(atMost limit: Int) -> Int {
        var steps = 0
        var after = 0
        while steps < limit, after < 20, fault == nil {
            step()
            check()
            steps += 1
            if isRetired { after += 1 }
        }
        return steps
    }

    private func random(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

    private func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
        if !condition, fault == nil { fault = what() }
    }

    private var stateName: String {
        if isRetired { return "closed" }
        if isOnWebSocket { return "webSocket" }
        let upgrade = probe == nil ? "" : probe?.releaseAt == nil ? "+probe" : "+probed"
        return (told == nil ? "polling" : "draining") + upgrade
    }

    // MARK: Steps

    private func step() {
        let input = nextInput()
        seen.pairs.insert(stateName + " " + input.rawValue)
        trace.append("\(stateName) \(input)")
        if trace.count > 100 { trace.removeFirst(50) }
        mayRelease = false
        switch input {
        case .poll:
            let wasOpen = pollSince != nil
            let wasLive = told == nil && !isOnWebSocket
            perform(session.beginPoll(), .request)
            if wasLive, wasOpen { expect(told == .transportError, "a second GET") }
        case .post, .binaryPost:
            let wasLive = told == nil && !isOnWebSocket
            let mustFail = wasLive && (isPosting || input == .binaryPost && dialect == .revision4)
            perform(session.beginPost(isBinary: input == .binaryPost), .request)
            if mustFail { expect(told == .transportError, "a second POST, or a binary one") }
        case .completePost:
            if hasLatePost { hasLatePost = false } else { isPosting = false }
            session.postEnded()
            for _ in 0..<random(0..<3) where session.isOpen { receivePacket() }
        case .refuseBody:
            isPosting = false
            session.postEnded()
        case .abortPoll:
            pollSince = nil
            perform(session.pollAborted())
        case .abortPost:
            if hasLatePost {
                hasLatePost = false
            } else {
                isPosting = false
                perform(session.postAborted())
            }
        case .connectProbe: perform(session.probeConnected(now: now, rules: rules), .webSocket)
        case .probe:
            mayRelease = true
            perform(session.receiveProbe(.probe, now: now))
            expect(pollSince == nil, "a GET left open behind 3probe")
        case .upgrade:
            mayRelease = true
            let wasOpen = told == nil
            perform(session.receiveProbe(.upgrade, now: now))
            expect(wasOpen ? isOnWebSocket : isRetired, "5 did not switch")
        case .other: perform(session.receiveProbe(.other, now: now))
        case .endProbe:
            probe = nil
            session.probeEnded()
        case .endWebSocket:
            isOnWebSocket = false
            perform(session.webSocketEnded(because: random(0..<2) == 0 ? .transportClose : .transportError))
            expect(isRetired, "a WebSocket that ended")
        case .packet: receivePacket()
        case .send: for _ in 0...random(0..<4) { send() }
        case .close: close()
        case .fail: perform(session.fail(because: random(0..<2) == 0 ? .parseError : .transportError, "a fault"))
        case .evict:
            perform(session.evict())
            expect(isRetired, "one that lost its place")
        case .endTurn: endTurn()
        case .pass: pass()
        }
    }

    private func nextInput() -> Input {
        // What ends a session comes seldom, so that there is something to end.
        while true {
            switch random(0..<100) {
            case 0..<16: return .poll
            case 16..<24: return .post
            case 24: if random(0..<4) == 0 { return .binaryPost }
            case 25..<34: if isPosting || hasLatePost { return .completePost }
            case 34: if isPosting { return .refuseBody }
            case 35: if pollSince != nil, random(0..<4) == 0 { return .abortPoll }
            case 36: if isPosting || hasLatePost, random(0..<4) == 0 { return .abortPost }
            case 37..<42: return .connectProbe
            case 42..<48: if probe != nil { return .probe }
            case 48..<50: if probe != nil { return .upgrade }
            case 50: if probe != nil { return .other }
            case 51: if probe != nil { return .endProbe }
            case 52: if isOnWebSocket, random(0..<4) == 0 { return .endWebSocket }
            case 53..<58: return .packet
            case 58..<75: return .send
            case 75: if random(0..<2) == 0 { return .close }
            case 76: if random(0..<2) == 0 { return random(0..<2) == 0 ? .fail : .evict }
            case 77..<92: return .endTurn
            default: return .pass
            }
        }
    }

    private func receivePacket() {
        let (ours, theirs): (EnginePacketType, EnginePacketType) =
            dialect == .revision3 ? (.ping, .pong) : (.pong, .ping)
        let types: [EnginePacketType] = [ours, ours, ours, ours, .message, .noop, .open, .upgrade]
        let rare: [EnginePacketType] = [theirs, .close]
        receive(random(0..<30) == 0 ? rare[random(0..<2)] : types[random(0..<types.count)])
    }

    private func receive(_ type: EnginePacketType) {
        let wasOpen = told == nil
        mayRelease = type == .close
        if type == .ping, dialect == .revision3 { queue(.text(.pong)) }
        perform(session.receive(type, now: now, rules: rules))
        guard wasOpen else { return }
        switch type {
        case .ping where dialect == .revision3:
            expect(told == nil, "a ping ended the session")
            heartbeatDue = now + rules.pingInterval + rules.pingTimeout
        case .pong where dialect == .revision3: expect(told == .transportError, "a pong from the client")
        case .pong where awaitsPong:
            awaitsPong = false
            heartbeatDue = now + rules.pingInterval
        case .ping: expect(told == .transportError, "a ping from the client")
        case .close: expect(told == (isOnWebSocket ? nil : .transportClose), "a close packet")
        case .open, .pong, .message, .upgrade, .noop: expect(told == nil, "\(type) ended the session")
        }
    }

    private func send() {
        let packet = EnginePacket.text(.message, [UInt8(nextMessage & 0xFF), UInt8(nextMessage >> 8 & 0xFF)])
        // A WebSocket takes it itself: after what the switch sent on it.
        guard !isOnWebSocket else { return expect(expected.isEmpty, "overtaken by a message") }
        queue(packet)
        nextMessage += 1
        if session.queue(packet, rules: rules) { isTurnEndPlanned = true }
    }

    /// Notes what the client has to get, as the session does.
    private func queue(_ packet: EnginePacket) {
        guard told == nil, expectedBytes <= rules.outputLimit else { return }
        expected.append(packet)
        expectedBytes += Self.size(packet)
    }

    private static func size(_ packet: EnginePacket) -> Int {
        switch packet {
        case .text(_, let content): content.count + 2 + EnginePacket.queueOverhead
        case .binary(let bytes): bytes.count + EnginePacket.queueOverhead
        }
    }

    private func close() {
        let reasons: [EngineCloseReason] = [.forcedClose, .serverShuttingDown, .transportClose, .parseError]
        let reason = reasons[random(0..<reasons.count)]
        let wasOpen = told == nil
        let drains = !isOnWebSocket && reason != .parseError
        if wasOpen, drains { drainsUntil = now + rules.drainTime }
        let wasProbed = probe?.releaseAt != nil
        perform(session.close(because: reason, now: now, rules: rules))
        guard wasOpen else { return }
        expect(told == reason, "told \(String(describing: told)) instead of \(reason)")
        if drains, !isRetired { expect(wasProbed == (probe != nil), "a probe that is answered is kept, no other") }
    }

    private func endTurn() {
        guard isTurnEndPlanned else { return }
        isTurnEndPlanned = false
        let (wasOpen, wasOver) = (told == nil && !isOnWebSocket, expectedBytes > rules.outputLimit)
        perform(session.turnEnded(rules: rules))
        if wasOpen { expect((told == .slowConsumer) == wasOver, "the limit of output") }
    }

    /// Lets time pass, with a timer that is punctual or late.
    private func pass() {
        endTurn()
        let end = now + .milliseconds(random(0..<20) == 0 ? random(0..<31_000) : random(0..<150))
        if random(0..<10) == 0 {
            now = end
            fireTimer()
        }
        // Or the walk would end here.
        if dialect == .revision3, told == nil, end >= heartbeatDue, random(0..<5) > 0 {
            receive(.ping)
            endTurn()
        }
        while let deadline = session.deadline, deadline <= end, fault == nil {
            now = max(now, deadline)
            fireTimer()
            endTurn()
            // Or the walk would be nothing else.
            if told == nil, awaitsPong, random(0..<5) > 0 {
                perform(session.receive(.pong, now: now, rules: rules))
                awaitsPong = false
                heartbeatDue = now + rules.pingInterval
            }
        }
        now = end
    }

    private func fireTimer() {
        let isDue = told == nil && now >= heartbeatDue
        let timesOut = isDue && (awaitsPong || dialect == .revision3)
        let pings = isDue && !timesOut
        let drained = !isRetired && drainsUntil.map { now >= $0 } == true
        let givesUp = probe.map { now >= $0.until } == true
        let releases = !givesUp && probe?.releaseAt.map { now >= $0 } == true
        if pings {
            awaitsPong = true
            heartbeatDue = now + rules.pingTimeout
            queue(.text(.ping))
        }
        if releases { probe?.releaseAt = now + .milliseconds(100) }
        mayRelease = releases
        perform(session.handleTimeout(now: now, rules: rules))
        if timesOut { return expect(told == .pingTimeout && isRetired, "a silent client was not given up") }
        if drained { return expect(isRetired, "a closed session outlived its time") }
        if givesUp { expect(probe == nil, "a probe outlived its time") }
        if releases { expect(pollSince == nil, "a GET was left open while the client is about to switch") }
        if let deadline = session.deadline { expect(deadline > now, "a deadline in the past") }
        if pings, isOnWebSocket { expect(expected.isEmpty, "no ping") }
    }

    // MARK: What comes of it

    private func perform(_ actions: [Session.Action], _ arrival: Arrival? = nil) {
        let wasRetired = isRetired
        var isAnswered = arrival == nil
        for (index, action) in actions.enumerated() {
            trace.append("    \(action)")
            seen.actions.insert(Self.name(of: action))
            switch action {
            case .holdPoll:
                expect(arrival == .request && pollSince == nil && !isAnswered, "holds a GET")
                isAnswered = true
                pollSince = now
            case .collectPost:
                expect(arrival == .request && !isPosting && !isAnswered, "collects a POST")
                isAnswered = true
                isPosting = true
            case .refuseRequest:
                expect(arrival == .request && !isAnswered, "refuses a request")
                isAnswered = true
            case .keepProbe:
                expect(arrival == .webSocket && probe == nil && !isAnswered, "keeps a probe")
                isAnswered = true
                probe = Probe(until: now + rules.upgradeTimeout)
            case .refuseProbe:
                expect(arrival == .webSocket && !isAnswered, "refuses a probe")
                expect(probe != nil || isOnWebSocket || isRetired, "refuses a probe for nothing")
                isAnswered = true
            case .answerPoll(let packets):
                expect(pollSince != nil && !packets.isEmpty, "answers no GET")
                pollSince = nil
                take(packets)
            case .awaitTurnEnd:
                isTurnEndPlanned = true
            case .refusePost:
                expect(isPosting, "refuses no POST")
                isPosting = false
            case .answerProbe:
                expect(probe != nil, "answers no probe")
                if probe?.releaseAt == nil { probe?.releaseAt = now + .milliseconds(100) }
            case .closeProbe:
                expect(probe != nil, "closes no probe")
                probe = nil
            case .switchTransport(let packets):
                expect(probe != nil && pollSince == nil, "switches")
                probe = nil
                isOnWebSocket = true
                hasLatePost = isPosting
                isPosting = false
                take(packets)
                expect(expected.isEmpty, "a message was left behind")
            case .send(let packet):
                expect(isOnWebSocket, "sends on no WebSocket")
                take([packet])
            case .closeWebSocket:
                expect(isOnWebSocket, "closes no WebSocket")
                isOnWebSocket = false
            case .retire:
                expect(!isRetired, "retires twice")
                expect(pollSince == nil && !isPosting && probe == nil, "leaves something open")
                isOnWebSocket = false
                isRetired = true
            case .ended(let reason, _):
                expect(told == nil, "ends twice")
                expect(index == actions.count - 1, "does something after the application was told")
                told = reason
                seen.reasons.insert(reason)
            }
        }
        expect(isAnswered, "something at hand was forgotten")
        if wasRetired { expect(actions.count <= (arrival == nil ? 0 : 1), "speaks after its end") }
    }

    /// The client gets packets.
    private func take(_ packets: [EnginePacket]) {
        for packet in packets {
            switch packet {
            case .text(.noop, _):
                expect(packets.count == 1 && mayRelease, "a noop")
            case .text(.close, _):
                expect(packets.count == 1, "1 with messages")
                // In a session that was closed in order, all of them came before it.
                if drainsUntil != nil { expect(expected.isEmpty, "1 before the messages") }
            default:
                expect(packet == expected.first, "\(packet) instead of \(String(describing: expected.first))")
                if !expected.isEmpty { expectedBytes -= Self.size(expected.removeFirst()) }
            }
        }
    }

    /// What holds after every step.
    private func check() {
        expect(session.dialect == dialect, "dialect")
        expect(session.isOpen == (told == nil), "isOpen")
        expect(session.closeReason == told, "closeReason")
        expect(session.transport == (isRetired ? nil : isOnWebSocket ? .webSocket : .polling), "transport")
        expect(session.isPollOpen == (pollSince != nil), "isPollOpen")
        if told != nil { expect(pollSince == nil, "a closed session holds a GET") }
        if told == nil, pollSince != nil, !isTurnEndPlanned { expect(expected.isEmpty, "messages were forgotten") }
        expect(session.deadline == deadline, "deadline \(String(describing: session.deadline))")
    }

    private var deadline: CompactInstant? {
        guard !isRetired else { return nil }
        let ends = [told == nil ? heartbeatDue : drainsUntil, probe?.until, probe?.releaseAt]
        return ends.compactMap { $0 }.min()
    }

    private static func name(of action: Session.Action) -> String {
        switch action {
        case .holdPoll: "holdPoll"
        case .collectPost: "collectPost"
        case .refuseRequest: "refuseRequest"
        case .answerPoll: "answerPoll"
        case .awaitTurnEnd: "awaitTurnEnd"
        case .refusePost: "refusePost"
        case .keepProbe: "keepProbe"
        case .refuseProbe: "refuseProbe"
        case .answerProbe: "answerProbe"
        case .closeProbe: "closeProbe"
        case .switchTransport: "switchTransport"
        case .send: "send"
        case .closeWebSocket: "closeWebSocket"
        case .retire: "retire"
        case .ended: "ended"
        }
    }
}
