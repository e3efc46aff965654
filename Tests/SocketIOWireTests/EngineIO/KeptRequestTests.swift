import SocketIOWire
import TestSupport
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

    @Test func `tells all fields in order, and can be made of what is told`() throws {
        let fields = [
            "Connection: Upgrade", "Cookie: a=1", "X-Mine: \u{20AC}", "cookie: b=2", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: u9LhNk4cc1brM9ZVaR3KWQ==", "X-Empty:",
        ]
        let request = try kept("GET /socket.io/?EIO=4&a=%3F? HTTP/1.1", fields, address: "::1", isSecure: true)
        let expected = [
            "host: a", "connection: Upgrade", "cookie: a=1", "x-mine: \u{20AC}", "cookie: b=2",
            "sec-websocket-version: 13", "sec-websocket-key: u9LhNk4cc1brM9ZVaR3KWQ==", "x-empty: ",
        ]
        #expect(request.headers.map { "\($0.name): \($0.value)" } == expected)
        // A name of ours is no field's.
        let told = KeptRequest(
            url: request.target, headers: request.headers + [(":address", "forged")], from: request.address,
            isSecure: request.isSecure)
        #expect(told.headers.map { "\($0.name): \($0.value)" } == expected)
        #expect(told.target == "/socket.io/?EIO=4&a=%3F?" && told.query["a"] == "??")
        #expect(told.address == "::1" && told.isSecure && told.host == "a")
        let bare = KeptRequest(url: "", headers: [], from: "", isSecure: false)
        #expect(bare.headers.isEmpty && bare.query.items.isEmpty && bare.decodedPath == "/")
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
        let fields = ["Referer: http://x", "REFERER: http://y", "Upgrade: h2c", "Upgrade: websocket", "A: 1", "a: 2"]
        let request = try kept("GET / HTTP/1.1", fields)
        #expect(request[field: "referer"] == "http://x")
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

    @Test(arguments: [
        ("GET", "/socket.io/", "EIO=4&transport=websocket"), ("POST", "/socket.io/", "EIO=4&transport=polling&t=x1y2"),
        ("OPTIONS", "/socket.io", "EIO=4&transport=websocket&"), ("PATCH", "/Socket.io/", ""),
        ("HEAD", "/", "eio=4&transport=websocket"), ("PUT", "/socket.io/x", "a=b"), ("DELETE", "/a", "EIO=4"),
        ("get", "/b", "EIO=3&transport=websocket"),
    ])
    func `keeps each part of the request line, usual or not`(method: String, path: String, query: String) throws {
        let request = try kept("\(method) \(path)?\(query) HTTP/1.1", address: "::1", isSecure: true)
        #expect(request.method == method)
        #expect(request.decodedPath == path)
        #expect(request.query.raw == query)
        #expect(request.address == "::1")
        #expect(request.isSecure)
        for name in [":scheme", ":method", ":address", ":path", ":query", ":"] {
            #expect(request[field: name] == nil)
        }
    }

    @Test(arguments: [
        // The first is a key as clients draw them; the others are not what any 16 bytes become.
        "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZf==", "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=x", "dGhlIHNhbXBsZSBub25jZXdv", "dGhlIHNhbXBsZSBub25jZX==",
        "dGhlIHNhbXBsZSBub2-jZQ==", "                      ==", "========================",
        "+/+/+/+/+/+/+/+/+/+/+w==", "AAAAAAAAAAAAAAAAAAAAAA==", "/////////////////////w==",
    ])
    func `keeps a key as it was sent`(key: String) throws {
        let request = try kept(
            "GET / HTTP/1.1", ["Sec-WebSocket-Key: \(key)", "X-Key: \(key)", "Cookie: \(key)", "X-Last: 2"])
        let expected = String(key.drop { $0 == " " })
        #expect(request[field: "sec-websocket-key"] == expected)
        #expect(request[field: "x-key"] == expected)
        #expect(request[field: "cookie"] == expected)
        #expect(request[field: "x-last"] == "2")
    }

    @Test func `keeps any key of 16 bytes`() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let writer = ByteWriter()
            Base64.encode(generator.bytes(16).span, into: writer)
            let key = String(decoding: writer.array(), as: UTF8.self)
            #expect(try kept("GET / HTTP/1.1", ["Sec-WebSocket-Key: \(key)"])[field: "sec-websocket-key"] == key)
        }
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

    @Test func `a plain client's handshake takes what it alone says, and a byte for each part that all say`() throws {
        let usual = [
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        let request = try kept("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", usual)
        #expect(request.byteCount == 3 + (2 + 1) + 3 + (1 + 16))
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
        #expect(with.byteCount == without.byteCount + common.count)
        #expect(with[field: "accept-encoding"] == "gzip, deflate, br, zstd")
    }
}
