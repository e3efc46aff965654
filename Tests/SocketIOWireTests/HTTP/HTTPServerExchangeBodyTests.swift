import SocketIOWire
import Testing

/// Answers whose bodies go out in pieces.
@Suite struct HTTPServerExchangeBodyTests {
    private typealias Peer = ExchangePeer

    @Test func `a body of known length goes out in pieces, and the next request follows`() {
        var peer = Peer(.wait, .answer("b"))
        peer.receive(Peer.get("/1") + Peer.get("/2"))
        peer.begin(.fixed(5))
        #expect(peer.exchange.takesPieces == true)
        peer.piece("he")
        peer.settle()
        peer.piece("llo, and more than was announced")
        #expect(peer.exchange.takesPieces == false)
        peer.endBody()
        peer.settle()
        #expect(
            peer.events() == [
                .begin("GET /1"), .sent("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), .sent("he"), .sent("llo"),
                .begin("GET /2"), Peer.ok("b"),
            ])
    }

    @Test func `a body of unknown length is chunked`() {
        var peer = Peer(.wait)
        peer.receive(Peer.get("/1"))
        peer.begin(.chunked)
        peer.piece("hello")
        peer.piece("")
        peer.piece(String(repeating: "x", count: 16))
        peer.endBody()
        #expect(
            peer.events() == [
                .begin("GET /1"), .sent("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
                .sent("5\r\nhello\r\n"), .sent("10\r\n\(String(repeating: "x", count: 16))\r\n"), .sent("0\r\n\r\n"),
            ])
        #expect(peer.exchange.isOpen == true)
    }

    @Test func `to a client of version 1.0 the end of the connection ends a body of unknown length`() {
        var peer = Peer(.wait)
        peer.receive("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        peer.begin(.chunked)
        peer.piece("hello")
        peer.endBody()
        #expect(
            peer.events() == [
                .begin("GET /1"), .sent("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), .sent("hello"), .finish,
            ])
    }

    @Test func `HEAD, and statuses without a body, get the head alone`() {
        var head = Peer(.wait)
        head.receive("HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n")
        head.begin(.fixed(5))
        #expect(head.exchange.takesPieces == false)
        head.piece("hello")
        head.endBody()
        #expect(head.events() == [.begin("HEAD /1"), .sent("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")])
        #expect(head.exchange.isOpen == true)
        var none = Peer(.wait)
        none.receive(Peer.get("/1"))
        none.begin(.chunked, status: 304)
        none.endBody()
        #expect(none.events() == [.begin("GET /1"), .sent("HTTP/1.1 304 Not Modified\r\n\r\n")])
        #expect(none.exchange.isOpen == true)
    }

    @Test func `a body that stays shorter than announced, or is cut, ends the connection`() {
        var short = Peer(.wait)
        short.receive(Peer.get("/1"))
        short.begin(.fixed(5))
        short.piece("hell")
        _ = short.events()
        short.endBody()
        #expect(short.events() == [.close])
        var cut = Peer(.wait)
        cut.receive(Peer.get("/1"))
        cut.begin(.chunked)
        _ = cut.events()
        cut.cutBody()
        cut.cutBody()
        cut.piece("late")
        cut.endBody()
        #expect(cut.events() == [.close])
    }

    @Test func `a client that closes its side or is lost is told to who makes the body`() {
        var peer = Peer(.wait)
        peer.receive(Peer.get("/1"))
        peer.begin(.chunked)
        _ = peer.events()
        peer.finish()
        #expect(peer.events() == [.halfClose])
        peer.piece("x")
        peer.endBody()
        peer.settle()
        #expect(peer.events() == [.sent("1\r\nx\r\n"), .sent("0\r\n\r\n"), .finish])
        var lost = Peer(.wait)
        lost.receive(Peer.get("/1"))
        lost.begin(.chunked)
        _ = lost.events()
        lost.lose()
        lost.piece("x")
        #expect(lost.events() == [.close])
    }

    @Test func `a client that takes nothing of a body is given up, and a slow producer is not`() {
        var peer = Peer(.wait)
        peer.receive(Peer.get("/1"))
        peer.begin(.chunked)
        _ = peer.events()
        peer.pass(.seconds(65))
        peer.pass(.seconds(650))
        #expect(peer.events() == [])
        peer.unsent = 500
        peer.pass(.seconds(65))
        peer.unsent = 499
        peer.pass(.seconds(65))
        #expect(peer.events() == [])
        peer.piece("x")
        peer.unsent = 499
        peer.pass(.seconds(65))
        _ = peer.events()
        peer.pass(.seconds(65))
        #expect(peer.events() == [.close])
    }

    private static let ratedLimits = HTTPServerLimits(
        message: HTTPLimits(), headTime: .seconds(10), bodyTime: .seconds(30), keepAliveTime: .seconds(65),
        sendRateTime: .seconds(60), minimumSendRate: 10, unsentBytes: 1_000_000)

    @Test(arguments: [(600, false), (599, true), (80, true), (0, true), (10_000, false)])
    func `a client that takes less of a body than the minimum rate is given up`(bytesAMinute: Int, isCut: Bool) {
        var peer = Peer(.wait, limits: Self.ratedLimits)
        peer.receive(Peer.get("/1"))
        peer.begin(.fixed(1_000_000))
        peer.piece(String(repeating: "x", count: 100_000))
        peer.unsent = 100_000
        _ = peer.events()
        for minute in 1...20 {
            peer.pass(.seconds(60))
            guard peer.exchange.isOpen else {
                #expect(isCut && minute == 2)
                break
            }
            // The next piece comes when there is room for it.
            peer.unsent -= bytesAMinute
            if minute % 3 == 0 {
                peer.piece(String(repeating: "y", count: 30_000))
                peer.unsent += 30_000
            }
        }
        #expect(peer.exchange.isOpen != isCut)
    }

    @Test func `a client that took all there was is not given up, however little it was`() {
        var peer = Peer(.wait, limits: Self.ratedLimits)
        peer.receive(Peer.get("/1"))
        peer.begin(.chunked)
        for _ in 1...10 {
            // On its way when it is looked at, as a chunk in a record of TLS, and taken right afterwards.
            peer.piece("x")
            peer.unsent = 28
            peer.pass(.seconds(60))
        }
        #expect(peer.exchange.isOpen == true)
    }

    @Test func `the minimum rate holds for what is left of an answer, too`() {
        var peer = Peer(.answer("a"), limits: Self.ratedLimits)
        peer.unsent = 10_000
        peer.receive(Peer.get("/1"))
        _ = peer.events()
        peer.pass(.seconds(65))
        peer.unsent -= 600
        peer.pass(.seconds(60))
        #expect(peer.events() == [])
        peer.unsent -= 599
        peer.pass(.seconds(60))
        #expect(peer.events() == [.close])
        #expect(peer.cutReasons == ["took less of its last answer than the minimum rate"])
    }

    @Test func `a connection that was idle for its time is closed without a word`() {
        var peer = Peer(.answer("a"), limits: Self.ratedLimits)
        peer.receive(Peer.get("/1"))
        _ = peer.events()
        peer.pass(.seconds(65))
        #expect(peer.events() == [.close])
        #expect(peer.cutReasons == [])
    }
}
