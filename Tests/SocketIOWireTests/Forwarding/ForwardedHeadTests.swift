import SocketIOWire
import TestSupport
import Testing

@Suite struct ForwardedHeadTests {
    private static func head(_ text: String) throws -> HTTPRequestHead {
        var parser = HTTPRequestParser()
        var cursor = 0
        let bytes = Array(text.utf8)
        guard case .head(let head) = try parser.next(bytes.span, from: &cursor) else {
            throw HTTPFailureInTest()
        }
        return head
    }

    private struct HTTPFailureInTest: Error {}

    private static func forwarded(_ text: String, bodyCount: Int = 0) throws -> String {
        let writer = ByteWriter()
        try head(text).appendForwarded(proof: "p", bodyCount: bodyCount, to: writer)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    @Test func `a request goes on as it came, but for what concerns its connection`() throws {
        let poll =
            "GET /engine.io/?sid=a%20b&x HTTP/1.1\r\nHost: a.example:81\r\nX-Any:  one \r\nCookie: a=1\r\ncookie: b=2\r\n"
            + "Connection: keep-alive, X-Any\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\n\r\n"
        #expect(
            try Self.forwarded(poll)
                == "GET /engine.io/?sid=a%20b&x HTTP/1.1\r\nHost: a.example:81\r\nX-Any: one\r\nCookie: a=1\r\ncookie: b=2\r\n"
                + "Socket-IO-Node: p\r\n\r\n")
        let post =
            "POST http://b.example/p?q HTTP/1.1\r\nhost: a.example\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        #expect(
            try Self.forwarded(post, bodyCount: 7)
                == "POST /p?q HTTP/1.1\r\nHost: b.example\r\nContent-Length: 7\r\nSocket-IO-Node: p\r\n\r\n")
        let old = "GET /p HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSocket-IO-Node: forged\r\n\r\n"
        #expect(try Self.forwarded(old) == "GET /p HTTP/1.1\r\nHost: \r\nSocket-IO-Node: p\r\n\r\n")
    }

    @Test func `an upgrade stays one, and what is written is read as what it was`() throws {
        let text = try Self.forwarded(
            "GET /p?sid=1 HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nOrigin: null\r\n\r\n")
        #expect(
            text.hasSuffix("Origin: null\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSocket-IO-Node: p\r\n\r\n"))
        let head = try Self.head(text)
        #expect(head.isUpgrade(to: "websocket"))
        #expect(head.without("socket-io-node").fields.all.map(\.name) == ["Host", "Origin", "Upgrade", "Connection"])
    }

    @Test func `where it came from is believed with the secret, and not without`() throws {
        let proof = NodeProof(secret: "a secret with spaces, \u{1F511}")
        for source in [
            RequestSource(address: "192.0.2.1", isSecure: false),
            RequestSource(address: "2001:db8::1", isSecure: true, host: "a.example:8443"),
        ] {
            let value = proof.value(for: source)
            let head = try Self.head("GET /p HTTP/1.1\r\nHost: a\r\nsocket-io-node: \(value)\r\n\r\n")
            #expect(proof.claim(of: head) == .proven(source))
            #expect(NodeProof(secret: "another").claim(of: head) == .wrong)
            let twice = "GET /p HTTP/1.1\r\nHost: a\r\nSocket-IO-Node: \(value)\r\nSocket-IO-Node: \(value)\r\n\r\n"
            #expect(proof.claim(of: try Self.head(twice)) == .wrong)
        }
        let good = proof.value(for: RequestSource(address: "::1", isSecure: true))
        let secret = String(good.prefix { $0 != " " })
        for value in [
            "", " ", secret, "\(secret) https", "\(secret) https ::1 a b", String(good.dropFirst()), "x\(good)",
        ] {
            #expect(
                proof.claim(of: try Self.head("GET / HTTP/1.1\r\nHost: a\r\nSocket-IO-Node: \(value)\r\n\r\n"))
                    == .wrong)
        }
        #expect(proof.claim(of: try Self.head("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) == .none)
    }

    @Test func `an id has its node in front, and as many characters as without`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<100 {
            let node = NodeTag(using: &random)
            let id = EngineSessionID.random(homeLoop: 2, count: 3, of: node, using: &random)
            #expect(id.utf8.count == 20)
            #expect(NodeTag(ofSession: id) == node)
            #expect(EngineSessionID.homeLoop(of: id, count: 3) == 2)
            #expect(CompactID(drawn: id) != nil)
        }
        for id in ["", "abcdef", "abc/efghij", "abcde\u{E9}fghi", "\u{1F511}abcdefg"] {
            #expect(NodeTag(ofSession: id) == nil)
        }
        #expect(NodeTag(ofSession: "abc-_9x")?.description == "abc-_9")
    }

    @Test func `an answer keeps its fields, but for those that say where it ends`() throws {
        let text =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: a\r\nset-cookie: b\r\nConnection: close\r\n"
            + "Content-Length: 1\r\n\r\nx"
        var parser = HTTPResponseParser(answering: .get)
        var cursor = 0
        let bytes = Array(text.utf8)
        guard case .head(let head) = try parser.next(bytes.span, from: &cursor) else {
            throw HTTPFailureInTest()
        }
        let writer = ByteWriter()
        HTTPResponseWriter.appendSwitch(fields: HTTPFieldLines(relaying: head), to: writer)
        #expect(
            String(decoding: writer.array(), as: UTF8.self)
                == "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nContent-Type: text/plain\r\nSet-Cookie: a\r\n"
                + "set-cookie: b\r\n\r\n")
    }
}
