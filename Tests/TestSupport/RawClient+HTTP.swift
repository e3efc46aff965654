// HTTP as a test writes it.

/// A response as it came.
package struct RawResponse: Sendable {
    package let status: Int
    /// In order, names in lower case.
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The values of all fields of a name, joined.
    package subscript(name: String) -> String? {
        let values = fields.filter { $0.name == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

extension RawClient {
    /// A request as bytes. `Host` is added, and `Content-Length` if there is a body, unless they are given.
    package static func requestBytes(
        _ method: String, _ target: String, _ fields: [(String, String)] = [], body: [UInt8]? = nil
    ) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        let names = Set(fields.map { $0.0.lowercased() })
        if !names.contains("host") { head += "Host: localhost\r\n" }
        if let body, !names.contains("content-length"), !names.contains("transfer-encoding") {
            head += "Content-Length: \(body.count)\r\n"
        }
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        return Array(head.utf8) + Array("\r\n".utf8) + (body ?? [])
    }

    /// Sends a request; the response is read with `response`.
    package func sendRequest(
        _ method: String, _ target: String, _ fields: [(String, String)] = [], body: [UInt8]? = nil
    ) throws {
        try send(Self.requestBytes(method, target, fields, body: body))
    }

    package func get(_ target: String, _ fields: [(String, String)] = []) throws -> RawResponse {
        try sendRequest("GET", target, fields)
        return try response()
    }

    package func post(_ target: String, _ body: String, _ fields: [(String, String)] = []) throws -> RawResponse {
        try post(target, Array(body.utf8), fields)
    }

    package func post(_ target: String, _ body: [UInt8], _ fields: [(String, String)] = []) throws -> RawResponse {
        try sendRequest("POST", target, fields, body: body)
        return try response()
    }

    /// The next response. 100 is returned like any other.
    ///
    /// - Parameter toHead: Whether the request was a HEAD, whose response has no body.
    package func response(toHead: Bool = false) throws -> RawResponse {
        let head = String(decoding: try receive(through: "\r\n\r\n"), as: UTF8.self)
        var lines = head.split(separator: "\r\n")
        let words = lines.removeFirst().split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw RawClientError(description: "no response: \(head.debugDescription)")
        }
        let fields = lines.map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            let value = line[colon...].dropFirst().drop { $0 == " " }
            return (name: line[..<colon].lowercased(), value: String(value))
        }
        let count = fields.first { $0.name == "content-length" }.flatMap { Int($0.value) }
        let isBodyless = toHead || status < 200 || status == 204 || status == 304
        let body = isBodyless ? [] : try count.map { try receive($0) } ?? receiveToEnd()
        return RawResponse(status: status, fields: fields, body: body)
    }
}
