import SocketIOWire
import TestSupport
import Testing

@Suite struct HTTPServerExchangeTests {
    private typealias Peer = ExchangePeer

    // MARK: Requests in order

    @Test func `a request is begun, answered, and the connection awaits the next`() {
        var peer = Peer(.answer("a"), .answer("b"))
        peer.receive(Peer.get("/1"))
        #expect(peer.events() == [.begin("GET /1"), Peer.ok("a")])
        peer.receive(Peer.get("/2"))
        #expect(peer.events() == [.begin("GET /2"), Peer.ok("b")])
        #expect(peer.exchange.isOpen == true)
    }

    @Test func `pipelined requests that are answered at once are one after the other`() {
        var peer = Peer(.answer("a"), .answer("b"), .answer("c"))
        peer.receive(Peer.get("/1") + Peer.get("/2") + Peer.get("/3"))
        #expect(
            peer.events() == [
                .begin("GET /1"), Peer.ok("a"), .begin("GET /2"), Peer.ok("b"), .begin("GET /3"), Peer.ok("c"),
            ])
    }

    @Test func `what is pipelined behind a request that waits begins once that is answered, and not before proceed`() {
        var peer = Peer(.wait, .answer("b"))
        peer.receive(Peer.get("/1") + Peer.get("/2"))
        #expect(peer.events() == [.begin("GET /1")])
        #expect(peer.exchange.isBehind == true)
        peer.answer("a")
        #expect(peer.events() == [Peer.ok("a")])
        peer.settle()
        #expect(peer.events() == [.begin("GET /2"), Peer.ok("b")])
    }

    @Test func `what arrives while something waits for proceed comes behind it`() {
        var peer = Peer(.wait, .answer("b"), .answer("c"))
        peer.receive(Peer.get("/1") + Peer.get("/2"))
        peer.answer("a")
        peer.receive(Peer.get("/3"))
        #expect(
            peer.events() == [
                .begin("GET /1"), Peer.ok("a"), .begin("GET /2"), Peer.ok("b"), .begin("GET /3"), Peer.ok("c"),
            ])
    }

    @Test func `the connection is not read while more is pipelined than the limit`() {
        var peer = Peer(.poll)
        peer.receive(Peer.get("/1"))
        peer.receive(String(repeating: "x", count: 200))
        #expect(peer.exchange.isReading == true)
        peer.receive("y")
        #expect(peer.exchange.isReading == false)
        peer.answer("")
        peer.settle()
        #expect(peer.exchange.isReading == true)
    }

    @Test func `a second answer, and one without a request, has no effect`() {
        var peer = Peer(.answer("a"))
        #expect(peer.answer("x") == false)
        peer.receive(Peer.get("/1"))
        #expect(peer.answer("x") == false)
        #expect(peer.begin(.fixed(1)) == false)
        #expect(peer.events() == [.begin("GET /1"), Peer.ok("a")])
    }

    @Test func `an answer that does not keep the connection ends it, and what is pipelined with it`() {
        for (request, closing) in [(Peer.get("/1", "Connection: close\r\n"), false), (Peer.get("/1"), true)] {
            var peer = Peer(.wait)
            peer.receive(request + Peer.get("/2"))
            peer.answer("a", closing: closing)
            peer.settle()
            #expect(peer.events() == [.begin("GET /1"), Peer.ok("a", closes: true), .finish])
            #expect(peer.exchange.isOpen == false)
        }
    }

    @Test func `a client that reads nothing of what it asks for is let go at its next request`() {
        var peer = Peer(.answer("a"), .answer("b"))
        peer.unsent = 1000
        peer.receive(Peer.get("/1"))
        peer.unsent = 1001
        peer.receive(Peer.get("/2"))
        #expect(peer.events() == [.begin("GET /1"), Peer.ok("a"), .overrun])
    }

    // MARK: Bodies

    @Test func `a body is collected and given with its head`() {
        var peer = Peer(.collect)
        peer.receive(Peer.post("/p", "hello"))
        #expect(peer.events() == [.begin("POST /p"), .complete("hello")])
        peer.answer("a")
        #expect(peer.events() == [Peer.ok("a")])
    }

    @Test func `a body that nobody wants is read over when the answer comes late, and ends the connection when early`()
    {
        var late = Peer(.wait, .answer("b"))
        late.receive(Peer.post("/p", "hello") + Peer.get("/2"))
        late.answer("a")
        late.settle()
        #expect(late.events() == [.begin("POST /p"), Peer.ok("a"), .begin("GET /2"), Peer.ok("b")])
        var early = Peer(.answer("a"))
        early.receive(Peer.post("/p", "hello") + Peer.get("/2"))
        #expect(early.events() == [.begin("POST /p"), Peer.ok("a", closes: true), .finish])
    }

    @Test func `a body that is being collected can be answered before it is whole`() {
        var peer = Peer(.collect)
        peer.receive(Peer.post("/p", "hello").dropLast() + "")
        peer.answer("no")
        #expect(peer.events() == [.begin("POST /p"), Peer.ok("no", closes: true), .finish])
    }

    @Test func `a client that waits for it is told to send its body, but not one that will be refused`() {
        let expect = "Expect: 100-continue\r\n"
        var peer = Peer(.collect)
        peer.receive(Peer.post("/p", "hello", expect))
        #expect(peer.events() == [.begin("POST /p"), .sent("100"), .complete("hello")])
        var refused = Peer(.collect)
        refused.receive(Peer.post("/p", String(repeating: "x", count: 101), expect))
        #expect(refused.events() == [.begin("POST /p"), .refuse(413)])
        var other = Peer()
        other.receive(Peer.post("/p", "hello", "Expect: magic\r\n"))
        #expect(other.events() == [.refuse(417)])
    }

    @Test func `a malformed request is refused, and nothing after it is read`() {
        var peer = Peer()
        peer.receive("GET  / HTTP/1.1\r\n\r\n" + Peer.get("/2"))
        peer.receive(Peer.get("/3"))
        #expect(peer.events() == [.refuse(400)])
        #expect(peer.exchange.isBehind == false)
    }

    // MARK: Elsewhere

    @Test func `a request of another loop waits there, with its body and what is pipelined`() {
        var peer = Peer(.leave, .collect, .answer("b"))
        peer.receive(Peer.post("/p", "hello") + Peer.get("/2"))
        #expect(peer.events() == [.begin("POST /p"), .leave, .complete("hello")])
        #expect(peer.exchange.isWaiting == true)
        peer.answer("a")
        peer.settle()
        #expect(peer.events() == [Peer.ok("a"), .begin("GET /2"), Peer.ok("b")])
    }

    @Test func `a request whose body is empty is whole on the other loop at once`() {
        for request in [Peer.get("/p"), Peer.post("/p", "")] {
            var peer = Peer(.leave, .collect)
            peer.receive(request)
            #expect(peer.events().suffix(2) == [.leave, .complete("")])
        }
    }

    @Test func `a body waits until it is known what becomes of its request, and both are told of the end`() {
        let bytes = Array((Peer.post("/p", "hello") + Peer.get("/2")).utf8)
        for cut in 0...bytes.count {
            var peer = Peer(.think, .collect, .answer("b"))
            for part in bytes.cut(at: [cut]) { peer.receive(part) }
            peer.finish()
            #expect(peer.events() == [.begin("POST /p"), .halfClose], "cut at \(cut)")
            #expect(peer.exchange.deadline == nil)
            peer.decide()
            #expect(peer.events() == [.complete("hello"), .halfClose], "cut at \(cut)")
            peer.answer("a")
            peer.settle()
            #expect(peer.events() == [Peer.ok("a"), .begin("GET /2"), Peer.ok("b"), .finish], "cut at \(cut)")
        }
    }

    @Test func `a request about which nothing is known can be refused, or go to another loop with its body`() {
        var refused = Peer(.think)
        refused.receive(Peer.post("/p", "hello"))
        refused.answer("no")
        refused.settle()
        // Its body was not looked at.
        #expect(refused.events() == [.begin("POST /p"), Peer.ok("no", closes: true), .finish])
        var gone = Peer(.think, .leave, .collect)
        gone.receive(Peer.post("/p", "hello"))
        gone.decide()
        #expect(gone.events() == [.begin("POST /p"), .leave, .complete("hello")])
    }

    @Test func `nothing of a connection is left where it departs from`() {
        let now = CompactInstant(nanoseconds: 0)
        var exchange = HTTPServerExchange(limits: Peer.limits, now: now)
        var cursor = 0
        let request = Array(Peer.get("/1").utf8)
        _ = exchange.receive(request.span, from: &cursor, unsent: 0, now: now)
        #expect(exchange.leave() == true)
        exchange.keep([1].span)
        let moved = exchange.depart()
        #expect(moved.isOpen == true)
        #expect(moved.isBehind == true)
        #expect(exchange.isOpen == false)
        #expect(exchange.isBehind == false)
        #expect(exchange.deadline == nil)
    }

    @Test func `what comes behind an upgrade belongs to the protocol that is spoken then`() {
        var peer = Peer(.upgrade)
        peer.receive(Peer.get("/ws") + "frames")
        #expect(peer.events() == [.begin("GET /ws"), .forward("frames")])
        #expect(peer.exchange.isOpen == false)
        #expect(peer.exchange.deadline == nil)
        peer.finish()
        peer.lose()
        peer.shutDown()
        #expect(peer.events() == [])
    }

    @Test func `a request that cannot be upgraded is refused`() {
        var peer = Peer(.wait)
        peer.receive(Peer.get("/ws"))
        peer.refuse(HTTPFailure(426, "old"))
        #expect(peer.events() == [.begin("GET /ws"), .refuse(426)])
        #expect(peer.answer("late") == false)
    }

    // MARK: Ends

    @Test func `a client that closes its side gets the answers that it is owed, and then the end`() {
        var peer = Peer(.wait, .wait)
        peer.receive(Peer.get("/1") + Peer.get("/2"))
        peer.finish()
        #expect(peer.events() == [.begin("GET /1"), .halfClose])
        peer.answer("a")
        peer.settle()
        #expect(peer.events() == [Peer.ok("a"), .begin("GET /2"), .halfClose])
        peer.settle()
        peer.answer("b")
        #expect(peer.events() == [Peer.ok("b")])
        peer.settle()
        #expect(peer.events() == [.finish])
    }

    @Test func `whoever answers a request that a client sent whole before it closed its side is told so, each once`() {
        var peer = Peer(.wait, .collect, .answer("c"), .leave, .wait, .wait)
        peer.receive(Peer.get("/1") + Peer.post("/2", "two") + Peer.get("/3") + Peer.get("/4") + Peer.get("/5"))
        peer.finish()
        #expect(peer.events() == [.begin("GET /1"), .halfClose])
        peer.answer("a")
        peer.settle()
        #expect(peer.events() == [Peer.ok("a"), .begin("POST /2"), .complete("two"), .halfClose])
        peer.answer("b")
        peer.settle()
        #expect(
            peer.events() == [Peer.ok("b"), .begin("GET /3"), Peer.ok("c"), .begin("GET /4"), .leave, .halfClose])
        peer.begin(.fixed(1))
        peer.piece("d")
        peer.endBody()
        _ = peer.events()
        peer.settle()
        #expect(peer.events() == [.begin("GET /5"), .halfClose])
        peer.answer("e")
        peer.settle()
        #expect(peer.events() == [Peer.ok("e"), .finish])
    }

    @Test func `a poll that a client pipelined before it closed its side ends at once, and what is behind it`() {
        var peer = Peer(.wait, .poll)
        peer.receive(Peer.get("/1") + Peer.get("/2") + Peer.get("/3"))
        peer.finish()
        peer.answer("a")
        peer.settle()
        #expect(peer.events() == [.begin("GET /1"), .halfClose, Peer.ok("a"), .begin("GET /2"), .finish])
    }

    @Test func `an answer that is sent in pieces is told of a client that closes its side, once`() {
        var peer = Peer(.wait, .answer("b"))
        peer.receive(Peer.get("/1"))
        peer.begin(.fixed(2))
        peer.finish()
        peer.settle()
        #expect(peer.events().last == .halfClose)
        peer.piece("aa")
        #expect(peer.events() == [.sent("aa")])
        peer.endBody()
        peer.settle()
        #expect(peer.events() == [.finish])
    }

    @Test func `a protocol that was pipelined hears of the end of the client's side, behind its bytes`() {
        var peer = Peer(.wait, .upgrade)
        peer.receive(Peer.get("/1") + Peer.get("/ws") + "frames")
        peer.finish()
        peer.answer("a")
        peer.settle()
        peer.settle()
        #expect(
            peer.events() == [
                .begin("GET /1"), .halfClose, Peer.ok("a"), .begin("GET /ws"), .forward("frames"), .forwardEnd,
            ])
    }

    @Test func `a client that closes its side ends a poll, a body and an idle connection`() {
        var poll = Peer(.poll)
        poll.receive(Peer.get("/1"))
        poll.finish()
        #expect(poll.events() == [.begin("GET /1"), .finish])
        var body = Peer(.collect)
        body.receive(Peer.post("/p", "hello").dropLast() + "")
        body.finish()
        #expect(body.events() == [.begin("POST /p"), .finish])
        var idle = Peer()
        idle.finish()
        #expect(idle.events() == [.finish])
        var head = Peer()
        head.receive("GET /")
        head.finish()
        #expect(head.events() == [.finish])
    }

    @Test func `a body that a client who closed its side will never complete ends the connection`() {
        var peer = Peer(.wait, .collect)
        peer.receive(Peer.get("/1") + Peer.post("/p", "hello").dropLast())
        peer.finish()
        peer.answer("a")
        peer.settle()
        #expect(peer.events() == [.begin("GET /1"), .halfClose, Peer.ok("a"), .begin("POST /p"), .finish])
    }

    @Test func `a lost connection ends whatever is under way, once`() {
        for decision in [Peer.Decision.wait, .poll, .collect] {
            var peer = Peer(decision)
            peer.receive(Peer.post("/p", "hello").dropLast() + "")
            peer.lose()
            peer.lose()
            peer.finish()
            #expect(peer.events() == [.begin("POST /p"), .close])
            #expect(peer.answer("late") == false)
        }
    }

    @Test func `a server that closes ends connections without a request, and leaves the others their answer`() {
        var idle = Peer()
        idle.shutDown()
        #expect(idle.events() == [.close])
        var head = Peer()
        head.receive("GET /")
        head.shutDown()
        #expect(head.events() == [.close])
        var busy = Peer(.wait)
        busy.receive(Peer.get("/1"))
        busy.shutDown()
        busy.answer("a", closing: true)
        #expect(busy.events() == [.begin("GET /1"), Peer.ok("a", closes: true), .finish])
    }

    // MARK: Time

    @Test func `a new connection has the time of a head, and is closed in silence where nothing came`() {
        var peer = Peer()
        peer.pass(.seconds(10) - .nanoseconds(1))
        #expect(peer.events() == [])
        peer.pass(.nanoseconds(1))
        #expect(peer.events() == [.close])
    }

    @Test func `later bytes of a head do not stop its clock`() {
        var peer = Peer()
        peer.pass(.seconds(6))
        peer.receive("GET /")
        peer.pass(.seconds(3))
        peer.receive(" HTTP/1.1\r\n")
        #expect(peer.events() == [])
        peer.pass(.seconds(1))
        #expect(peer.events() == [.refuse(408)])
    }

    @Test func `an empty line begins no request, but its clock`() {
        var peer = Peer(.answer("a"))
        peer.receive(Peer.get("/1"))
        peer.receive("\r")
        peer.receive("\n")
        _ = peer.events()
        peer.pass(.seconds(10))
        #expect(peer.events() == [.close])
    }

    @Test func `between requests a connection is kept for its own time, and a head that begins has the head's`() {
        var peer = Peer(.answer("a"), .answer("b"))
        peer.receive(Peer.get("/1"))
        peer.pass(.seconds(64))
        peer.receive(Peer.get("/2"))
        peer.pass(.seconds(64))
        peer.receive("G")
        _ = peer.events()
        peer.pass(.seconds(9))
        #expect(peer.events() == [])
        peer.pass(.seconds(1))
        #expect(peer.events() == [.refuse(408)])
    }

    @Test func `a client that still reads the last answer is not idle`() {
        var peer = Peer(.answer("a"))
        peer.receive(Peer.get("/1"))
        _ = peer.events()
        for unsent in [900, 800, 799] {
            peer.unsent = unsent
            peer.pass(.seconds(65))
            #expect(peer.events() == [])
        }
        peer.pass(.seconds(65))
        #expect(peer.events() == [.close])
    }

    @Test func `a body has its time from its head on, and a request that waits has none`() {
        var body = Peer(.collect)
        body.receive(Peer.post("/p", "hello").dropLast() + "")
        body.pass(.seconds(29))
        body.receive("")
        #expect(body.events() == [.begin("POST /p")])
        body.pass(.seconds(1))
        #expect(body.events() == [.refuse(408)])
        var poll = Peer(.poll)
        poll.receive(Peer.get("/1"))
        #expect(poll.exchange.deadline == nil)
        poll.pass(.seconds(1000))
        #expect(poll.events() == [.begin("GET /1")])
    }

    // MARK: Cuts

    /// Every exchange here, with the same decisions, whatever pieces its bytes come in.
    @Test(arguments: [
        (Peer.get("/1") + Peer.get("/2") + Peer.get("/3"), [Peer.Decision.answer("a"), .answer("b"), .answer("c")]),
        (Peer.post("/p", "hello") + Peer.get("/2"), [.collect, .answer("b")]),
        (Peer.post("/p", "hello", "Expect: 100-continue\r\n") + Peer.get("/2"), [.collect]),
        (
            "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: u\r\n\r\n",
            [.collect]
        ),
        (Peer.get("/1") + Peer.post("/p", "hello") + Peer.get("/3"), [.poll]),
        (Peer.get("/1") + Peer.post("/p", "hello") + Peer.get("/3"), [.leave, .answer("a"), .leave, .collect]),
        (Peer.get("/ws") + "frames", [.upgrade]),
        ("\r\n" + Peer.get("/1") + "\r\n\r\n", [.answer("a")]),
        (Peer.get("/1") + "GET  /", [.answer("a")]),
        (Peer.post("/p", String(repeating: "x", count: 101)), [.collect]),
        ("GET /1 HTTP/1.0\r\n\r\n" + Peer.get("/2"), [.answer("a")]),
    ])
    private func `an exchange is the same wherever it is cut`(text: String, decisions: [Peer.Decision]) {
        let bytes = Array(text.utf8)
        let whole = Self.transcript(decisions, [bytes])
        for cut in 0...bytes.count {
            #expect(Self.transcript(decisions, bytes.cut(at: [cut])) == whole, "cut at \(cut)")
        }
        #expect(Self.transcript(decisions, bytes.singleBytes) == whole)
    }

    /// What is seen, what comes after an answer to each request that waits, and after the client's end.
    private static func transcript(_ decisions: [Peer.Decision], _ chunks: [[UInt8]]) -> [Peer.Seen] {
        var peer = Peer()
        peer.decisions = decisions
        for chunk in chunks { peer.receive(chunk) }
        while peer.answer("later") { peer.settle() }
        peer.finish()
        var joined: [Peer.Seen] = []
        for seen in peer.events() {
            if case .forward(let text) = seen, case .forward(let earlier)? = joined.last {
                joined[joined.count - 1] = .forward(earlier + text)
            } else {
                joined.append(seen)
            }
        }
        return joined
    }
}
