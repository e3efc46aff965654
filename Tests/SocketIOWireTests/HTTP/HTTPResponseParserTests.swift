import SocketIOWire
import TestSupport
import Testing

extension HTTPResponseParser {
    /// Reads `chunks` one after the other; the number of bytes left to whatever follows the response is the second.
    mutating func read(_ chunks: [[UInt8]]) -> (seen: [HTTPSeen], left: Int) {
        var seen: [HTTPSeen] = []
        var left = 0
        for chunk in chunks {
            var cursor = 0
            do throws(ProtocolViolation) {
                while let event = try next(chunk.span, from: &cursor) {
                    switch event {
                    case .head(let head):
                        let fields = head.fields.all.map { "\($0.name)=\($0.value)" }
                        seen.append(.head("\(head.status) \(fields.joined(separator: "|"))"))
                    case .body(let range): seen.append(body: Array(chunk[range]))
                    case .end: seen.append(.end)
                    }
                }
            } catch {
                seen.append(.failure(error.kind == .tooBig ? 413 : 400))
            }
            left += chunk.count - cursor
        }
        return (seen, left)
    }
}

@Suite struct HTTPResponseParserTests {
    private func read(
        _ wire: String, answering method: HTTPMethod = .get, limits: HTTPLimits = HTTPLimits()
    ) -> (seen: [HTTPSeen], left: Int) {
        var parser = HTTPResponseParser(answering: method, limits: limits)
        return parser.read([Array(wire.utf8)])
    }

    @Test func `reads a response of known length and leaves what follows`() {
        let result = read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP")
        #expect(result.seen == [.head("200 Content-Length=2"), .body("ok"), .end])
        #expect(result.left == 4)
    }

    @Test func `reads chunks`() {
        let result = read("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
        #expect(result.seen == [.head("200 Transfer-Encoding=chunked"), .body("ok"), .end])
    }

    @Test func `reads a body that the end of the connection ends`() throws {
        var parser = HTTPResponseParser(answering: .get)
        #expect(
            parser.read([Array("HTTP/1.0 200 OK\r\n\r\nab".utf8), Array("c".utf8)]).seen == [
                .head("200 "), .body("abc"),
            ])
        guard case .end = try parser.receiveEnd() else {
            Issue.record("no end")
            return
        }
        #expect(try parser.receiveEnd() == nil)
    }

    @Test func `fails when the connection ends within a response`() {
        for wire in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"] {
            var parser = HTTPResponseParser(answering: .get)
            _ = parser.read([Array(wire.utf8)])
            #expect(throws: ProtocolViolation.self) { try parser.receiveEnd() }
        }
    }

    @Test func `has no body where none may be`() {
        #expect(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", answering: .head).seen.last == .end)
        #expect(read("HTTP/1.1 204 No Content\r\n\r\n").seen == [.head("204 "), .end])
        #expect(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n").seen.last == .end)
        let switching = read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}")
        #expect(switching.seen == [.head("101 Upgrade=websocket"), .end])
        #expect(switching.left == 2)
    }

    @Test func `skips interim responses, but not endlessly`() {
        let interim = "HTTP/1.1 100 Continue\r\n\r\n"
        let final = "HTTP/1.1 204 No Content\r\n\r\n"
        #expect(read(String(repeating: interim, count: 16) + final).seen == [.head("204 "), .end])
        #expect(read(String(repeating: interim, count: 17) + final).seen == [.failure(400)])
    }

    @Test(arguments: [
        "HTTP/1.1\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 099 OK\r\n", "HTTP/1.1 600 OK\r\n",
        "HTTP/2.0 200 OK\r\n", "HTTP/1.1  200 OK\r\n", "HTTP/1.1 200 OK\n", "HTTP/1.1 200 O\u{1}K\r\n", "\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nX : 1\r\n\r\n",
    ])
    func `refuses what is not a response`(wire: String) {
        #expect(read(wire).seen == [.failure(400)])
    }

    @Test func `a response may have exactly the limits`() {
        let limits = HTTPLimits(lineAndHeaderBytes: 38, headerCount: 1, bodyBytes: 2)
        let wire = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
        #expect(wire.utf8.count == 38)
        #expect(read(wire + "ok", limits: limits).seen.last == .end)
        #expect(read("HTTP/1.1 200 OKK\r\nContent-Length: 2\r\n\r\n", limits: limits).seen == [.failure(413)])
        #expect(read("HTTP/1.1 200 OK\r\nA: 1\r\nB: 1\r\n\r\n", limits: limits).seen == [.failure(413)])
        #expect(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", limits: limits).seen.last == .failure(413))
        #expect(read("HTTP/1.1 200 OK\r\n\r\nok", limits: limits).seen.last == .body("ok"))
        #expect(read("HTTP/1.1 200 OK\r\n\r\nok!", limits: limits).seen.last == .failure(413))
    }

    @Test func `reads the same wherever the chunks are cut`() {
        let wire = Array(
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n").utf8)
        for first in 0...wire.count {
            for second in first...wire.count {
                var parser = HTTPResponseParser(answering: .get)
                let seen = parser.read(wire.cut(at: [first, second])).seen
                #expect(seen == [.head("200 Transfer-Encoding=chunked"), .body("hello"), .end])
            }
        }
    }

    @Test func `survives 200000 mutated responses, and cuts do not change what it sees`() {
        var random = SeededGenerator(seed: 8)
        let conversation = Array(
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n").utf8)
        for _ in 0..<200_000 {
            let wire = random.mutate(conversation)
            var whole = HTTPResponseParser(answering: .get)
            var cut = HTTPResponseParser(answering: .get)
            guard whole.read([wire]).seen == cut.read(wire.cut(at: random.cuts(in: wire.count, most: 4))).seen else {
                Issue.record("differs: \(String(decoding: wire, as: UTF8.self))")
                return
            }
        }
    }
}
