import Testing

@testable import SocketIOWire

@Suite struct HTTPOriginTests {
    @Test func `reads scheme, host, port, path and query`() throws {
        let plain = try HTTPOrigin(parsing: "http://localhost:3000")
        #expect(plain.host == "localhost" && plain.port == 3000 && !plain.isSecure && plain.path == "")
        #expect(plain.hostField == "localhost:3000")
        let secure = try HTTPOrigin(parsing: "WSS://Example.com/a/b?x=1&y#z")
        #expect(secure.isSecure && secure.port == 443 && secure.hostField == "Example.com")
        #expect(secure.path == "/a/b" && secure.query == "x=1&y")
        let six = try HTTPOrigin(parsing: "http://[::1]:80/")
        #expect(six.host == "::1" && six.hostField == "[::1]")
    }

    @Test(arguments: [
        "", "a", "http:", "http://", "http://:80", "http://a:", "http://a:0", "http://a:65536", "http://a:8x",
        "http://user@a", "http://[::1", "http://[x]", "http://[::1]x", "http://ä", "http://a b", "file:///x",
        "http://a/\u{1}", "http://a/ä",
    ]) func `refuses everything else`(url: String) {
        #expect(throws: HTTPOrigin.Failure.self) { try HTTPOrigin(parsing: url) }
    }
}

@Suite struct CookieJarTests {
    private func fields(_ cookies: [String]) throws -> HTTPFields {
        var parser = HTTPResponseParser(answering: .get)
        let lines = cookies.map { "Set-Cookie: \($0)\r\n" }.joined()
        let text = "HTTP/1.1 200 OK\r\n\(lines)Content-Length: 0\r\n\r\n"
        var cursor = 0
        guard case .head(let head) = try parser.next(text.utf8.span, from: &cursor) else {
            throw ProtocolViolation(.malformed, "no head")
        }
        return head.fields
    }

    @Test func `keeps name and value, replaces, and drops what is over`() throws {
        var jar = CookieJar()
        #expect(jar.field == nil)
        jar.update(from: try fields(["io=abc; Path=/; HttpOnly", "b=\"x y\"; Max-Age=60"]))
        #expect(jar.field == "io=abc; b=\"x y\"")
        jar.update(from: try fields(["io=new", "b=; max-age=0", "nonsense", "=x", "a b=c"]))
        #expect(jar.field == "io=new")
    }

    @Test func `keeps no more than 50 cookies`() throws {
        var jar = CookieJar()
        jar.update(from: try fields((0..<60).map { "c\($0)=1" }))
        #expect(jar.field?.split(separator: ";").count == 50)
    }
}
