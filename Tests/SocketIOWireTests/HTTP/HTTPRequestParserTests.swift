import SocketIOWire
import TestSupport
import Testing

@Suite struct HTTPRequestParserTests {
    private func read(_ wire: String, limits: HTTPLimits = HTTPLimits()) -> [HTTPSeen] {
        var parser = HTTPRequestParser(limits: limits)
        return parser.read([Array(wire.utf8)])
    }

    // MARK: What is accepted

    @Test func `reads a request without a body`() {
        #expect(
            read("GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: a\r\nAccept:  */* \t\r\nX-Empty:\r\n\r\n")
                == [.head("GET /socket.io/?EIO=4 Host=a|Accept=*/*|X-Empty="), .end])
    }

    @Test func `reads a body of known length`() {
        #expect(
            read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
                == [.head("POST / Host=a|Content-Length=3"), .body("abc"), .end])
    }

    @Test func `reads chunks, drops extensions and trailers`() {
        let wire =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "3\r\nabc\r\n00A;x=\"1\";y\r\n0123456789\r\n0\r\nX-Trailer: 1\r\nY: 2\r\n\r\n"
        #expect(read(wire) == [.head("POST / Host=a|Transfer-Encoding=Chunked"), .body("abc0123456789"), .end])
    }

    @Test func `reads pipelined requests, one empty line between them`() {
        let wire = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(read(wire) == [.head("GET /1 Host=a"), .end, .head("GET /2 Host=a"), .end])
    }

    @Test func `stops behind the request that asks for an upgrade`() throws {
        let wire = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let chunk = wire + [0x81, 0x80, 1, 2, 3, 4]
        var parser = HTTPRequestParser()
        var cursor = 0
        _ = try parser.next(chunk.span, from: &cursor)
        guard case .end = try parser.next(chunk.span, from: &cursor) else {
            Issue.record("no end")
            return
        }
        #expect(cursor == wire.count)
    }

    @Test func `an idle parser holds nothing`() {
        var parser = HTTPRequestParser()
        #expect(parser.isIdle)
        _ = parser.read([Array("GET / H".utf8)])
        #expect(!parser.isIdle)
        _ = parser.read([Array("TTP/1.1\r\nHost: a\r\n\r\n".utf8)])
        #expect(parser.isIdle)
    }

    // MARK: Split anywhere

    static let conversation =
        "\r\nPOST /a?b=c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5;ext=1\r\nhello\r\n1\r\n \r\n0\r\nT: 1\r\n\r\n"
        + "GET http://h:1/x HTTP/1.1\r\nHost: a\r\n\r\n"
        + "POST /p HTTP/1.0\r\ncontent-length: 5\r\n\r\nworld"

    static let conversationSeen: [HTTPSeen] = [
        .head("POST /a?b=c Host=a|Transfer-Encoding=chunked"), .body("hello "), .end, .head("GET /x Host=a"), .end,
        .head("POST /p content-length=5"), .body("world"), .end,
    ]

    @Test func `reads the same wherever the chunks are cut`() {
        let wire = Array(Self.conversation.utf8)
        for cut in 0...wire.count {
            var parser = HTTPRequestParser()
            #expect(parser.read(wire.cut(at: [cut])) == Self.conversationSeen)
        }
        var parser = HTTPRequestParser()
        #expect(parser.read(wire.singleBytes) == Self.conversationSeen)
    }

    @Test func `reads the same with every pair of cuts`() {
        let wire = Array("PUT / HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n".utf8)
        for first in 0...wire.count {
            for second in first...wire.count {
                var parser = HTTPRequestParser()
                let seen = parser.read(wire.cut(at: [first, second]))
                #expect(seen == [.head("PUT / Host=a|Transfer-Encoding=chunked"), .body("ab"), .end])
            }
        }
    }

    // MARK: What is refused

    static let refused: [(String, String, Int)] = [
        // Two ways to say how long the body is.
        ("two origins", "GET / HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\norigin: http://a\r\n\r\n", 400),
        ("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("two hosts of HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("both lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("repeated length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
        ("differing lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\ncontent-length: 4\r\n\r\n", 400),
        ("list of lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 400),
        ("signed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400),
        ("negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc", 400),
        ("hexadecimal length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc", 400),
        ("empty length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nabc", 400),
        ("length over 64 bits", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551619\r\n\r\nabc", 400),
        ("gzip", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501),
        ("quoted coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", 501),
        ("xchunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
        ("vertical tab", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n", 400),
        (
            "repeated coding",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", 400
        ),
        ("coding in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("space before colon", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n", 400),
        ("folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400),
        ("folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        // Line ends.
        ("bare LF in head", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
        ("bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
        ("bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n", 400),
        ("bare CR in the target", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400),
        ("two leading empty lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("leading LF", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        // Fields.
        ("NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 400),
        ("DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{7F}\r\n\r\n", 400),
        ("no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400),
        ("empty name", "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n", 400),
        ("name with a space", "GET / HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n", 400),
        ("name with a bracket", "GET / HTTP/1.1\r\nHost: a\r\nX(: 1\r\n\r\n", 400),
        ("name beyond ASCII", "GET / HTTP/1.1\r\nHost: a\r\nX\u{E9}: 1\r\n\r\n", 400),
        ("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
        ("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("Host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
        // The request line.
        ("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("two spaces later", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("trailing space", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        ("leading space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("HTTP/0.9", "GET /\r\n", 400),
        ("method with a colon", "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("authority target", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("URL with user", "GET http://u@h/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("URL without host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("target beyond ASCII", "GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        ("version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("HTTP/0.9 with version", "GET / HTTP/0.9\r\n\r\n", 505),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\r\n", 400),
        // Chunks.
        ("empty chunk size", chunked("\r\nabc\r\n0\r\n\r\n"), 400),
        ("signed chunk size", chunked("+3\r\nabc\r\n0\r\n\r\n"), 400),
        ("negative chunk size", chunked("-3\r\nabc\r\n0\r\n\r\n"), 400),
        ("0x chunk size", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400),
        ("space after chunk size", chunked("3 \r\nabc\r\n0\r\n\r\n"), 400),
        ("space before chunk size", chunked(" 3\r\nabc\r\n0\r\n\r\n"), 400),
        ("underscore in chunk size", chunked("1_0\r\nabc\r\n0\r\n\r\n"), 400),
        ("bare LF after chunk size", chunked("3\nabc\r\n0\r\n\r\n"), 400),
        ("CR without LF after chunk size", chunked("3\rabc\r\n0\r\n\r\n"), 400),
        ("chunk size of 9 digits", chunked("000000003\r\nabc\r\n0\r\n\r\n"), 400),
        ("bare LF in an extension", chunked("3;a\nbc\r\n0\r\n\r\n"), 400),
        ("NUL in an extension", chunked("3;\0\r\nabc\r\n0\r\n\r\n"), 400),
        ("chunk longer than its size", chunked("2\r\nabc\r\n0\r\n\r\n"), 400),
        ("bare LF after a chunk", chunked("3\r\nabc\n0\r\n\r\n"), 400),
        ("bare LF at the end of chunks", chunked("0\r\n\n"), 400),
        ("bare CR in a trailer", chunked("0\r\nX: 1\rY: 2\r\n\r\n"), 400),
        ("chunk of 4 GiB", chunked("FFFFFFFF\r\n"), 413),
    ]

    private static func chunked(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    }

    @Test(arguments: refused)
    func `refuses and then discards`(name: String, wire: String, status: Int) {
        let wire = Array(wire.utf8)
        for cut in 0...wire.count {
            var parser = HTTPRequestParser()
            let seen = parser.read(wire.cut(at: [cut]) + [Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)])
            #expect(seen.last == .failure(status), "\(name) cut at \(cut)")
        }
    }

    @Test func `a field value has no control byte but the tab, at any place`() {
        for byte in UInt8.min...UInt8.max {
            for index in 0..<20 {
                var value = [UInt8](repeating: 0x61, count: 21)
                value[index] = byte
                var parser = HTTPRequestParser()
                let wire = Array("GET / HTTP/1.1\r\nHost: a\r\nX: b".utf8) + value + Array("\r\n\r\n".utf8)
                let isAllowed = byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
                #expect((parser.read([wire]).last == .end) == isAllowed, "\(byte) at \(index)")
            }
        }
    }

    // MARK: Limits

    @Test func `a head may have exactly the limit of bytes`() {
        let head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(read(head, limits: HTTPLimits(lineAndHeaderBytes: head.utf8.count)) == [.head("GET / Host=a"), .end])
        #expect(read(head, limits: HTTPLimits(lineAndHeaderBytes: head.utf8.count - 1)) == [.failure(431)])
        #expect(read(head, limits: HTTPLimits(lineAndHeaderBytes: 17)) == [.failure(431)])
        #expect(read(head, limits: HTTPLimits(lineAndHeaderBytes: 16)) == [.failure(431)])
        #expect(read(head, limits: HTTPLimits(lineAndHeaderBytes: 15)) == [.failure(414)])
    }

    @Test func `refuses an endless target without waiting for its end`() {
        #expect(read("GET /" + String(repeating: "a", count: 16 * 1024)) == [.failure(414)])
    }

    @Test func `a head may have exactly the limit of fields`() {
        let limits = HTTPLimits(headerCount: 2)
        #expect(read("GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\n\r\n", limits: limits).last == .end)
        #expect(read("GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 1\r\n\r\n", limits: limits) == [.failure(431)])
    }

    @Test func `a body may have exactly the limit of bytes`() {
        let limits = HTTPLimits(bodyBytes: 5)
        #expect(read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde", limits: limits).last == .end)
        #expect(
            read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n", limits: limits)
                == [.head("POST / Host=a|Content-Length=6"), .failure(413)])
        #expect(read(Self.chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), limits: limits).last == .end)
        #expect(read(Self.chunked("3\r\nabc\r\n3\r\n"), limits: limits).suffix(2) == [.body("abc"), .failure(413)])
    }

    @Test func `extensions and trailers together may have exactly the limit of bytes`() {
        let limits = HTTPLimits(lineAndHeaderBytes: 65)
        #expect(Self.chunked("").utf8.count <= 65)
        let extensions = String(repeating: "x", count: 60)
        #expect(read(Self.chunked("1;\(extensions)\r\na\r\n0\r\nA: 12\r\n\r\n"), limits: limits).last == .end)
        #expect(read(Self.chunked("1;\(extensions)\r\na\r\n0\r\nA: 123\r\n\r\n"), limits: limits).last == .failure(400))
    }

    @Test func `a method may have 32 bytes`() {
        let method = String(repeating: "M", count: 32)
        #expect(read("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n") == [.head("\(method) / Host=a"), .end])
        #expect(read("\(method)M / HTTP/1.1\r\nHost: a\r\n\r\n") == [.failure(400)])
    }

    // MARK: Anything

    @Test func `survives 200000 mutated conversations, and cuts do not change what it sees`() {
        var random = SeededGenerator(seed: 3)
        let conversation = Array(Self.conversation.utf8)
        for _ in 0..<200_000 {
            let wire = random.mutate(conversation)
            var whole = HTTPRequestParser()
            var cut = HTTPRequestParser()
            guard whole.read([wire]) == cut.read(wire.cut(at: random.cuts(in: wire.count, most: 4))) else {
                Issue.record("differs: \(String(decoding: wire, as: UTF8.self))")
                return
            }
        }
    }
}
