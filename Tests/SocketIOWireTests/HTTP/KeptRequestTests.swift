import SocketIOWire
import Testing

@Suite struct KeptRequestTests {
    private func kept(
        _ line: String, _ fields: [String] = [], address: String = "127.0.0.1", isSecure: Bool = false
    ) throws -> KeptRequest {
        let text = line + "\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        return try KeptRequest(
            HTTPRequestParser.head(text), from: address, isSecure: isSecure, using: ByteWriter())
    }

    @Test func `keeps the request line, the address and whether it was secure`() throws {
        let plain = try kept("GET /socket%2Eio/?EIO=4&transport=web%20socket HTTP/1.1")
        #expect(plain.method == "GET")
        #expect(plain.decodedPath == "/socket.io/")
        #expect(plain.query["EIO"] == "4")
        #expect(plain.query["transport"] == "web socket")
        #expect(plain.query["sid"] == nil)
        #expect(plain.address == "127.0.0.1")
        #expect(!plain.isSecure)
        let other = try kept("BREW http://pot HTTP/1.1", address: "2001:db8::1", isSecure: true)
        #expect(other.method == "BREW")
        #expect(other.decodedPath == "/")
        #expect(other.query.items.isEmpty)
        #expect(other.address == "2001:db8::1")
        #expect(other.isSecure)
        #expect(try kept("OPTIONS * HTTP/1.1").decodedPath == "*")
    }

    @Test(arguments: [
        "Connection: Upgrade", "connection: keep-alive, Upgrade", "Connection: Keep-Alive", "UPGRADE: websocket",
        "Upgrade: WebSocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 7", "User-Agent: x/1 (y)",
        "X-Mine: 1", "x-mine: \u{20AC}", "Cookie:", "X-Empty:", "Accept: */*", "Accept: text/html", "Via: 1.1 a",
    ])
    func `keeps a field, common or not, and finds it in any case`(line: String) throws {
        let (name, value) = try #require(line.firstIndex(of: ":").map { (line[..<$0], line[$0...].dropFirst()) })
        let expected = value.drop { $0 == " " }
        let request = try kept("GET / HTTP/1.1", ["X-First: 1", line, "X-Last: 2"])
        for name in [String(name), name.lowercased(), name.uppercased()] {
            #expect(request[field: name] == String(expected))
        }
        #expect(request[field: "x-first"] == "1")
        #expect(request[field: "x-last"] == "2")
        #expect(request[field: "host"] == "a")
        #expect(request[field: name.dropLast() + "?"] == nil)
        #expect(request[field: ""] == nil)
    }

    @Test func `finds the first of a name`() throws {
        let fields = ["Origin: http://x", "ORIGIN: http://y", "Upgrade: h2c", "Upgrade: websocket", "A: 1", "a: 2"]
        let request = try kept("GET / HTTP/1.1", fields)
        #expect(request[field: "origin"] == "http://x")
        #expect(request[field: "upgrade"] == "h2c")
        #expect(request[field: "a"] == "1")
    }

    @Test(arguments: [0, 1, 126, 127, 128, 129, 255, 256, 3_000, 4_000])
    func `keeps texts of any length`(count: Int) throws {
        let text = String(repeating: "x", count: count)
        let request = try kept("GET /\(text)?a=\(text) HTTP/1.1", ["X-Long: \(text)", "Cookie: \(text)", "B: c"])
        #expect(request.decodedPath == "/" + text)
        #expect(request.query["a"] == text)
        #expect(request[field: "x-long"] == text)
        #expect(request[field: "cookie"] == text)
        #expect(request[field: "b"] == "c")
    }

    @Test func `repairs what is not UTF-8`() throws {
        let head = Array("GET / HTTP/1.1\r\nHost: a\r\nX-Latin: ".utf8) + [0xE9] + Array("\r\n\r\n".utf8)
        var parser = HTTPRequestParser()
        var cursor = 0
        guard case .head(let head) = try parser.next(head.span, from: &cursor) else { throw HTTPFailure(0, "no head") }
        let request = KeptRequest(head, from: "", isSecure: false, using: ByteWriter())
        #expect(request[field: "x-latin"] == "\u{FFFD}")
    }

    @Test func `leaves the writer as it was`() throws {
        let writer = ByteWriter()
        writer.append("before")
        let head = try HTTPRequestParser.head("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        let request = KeptRequest(head, from: "", isSecure: false, using: writer)
        #expect(writer.array() == Array("before".utf8))
        #expect(request.decodedPath == "/x")
    }

    @Test func `a browser's handshake takes little more than what it alone says`() throws {
        let own = ["Origin: https://example.com", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "User-Agent: x/1"]
        let common = [
            "Connection: Upgrade", "Pragma: no-cache", "Cache-Control: no-cache", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", "Accept-Encoding: gzip, deflate, br, zstd",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        ]
        let without = try kept("GET /socket.io/ HTTP/1.1", own)
        let with = try kept("GET /socket.io/ HTTP/1.1", own + common)
        #expect(with.byteCount == without.byteCount + 2 * common.count)
        #expect(with[field: "accept-encoding"] == "gzip, deflate, br, zstd")
    }
}
