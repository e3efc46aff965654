import SocketIOWire
import TestSupport
import Testing

@Suite struct HTTPBodyWriterTests {
    private static let pieces = ["a", "", String(repeating: "b", count: 15), String(repeating: "c", count: 256), "d"]
    private static let body = pieces.joined()

    /// A whole response in these pieces, whose head is written with `length`; nil if the body is not whole.
    private static func response(_ length: HTTPBodyLength, to form: HTTPResponseForm) -> [UInt8]? {
        let writer = ByteWriter()
        HTTPResponseWriter.appendHead(status: 200, length: length, to: form, into: writer)
        var body = HTTPBodyWriter(length, isOmitted: form.omitsBody)
        for piece in pieces {
            let taken = body.beginPiece(of: piece.utf8.count, into: writer)
            guard taken > 0 else { continue }
            writer.append(utf8: String(piece.prefix(taken)))
            body.endPiece(into: writer)
        }
        return body.end(into: writer) ? writer.array() : nil
    }

    private static func form(_ method: String = "GET", version: String = "1.1") throws -> HTTPResponseForm {
        HTTPResponseForm(answering: try HTTPRequestParser.head("\(method) / HTTP/\(version)\r\nHost: a\r\n\r\n"))
    }

    /// The body that our own client reads, from these chunks and the connection's end.
    private static func read(_ chunks: [[UInt8]], answering method: HTTPMethod = .get) throws -> String {
        var parser = HTTPResponseParser(answering: method)
        var body: [UInt8] = []
        for chunk in chunks {
            var cursor = 0
            while let event = try parser.next(chunk.span, from: &cursor) {
                switch event {
                case .head: break
                case .body(let range): body += chunk[range]
                case .end: return String(decoding: body, as: UTF8.self)
                }
            }
        }
        guard case .end? = try parser.receiveEnd() else { return "no end" }
        return String(decoding: body, as: UTF8.self)
    }

    @Test(arguments: [HTTPBodyLength.chunked, .fixed(body.utf8.count), .untilClose])
    func `what is written is read again, wherever it is cut`(length: HTTPBodyLength) throws {
        let bytes = try #require(Self.response(length, to: try Self.form()))
        for cut in 0...bytes.count { #expect(try Self.read(bytes.cut(at: [cut])) == Self.body, "cut at \(cut)") }
        #expect(try Self.read(bytes.singleBytes) == Self.body)
    }

    @Test func `no more goes out than was announced, and less is no whole body`() throws {
        let bytes = try #require(Self.response(.fixed(7), to: try Self.form()))
        #expect(try Self.read([bytes]) == String(Self.body.prefix(7)))
        #expect(Self.response(.fixed(Self.body.utf8.count + 1), to: try Self.form()) == nil)
    }

    @Test func `a response to HEAD is its head`() throws {
        for length in [HTTPBodyLength.chunked, .fixed(7), .untilClose] {
            let bytes = try #require(Self.response(length, to: try Self.form("HEAD")))
            #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("\r\n\r\n"))
            #expect(try Self.read([bytes], answering: .head) == "")
        }
    }

    @Test func `the head says where the body ends`() throws {
        for (length, field) in [
            (HTTPBodyLength.chunked, "Transfer-Encoding: chunked\r\n"), (.fixed(7), "Content-Length: 7\r\n"),
            (.untilClose, ""),
        ] {
            let writer = ByteWriter()
            HTTPResponseWriter.appendHead(status: 200, length: length, to: try Self.form(), into: writer)
            #expect(String(decoding: writer.array(), as: UTF8.self) == "HTTP/1.1 200 OK\r\n\(field)\r\n")
        }
    }
}
