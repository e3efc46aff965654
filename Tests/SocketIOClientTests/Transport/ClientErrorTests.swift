import SocketIOWire
import Testing

@testable import SocketIOClient

/// What a response other than the one hoped for is told as.
@Suite struct ClientErrorTests {
    private func error(_ status: Int, _ fields: String = "", body: String = "") throws -> ClientError {
        let response = Array("HTTP/1.1 \(status) X\r\n\(fields)Content-Length: 0\r\n\r\n".utf8)
        var parser = HTTPResponseParser(answering: .get)
        var cursor = 0
        var head: HTTPResponseHead?
        while head == nil, let event = try parser.next(response.span, from: &cursor) {
            if case .head(let found) = event { head = found }
        }
        return ClientError(
            unexpected: try #require(head), body: Array(body.utf8), from: try HTTPOrigin(parsing: "http://host:1"))
    }

    @Test(arguments: [
        (301, ClientError.Code.redirected), (302, .redirected), (308, .redirected), (304, .badResponse),
        (407, .proxyRequired), (403, .rejected), (404, .badResponse), (500, .badResponse), (101, .badResponse),
    ]) func `a status has its code`(status: Int, code: ClientError.Code) throws {
        #expect(try error(status).code == code)
    }

    @Test func `the server's own words are in the message, and a refusal of Engine.IO is one`() throws {
        let refused = try error(400, body: #"{"code":0,"message":"Transport unknown"}"#)
        #expect(refused.code == .rejected)
        #expect(refused.message == "host:1 answered with status 400: Transport unknown")
        #expect(try error(301, "Location: http://other/\r\n").message.contains("http://other/"))
        #expect(try error(503, body: "busy").message.hasSuffix("status 503: busy"))
    }

    @Test func `a body that would do something to a terminal is left out, and a long one is cut`() throws {
        #expect(try error(500, body: "\u{1B}[31m").message == "host:1 answered with status 500")
        #expect(try error(500, body: String(repeating: "x", count: 10_000)).message.utf8.count < 300)
    }

    @Test func `codes are compared and printed by their names`() {
        #expect(ClientError.Code.refused != .rejected)
        #expect("\(ClientError.Code.unacknowledged)" == "unacknowledged")
    }

    @Test func `data of a refusal is read as what it is, and as nothing else`() throws {
        let refusal = ClientError(
            .refused, "no", cause: ConnectionRefused("no", data: JSONValue.object(["seconds": 3])))
        #expect(try refusal.data(as: [String: Int].self) == ["seconds": 3])
        #expect(throws: DecodingError.self) { try refusal.data(as: [Int].self) }
        #expect(throws: DecodingError.self) { try ClientError(.refused, "no").data(as: [Int].self) }
    }
}
