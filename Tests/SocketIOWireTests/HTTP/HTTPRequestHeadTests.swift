import SocketIOWire
import Testing

@Suite struct HTTPRequestHeadTests {
    private func head(_ line: String, _ fields: String...) throws -> HTTPRequestHead {
        try HTTPRequestParser.head(line + "\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n")
    }

    @Test func `tells path and query apart`() throws {
        let head = try head("GET /socket%2Eio/?EIO=4&transport=polling?x HTTP/1.1")
        #expect(head.path == "/socket%2Eio/")
        #expect(head.decodedPath == "/socket.io/")
        #expect(head.query.raw == "EIO=4&transport=polling?x")
        #expect(head.query["EIO"] == "4")
        #expect(head.query["transport"] == "polling?x")
        #expect(head.query["sid"] == nil)
    }

    @Test func `decodes names and values of the query`() throws {
        let query = try head("GET /?a%20b=%E2%82%AC+1&c&=d&&e==f&a+b=2&%zz=%4&g=%ff HTTP/1.1").query
        #expect(query["a b"] == "\u{20AC} 1")
        #expect(query.occurrences(of: "a b").count == 2)
        #expect(query["c"] == "")
        #expect(query[""] == "d")
        #expect(query["e"] == "=f")
        #expect(query["%zz"] == "%4")
        #expect(query["g"] == "\u{FFFD}")
        #expect(query.items.map(\.name) == ["a b", "c", "", "e", "a b", "%zz", "g"])
        #expect(try head("GET / HTTP/1.1").query.items.isEmpty)
        #expect(try head("GET /? HTTP/1.1").query.items.isEmpty)
    }

    @Test func `names of the query are compared by their bytes`() throws {
        let query = try head("GET /?caf%C3%A9=1&cafe%CC%81=2&%E2%84%AA=3&K=4&%ff=5&+=6 HTTP/1.1").query
        #expect(query["caf\u{E9}"] == "1")
        #expect(query["cafe\u{301}"] == "2")
        #expect(query["\u{212A}"] == "3")
        #expect(query["K"] == "4")
        #expect(query["\u{FFFD}"] == nil)
        #expect(query[" "] == "6")
        #expect(query.occurrences(of: "K").count == 1)
    }

    @Test func `a slash that is part of a name separates nothing`() throws {
        #expect(try head("GET /a%2Fb%2fc%2E%zz%2 HTTP/1.1").decodedPath == "/a%2Fb%2fc.%zz%2")
        #expect(try head("GET /a%252Fb HTTP/1.1").decodedPath == "/a%2Fb")
    }

    @Test func `reads a URL as target`() throws {
        let head = try head("GET HTTP://b.example:80/x?y HTTP/1.1")
        #expect(head.host == "b.example:80")
        #expect(head.target == "/x?y")
        #expect(try self.head("GET http://b?y HTTP/1.1").target == "/?y")
        #expect(try self.head("GET http://b HTTP/1.1").path == "/")
        #expect(try self.head("GET / HTTP/1.1").host == "a")
        #expect(try self.head("OPTIONS * HTTP/1.1").path == "*")
    }

    @Test func `finds fields in any case`() throws {
        let head = try head("GET / HTTP/1.1", "Referer: http://x", "REFERER: http://y", "X-Latin: \u{E9}")
        #expect(head.fields["referer"] == "http://x")
        #expect(head.fields.count(of: "Referer") == 2)
        #expect(head.fields["x-latin"] == "\u{E9}")
        #expect(head.fields["Refere"] == nil)
    }

    @Test func `finds tokens in lists and over several fields`() throws {
        let head = try head("GET / HTTP/1.1", "Connection: keep-alive , Upgrade", "Upgrade: h2c", "Upgrade: ,WebSocket")
        #expect(head.isUpgrade(to: "websocket"))
        #expect(!head.isUpgrade(to: "socket"))
        #expect(head.fields.contains(token: "KEEP-ALIVE", in: "connection"))
        #expect(!head.fields.contains(token: "keep", in: "connection"))
        #expect(!(try self.head("GET / HTTP/1.1", "Upgrade: websocket").isUpgrade(to: "websocket")))
        #expect(
            !(try self.head("GET / HTTP/1.0", "Connection: upgrade", "Upgrade: websocket").isUpgrade(to: "websocket")))
    }

    @Test(arguments: [
        ("1.1", "X: 1", true), ("1.1", "Connection: close", false), ("1.1", "Connection: foo, CLOSE", false),
        ("1.0", "X: 1", false), ("1.0", "Connection: Keep-Alive", true), ("1.2", "X: 1", true),
        ("1.0", "Connection: keep-alive, close", false),
    ])
    func `knows whether the connection stays`(version: String, field: String, stays: Bool) throws {
        #expect(try head("GET / HTTP/\(version)", field).keepsAlive == stays)
    }

    @Test func `knows whether the client waits for 100 Continue`() throws {
        #expect(try head("POST / HTTP/1.1", "Expect: 100-Continue").expectsContinue)
        #expect(!(try head("POST / HTTP/1.0", "Expect: 100-continue").expectsContinue))
        #expect(!(try head("POST / HTTP/1.1").expectsContinue))
    }

    @Test func `knows how long the body is`() throws {
        #expect(try head("POST / HTTP/1.1").bodyLength == .none)
        #expect(try head("POST / HTTP/1.1", "Content-Length: 0").bodyLength == .fixed(0))
        #expect(try head("POST / HTTP/1.1", "Transfer-Encoding: chunked").bodyLength == .chunked)
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "get"])
    func `keeps the method`(name: String) throws {
        #expect(try head("\(name) / HTTP/1.1").method.name == name)
    }
}
