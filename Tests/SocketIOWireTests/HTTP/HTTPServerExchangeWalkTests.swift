import Foundation
import SocketIOWire
import TestSupport
import Testing

/// Connections with a client, a router and a clock that do what chance says, and what must hold all the while.
@Suite struct HTTPServerExchangeWalkTests {
    @Test(arguments: 1...10)
    func `whatever a client and a router do, each request is answered once, in order and in time`(seed: UInt64) {
        var walk = ExchangeWalk(seed: seed)
        walk.take(steps: ExchangeWalk.steps / 10)
        let (faults, counts) = (walk.faults, walk.counts)
        #expect(faults == [])
        // That it went everywhere.
        #expect(counts.count == ExchangeWalk.Outcome.allCases.count, "\(counts)")
    }
}

struct ExchangeWalk: ~Copyable {
    /// `EXCHANGE_WALK_STEPS` of the environment, or enough to meet everything.
    static let steps = ProcessInfo.processInfo.environment["EXCHANGE_WALK_STEPS"].flatMap { Int($0) } ?? 1_000_000

    enum Outcome: CaseIterable {
        case answered, streamed, cut, refused, timedOut, idleClosed, finished, lost, overrun, upgraded, left, shut
    }

    private(set) var faults: [String] = []
    private(set) var counts: [Outcome: Int] = [:]
    private var stepCount = 0

    private var random: SeededGenerator
    private var now = CompactInstant(nanoseconds: 0)
    private var unsent = 0
    private var exchange: HTTPServerExchange
    private let output = ByteWriter()

    /// What the client has still to send, and what it is about.
    private var script: [UInt8] = []
    private var requests: [(method: HTTPMethod, body: String)] = []
    private var isFinished = false
    private var begun = 0
    /// Whether an answer is owed, and whether it is under way.
    private var isOwed = false
    private var isStreaming = false
    private var isCollecting = false
    private var leaving: HTTPRequestHead?
    private var hasEnded = false
    private var isUpgraded = false
    private var largestReceive = 0
    /// Whose answerer was last told that the client has closed its side.
    private var toldAt = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        exchange = HTTPServerExchange(limits: ExchangePeer.limits, now: now)
    }

    mutating func take(steps: Int) {
        var age = 0
        for _ in 0..<steps where faults.count < 5 {
            stepCount += 1
            step()
            check()
            age += 1
            if (hasEnded || isUpgraded) && chance(5) || age > 500 && chance(20) {
                age = 0
                begin()
            }
        }
    }

    private mutating func begin() {
        exchange = HTTPServerExchange(limits: ExchangePeer.limits, now: now)
        output.removeAll()
        script = []
        requests = []
        begun = 0
        unsent = 0
        largestReceive = 0
        toldAt = 0
        leaving = nil
        isFinished = false
        isOwed = false
        isStreaming = false
        isCollecting = false
        hasEnded = false
        isUpgraded = false
    }

    // MARK: Steps

    private mutating func step() {
        switch number(100) {
        case 0..<40: deliver()
        case 40..<60: answer()
        case 60..<75: settle()
        case 75..<90: pass()
        case 90..<94: unsent = chance(10) ? 1001 : number(1000)
        case 94: if chance(3) { finish() }
        case 95: if chance(6) { end(exchange.connectionLost(), .lost) }
        case 96: if chance(6) { end(exchange.shutDown(), .shut) }
        default: settle()
        }
    }

    private mutating func deliver() {
        guard exchange.isReading, !isFinished, !hasEnded else { return }
        if script.isEmpty { write() }
        let count = min(script.count, chance(3) ? 1 : 1 + number(150))
        let bytes = Array(script[..<count])
        script.removeFirst(count)
        largestReceive = max(largestReceive, count)
        if exchange.isBehind { exchange.keep(bytes.span) } else { read(bytes) }
        settle()
    }

    private mutating func read(_ bytes: [UInt8]) {
        var cursor = 0
        while let action = exchange.receive(bytes.span, from: &cursor, unsent: unsent, now: now) { perform(action) }
        if cursor < bytes.count { exchange.keep(bytes.span.extracting(cursor..<bytes.count)) }
    }

    private mutating func settle() {
        while let action = exchange.proceed() { perform(action) }
    }

    private mutating func finish() {
        guard !isFinished else { return }
        isFinished = true
        settle()
        exchange.peerFinished()
        settle()
        expect(
            !isOwed || isCollecting || leaving != nil || toldAt == begun || hasEnded || isUpgraded,
            "nobody is told of a half-close")
    }

    private mutating func pass() {
        now = now.advanced(by: .milliseconds(chance(4) ? number(70_000) : number(5_000)))
        let deadline = exchange.deadline
        let isDue = deadline.map { now >= $0 } ?? false
        let action = exchange.handleTimeout(unsent: unsent, now: now)
        if isDue {
            let next = exchange.deadline
            expect(action != nil || next.map { $0 > now } ?? false, "a deadline is over and nothing happens")
        } else {
            expect(action == nil && exchange.deadline == deadline, "a timeout before its deadline")
        }
        if case .close? = action { end(action, .idleClosed) } else { end(action, .timedOut) }
    }

    /// A piece of an answer, or one where none is wanted.
    private mutating func answer() {
        if isStreaming { return stream() }
        let canBeAnswered = isOwed && leaving == nil && !hasEnded && !isUpgraded
        let method = begun > 0 ? requests[begun - 1].method : .get
        if chance(3) {
            let length: HTTPBodyLength = chance(2) ? .fixed(number(20)) : .chunked
            let isBegun = exchange.beginResponse(status: 200, fields: [:], length: length, now: now, into: output)
            expect(isBegun == canBeAnswered, "a response begins, or not, against what is owed")
            isStreaming = isBegun
            if isBegun { isCollecting = false }
            return
        }
        let body = Array(repeating: UInt8(ascii: "x"), count: number(30))
        let form = exchange.respond(
            status: chance(10) ? 304 : 200, fields: [:], body: body.span, closing: chance(10), now: now, into: output)
        expect((form != nil) == canBeAnswered, "an answer, or none, against what is owed")
        guard let form else { return }
        finishAnswer(method, keepsAlive: form.keepsAlive, .answered)
    }

    private mutating func stream() {
        let method = requests[begun - 1].method
        if chance(3) || !exchange.takesPieces {
            let isCut = exchange.takesPieces && chance(4)
            let action = isCut ? exchange.cutBody() : exchange.endBody(now: now, into: output)
            if case .close? = action { return end(action, .cut) }
            expect(!isCut, "a body that is cut goes on")
            finishAnswer(method, keepsAlive: action == nil, .streamed)
        } else {
            let piece = Array(repeating: UInt8(ascii: "y"), count: number(20))
            let taken = exchange.beginPiece(of: piece.count, into: output)
            guard taken > 0 else { return }
            output.append(piece[..<taken])
            exchange.endPiece(into: output)
        }
    }

    /// The client has one whole response, and no more.
    private mutating func finishAnswer(_ method: HTTPMethod, keepsAlive: Bool, _ outcome: Outcome) {
        counts[outcome, default: 0] += 1
        isOwed = false
        isStreaming = false
        isCollecting = false
        let bytes = output.array()
        output.removeAll()
        var parser = HTTPResponseParser(answering: method)
        var cursor = 0
        var isWhole = false
        do {
            while let event = try parser.next(bytes.span, from: &cursor) {
                if case .end = event { isWhole = true }
            }
            if !isWhole, !keepsAlive, case .end? = try parser.receiveEnd() { isWhole = true }
        } catch {
            faults.append("a response that is none: \(error)")
        }
        expect(isWhole && cursor == bytes.count, "what was sent is not one response")
        if !keepsAlive { hasEnded = true }
    }

    private mutating func perform(_ action: HTTPServerExchange.Action) {
        expect(!hasEnded, "something happens after the end")
        switch action {
        case .begin(let head): begin(head)
        case .complete(_, let body):
            expect(isOwed && isCollecting, "a body that nobody waits for")
            expect(requests[begun - 1].body == String(decoding: body, as: UTF8.self), "another body")
            isCollecting = false
        case .piece, .bodyEnd: faults.append("a body that goes on to nobody")
        case .read(let bytes): read(bytes)
        case .forward: expect(isUpgraded, "bytes for another protocol")
        case .leave:
            guard let head = leaving else { return faults.append("a hand-over that nobody asked for") }
            counts[.left, default: 0] += 1
            exchange = exchange.depart()
            exchange.arrive()
            leaving = nil
            decide(head, mayLeave: false)
        case .refuse: end(action, .refused)
        case .finish(nil), .close, .cut: end(action, .finished)
        case .finish: end(action, .overrun)
        case .forwardEnd: expect(isUpgraded && isFinished, "an end for another protocol")
        case .noteHalfClose:
            expect(isFinished && isOwed && toldAt != begun, "a half-close that concerns nobody, or a second time")
            toldAt = begun
        }
    }

    private mutating func begin(_ head: HTTPRequestHead) {
        expect(!isOwed, "a request before the last is answered")
        expect(head.target == "/\(begun)", "another request than the next")
        begun += 1
        isOwed = true
        decide(head, mayLeave: true)
    }

    private mutating func decide(_ head: HTTPRequestHead, mayLeave: Bool) {
        switch number(10) {
        case 0..<3: answer()
        case 3..<6:
            isCollecting = true
            if exchange.collectBody(of: head, now: now) { expect(head.expectsContinue, "100 without being asked") }
        case 6: exchange.wait(.aborts)
        case 7 where mayLeave: if exchange.leave() { leaving = head }
        case 8 where chance(8):
            expect(exchange.upgrade(), "no upgrade")
            counts[.upgraded, default: 0] += 1
            isUpgraded = true
            isOwed = false
        default: exchange.wait(.isAnswered)
        }
    }

    private mutating func end(_ action: HTTPServerExchange.Action?, _ outcome: Outcome) {
        guard let action else { return }
        switch action {
        case .refuse, .finish, .close, .cut: break
        case .begin, .complete, .piece, .bodyEnd, .read, .forward, .forwardEnd, .leave, .noteHalfClose:
            faults.append("no end")
        }
        expect(!hasEnded && !isUpgraded, "a second end")
        counts[outcome, default: 0] += 1
        hasEnded = true
        isOwed = false
        isStreaming = false
        isCollecting = false
        leaving = nil
    }

    // MARK: The client

    private mutating func write() {
        let target = "/\(requests.count)"
        var method = HTTPMethod.get
        var body = ""
        switch number(12) {
        case 0 where chance(4): script += Array("GET  x\r\n\r\n".utf8)
        case 0..<4: script += Array(ExchangePeer.get(target, chance(20) ? "Connection: close\r\n" : "").utf8)
        case 4:
            method = .head
            script += Array("HEAD \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        case 5: script += Array("GET \(target) HTTP/1.0\r\n\(chance(3) ? "" : "Connection: keep-alive\r\n")\r\n".utf8)
        case 6: script += Array("\r\n\(ExchangePeer.get(target))".utf8)
        case 7:
            method = .post
            body = String(repeating: "c", count: number(40))
            let pieces = [body.prefix(body.count / 2), body.dropFirst(body.count / 2)].filter { !$0.isEmpty }
            let chunks = pieces.map { "\(String($0.count, radix: 16))\r\n\($0)\r\n" }.joined()
            script += Array(
                "POST \(target) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n".utf8)
        default:
            method = .post
            body = String(repeating: "b", count: chance(30) ? 101 : number(60))
            script += Array(ExchangePeer.post(target, body, chance(5) ? "Expect: 100-continue\r\n" : "").utf8)
        }
        requests.append((method, body))
    }

    // MARK: What must hold

    private mutating func check() {
        expect(exchange.isOpen == !(hasEnded || isUpgraded), "open after the end, or closed before it")
        expect(
            exchange.unreadByteCount <= ExchangePeer.limits.pipelinedBytes + largestReceive,
            "more is kept than the limit and what arrived last")
        expect(
            exchange.isWaiting == (isOwed && !isStreaming && !isCollecting && leaving == nil),
            "isWaiting against what is owed")
        if hasEnded || isUpgraded { expect(exchange.deadline == nil, "a deadline after the end") }
        if hasEnded { expect(exchange.unreadByteCount == 0, "bytes after the end") }
        let hasDeadline = !hasEnded && !isUpgraded && (!isOwed || isStreaming || isCollecting)
        expect((exchange.deadline != nil) == hasDeadline, "a state without its deadline, or with one that it has not")
    }

    private mutating func expect(_ condition: Bool, _ fault: StaticString) {
        if !condition { faults.append("\(fault); at step \(stepCount)") }
    }

    private mutating func number(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
    private mutating func chance(_ one: Int) -> Bool { number(one) == 0 }
}
