import SocketIOWire
import Testing

@Suite struct HTTPResponseWriterTests {
    private let writer = ByteWriter()

    private var written: String { String(decoding: writer.array(), as: UTF8.self) }

    private func form(_ requestLine: String, _ fields: String = "") throws -> HTTPResponseForm {
        HTTPResponseForm(answering: try HTTPRequestParser.head(requestLine + "\r\nHost: a\r\n" + fields + "\r\n"))
    }

    @Test func `writes a response that keeps the connection`() throws {
        HTTPResponseWriter.append(
            status: 200, fields: ["Content-Type": "text/plain"], body: "ok".utf8.span,
            to: try form("GET / HTTP/1.1"), into: writer)
        #expect(written == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")
    }

    @Test func `says what becomes of the connection`() throws {
        HTTPResponseWriter.append(
            status: 200, to: try form("GET / HTTP/1.1", "Connection: close\r\n"), into: writer)
        #expect(written == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.removeAll()
        HTTPResponseWriter.append(status: 200, to: try form("GET / HTTP/1.0"), into: writer)
        #expect(written == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.removeAll()
        HTTPResponseWriter.append(
            status: 200, to: try form("GET / HTTP/1.0", "Connection: keep-alive\r\n"), into: writer)
        #expect(written == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")
        writer.removeAll()
        var closing = try form("GET / HTTP/1.1")
        closing.keepsAlive = false
        HTTPResponseWriter.append(status: 503, to: closing, into: writer)
        #expect(written == "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    @Test func `answers HEAD with the length but without the body`() throws {
        HTTPResponseWriter.append(
            status: 200, body: "hello".utf8.span, to: try form("HEAD / HTTP/1.1"), into: writer)
        #expect(written == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    }

    @Test(arguments: [(204, "No Content"), (304, "Not Modified")])
    func `writes no body where none may be`(status: Int, phrase: String) throws {
        HTTPResponseWriter.append(
            status: status, body: "x".utf8.span, to: try form("GET / HTTP/1.1"), into: writer)
        #expect(written == "HTTP/1.1 \(status) \(phrase)\r\n\r\n")
    }

    @Test(arguments: [
        ("X", "a\r\nSet-Cookie: b"), ("X", "a\nb"), ("X", "a\rb"), ("X", "a\0"), ("X", "a\u{7F}"), ("X\r\nY", "a"),
        ("X:", "a"), ("", "a"), ("X Y", "a"), ("X\u{E9}", "a"), ("content-length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
    ])
    func `drops a field that may not be sent`(name: String, value: String) throws {
        var fields = HTTPFieldLines()
        #expect(fields.append(name, value) == false)
        HTTPResponseWriter.append(status: 200, fields: fields, to: try form("GET / HTTP/1.1"), into: writer)
        #expect(written == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func `refuses with the status of the failure, and closes`() {
        HTTPResponseWriter.append(HTTPFailure(414, "too long"), into: writer)
        #expect(written == "HTTP/1.1 414 URI Too Long\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.removeAll()
        HTTPResponseWriter.append(HTTPFailure(426, "old"), into: writer)
        #expect(written.contains("\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"))
    }

    @Test func `has a phrase for every status the room answers with`() throws {
        for status in [400, 413, 414, 426, 431, 501, 505] {
            writer.removeAll()
            HTTPResponseWriter.append(HTTPFailure(status, ""), into: writer)
            #expect(!written.contains("Unknown"))
        }
    }
}
