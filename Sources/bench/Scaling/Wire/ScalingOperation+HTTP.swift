import SocketIOWire

extension ScalingOperation {
    /// Heads, queries, cookies, bodies.
    static func http() -> [ScalingOperation] {
        [
            plain("request-headers", 64) { count in
                let text = request(fields: count)
                return { _ = try head(of: text) }
            },
            plain("request-headers-listed", 64) { count in
                let head = try head(of: request(fields: count))
                return { guard head.fields.all.count > count else { throw LoadFailure("lost") } }
            },
            plain("request-headers-by-name", 32) { count in
                let head = try head(of: request(fields: count))
                return { for index in 0..<count where head.fields[field(index)] == nil { throw LoadFailure("lost") } }
            }.within("limits.headerCount"),
            plain("query-parameters-listed", 64) { count in
                let head = try head(of: request(parameters: count))
                return { guard head.query.items.count == count else { throw LoadFailure("lost") } }
            },
            plain("query-parameters-by-name", 32) { count in
                let head = try head(of: request(parameters: count))
                return {
                    for index in 0..<count where head.query["p\(1_000 + index)"] == nil { throw LoadFailure("lost") }
                }
            }.within("limits.headerBytes"),
            // The jar keeps 50.
            plain("cookies", 6) { count in
                let fields = try response(cookies: count)
                return {
                    for _ in 0..<20 {
                        var jar = CookieJar()
                        jar.update(from: fields)
                        guard jar.field != nil else { throw LoadFailure("lost") }
                    }
                }
            },
            plain("chunks-of-a-body", 128) { count in
                let chunks = String(repeating: "1\r\nx\r\n", count: count)
                let text = Array(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n".utf8)
                return { _ = try head(of: text) }
            },
            plain("bytes-of-a-head", 256) { count in
                let text = Array(
                    "GET / HTTP/1.1\r\nHost: a\r\nLong: \(String(repeating: "x", count: count))\r\n\r\n".utf8)
                return {
                    var parser = HTTPRequestParser(limits: limits)
                    for byte in text { var cursor = 0; _ = try parser.next([byte].span, from: &cursor) }
                    guard !parser.isIdle else { throw LoadFailure("no request") }
                }
            },
            plain("requests-in-a-row", 64) { count in
                let text = Array(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: count).utf8)
                return {
                    var parser = HTTPRequestParser(limits: limits)
                    var (cursor, ends) = (0, 0)
                    while let event = try parser.next(text.span, from: &cursor) { if case .end = event { ends += 1 } }
                    guard ends == count else { throw LoadFailure("lost") }
                }
            },
        ]
    }

    private static var limits: HTTPLimits {
        HTTPLimits(lineAndHeaderBytes: .max, headerCount: .max, bodyBytes: .max)
    }

    private static func field(_ index: Int) -> String { "Field-\(1_000 + index)" }

    private static func request(fields count: Int) -> [UInt8] {
        let lines = (0..<count).map { "\(field($0)): value\r\n" }.joined()
        return Array("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n".utf8)
    }

    private static func request(parameters count: Int) -> [UInt8] {
        let query = (0..<count).map { "p\(1_000 + $0)=value" }.joined(separator: "&")
        return Array("GET /?\(query) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    }

    private static func head(of text: [UInt8]) throws -> HTTPRequestHead {
        var parser = HTTPRequestParser(limits: limits)
        var cursor = 0
        var head: HTTPRequestHead?
        while let event = try parser.next(text.span, from: &cursor) {
            switch event {
            case .head(let found): head = found
            case .body: continue
            case .end:
                if let head { return head }
            }
        }
        throw LoadFailure("no request")
    }

    private static func response(cookies count: Int) throws -> HTTPFields {
        let lines = (0..<count).map { "Set-Cookie: cookie\(1_000 + $0)=value; Path=/\r\n" }.joined()
        let text = Array("HTTP/1.1 200 OK\r\n\(lines)Content-Length: 0\r\n\r\n".utf8)
        var parser = HTTPResponseParser(answering: .get)
        var cursor = 0
        guard case .head(let head) = try parser.next(text.span, from: &cursor) else { throw LoadFailure("no response") }
        return head.fields
    }
}
