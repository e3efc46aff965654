import SocketIOWire
import Testing

/// Bodies that go on as they arrive.
@Suite struct HTTPServerExchangeIncomingTests {
    private typealias Peer = ExchangePeer

    @Test func `a body goes on piece by piece, beyond the limit of others, and is answered`() {
        var peer = Peer(.stream(1000), .answer("b"))
        let body = String(repeating: "x", count: 500)
        peer.receive(Peer.post("/1", body) + Peer.get("/2"))
        #expect(peer.events() == [.begin("POST /1"), .piece(body), .bodyEnd])
        peer.answer("a")
        peer.settle()
        #expect(peer.events() == [Peer.ok("a"), .begin("GET /2"), Peer.ok("b")])
    }

    @Test func `a body over its own limit is refused, announced or not`() {
        var announced = Peer(.stream(3))
        announced.receive(Peer.post("/1", "four"))
        #expect(announced.events() == [.begin("POST /1"), .refuse(413)])
        var chunked = Peer(.stream(3))
        chunked.receive("POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n")
        #expect(chunked.events() == [.begin("POST /1"), .piece("abc"), .refuse(413)])
    }

    @Test func `nothing is read while it is paused, and the rest when it goes on`() {
        var peer = Peer(.stream(1000))
        peer.pausesBody = true
        peer.receive("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nab")
        #expect(peer.events() == [.begin("POST /1"), .piece("ab")])
        peer.receive(String(repeating: "c", count: 200))
        #expect(peer.exchange.isReading == true)
        peer.receive("d")
        #expect(peer.exchange.isReading == false)
        #expect(peer.events() == [])
        // Nor does time pass for the client.
        #expect(peer.exchange.deadline == nil)
        peer.exchange.resumeBody(now: peer.now)
        peer.settle()
        #expect(peer.events() == [.piece(String(repeating: "c", count: 200) + "d")])
        #expect(peer.exchange.isReading == true)
    }

    @Test func `a client that closes its side before the end ends it, once what it sent is read`() {
        var peer = Peer(.stream(1000))
        peer.pausesBody = true
        peer.receive("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nab")
        peer.receive("cd")
        peer.finish()
        #expect(peer.events() == [.begin("POST /1"), .piece("ab")])
        peer.pausesBody = false
        peer.exchange.resumeBody(now: peer.now)
        peer.settle()
        #expect(peer.events() == [.piece("cd"), .finish])
    }

    @Test func `each 64 KiB has the time of a body, and no less`() {
        var peer = Peer(.stream(1_000_000))
        peer.receive("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n")
        for _ in 0..<3 {
            peer.pass(.seconds(29))
            peer.receive(String(repeating: "x", count: 64 * 1024))
        }
        peer.pass(.seconds(29))
        peer.receive("y")
        _ = peer.events()
        peer.pass(.seconds(1))
        #expect(peer.events() == [.refuse(408)])
    }

    @Test func `an answer before the end ends the connection`() {
        var peer = Peer(.stream(1000))
        peer.receive("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nab")
        peer.answer("a")
        #expect(peer.events() == [.begin("POST /1"), .piece("ab"), Peer.ok("a", closes: true), .finish])
    }

    @Test func `who asks is told to send the body`() {
        var peer = Peer(.stream(1000))
        peer.receive("POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(peer.events() == [.begin("POST /1"), .sent("100")])
        peer.receive("ab")
        #expect(peer.events() == [.piece("ab"), .bodyEnd])
    }
}
