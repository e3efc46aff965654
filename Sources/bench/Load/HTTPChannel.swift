import SocketIOWire

/// A connection that carries one HTTP request at a time.
final class HTTPChannel {
    private let connection: Connection
    private let host: String
    private var parser = HTTPResponseParser(answering: .get)
    private var body: [UInt8] = []

    init(_ target: Target) throws {
        connection = Connection(try TCP.connect(to: target.address))
        host = "\(target.address.host):\(target.address.port)"
    }

    var socket: CInt { connection.socket }

    func get(_ target: String) throws(LoadFailure) {
        try send("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n", [])
    }

    func post(_ target: String, _ body: [UInt8]) throws(LoadFailure) {
        let head = """
            POST \(target) HTTP/1.1\r
            Host: \(host)\r
            Content-Type: text/plain;charset=UTF-8\r
            Content-Length: \(body.count)\r
            \r

            """
        try send(head, body)
    }

    private func send(_ head: String, _ rest: [UInt8]) throws(LoadFailure) {
        parser = HTTPResponseParser(answering: .get)
        body = []
        try connection.send(Array(head.utf8) + rest)
    }

    /// Takes what has arrived; the body of the response, once it is whole.
    func receive(into buffer: ReceiveBuffer) throws -> [UInt8]? {
        switch buffer.receive(from: connection.socket) {
        case .nothing: return nil
        case .end: throw LoadFailure.dropped
        case .bytes(let count):
            let bytes = buffer.array(0..<count)
            var cursor = 0
            while let event = try parser.next(bytes.span, from: &cursor) {
                switch event {
                case .head(let head):
                    guard head.status == 200 else { throw LoadFailure("the server answers \(head.status)") }
                case .body(let range): body += bytes[range]
                case .end: return body
                }
            }
            return nil
        }
    }
}
