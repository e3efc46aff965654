import SocketIOWire
import Testing

@Suite struct HTTPRequestWriterTests {
    private let writer = ByteWriter()

    private var written: String { String(decoding: writer.array(), as: UTF8.self) }

    @Test func `writes a request without a body`() {
        let isWritten = HTTPRequestWriter.append(
            .get, target: "/socket.io/?EIO=4", host: "a:3000", fields: ["Accept": "*/*"], to: writer)
        #expect(isWritten)
        #expect(written == "GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: a:3000\r\nAccept: */*\r\n\r\n")
    }

    @Test func `writes the length of a body, an empty one too`() {
        #expect(HTTPRequestWriter.append(.post, target: "/", host: "a", body: "hi".utf8.span, to: writer) == true)
        #expect(written == "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
        writer.removeAll()
        #expect(HTTPRequestWriter.append(.post, target: "/", host: "a", to: writer) == true)
        #expect(written == "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    }

    @Test(arguments: [
        ("/ HTTP/1.1\r\nX: y", "a"), ("/a b", "a"), ("", "a"), ("a", "a"), ("/\u{E9}", "a"), ("/", ""), ("/", "a\r\nb"),
        ("/", "a/b"),
    ])
    func `writes nothing that would be read as something else`(target: String, host: String) {
        let isWritten = HTTPRequestWriter.append(.get, target: target, host: host, to: writer)
        #expect(!isWritten)
        #expect(writer.count == 0)
    }

    @Test func `refuses a method that is not a token`() {
        #expect(HTTPRequestWriter.append(.other("A B"), target: "/", host: "a", to: writer) == false)
    }

    @Test func `what it writes is what the request parser reads`() {
        _ = HTTPRequestWriter.append(
            .post, target: "/?a", host: "[::1]:80", fields: ["X": "y"], body: "b".utf8.span, to: writer)
        var parser = HTTPRequestParser()
        #expect(
            parser.read([writer.array()])
                == [.head("POST /?a Host=[::1]:80|X=y|Content-Length=1"), .body("b"), .end])
    }
}
