import SocketIOWire

/// What a parser reports, with the bodies joined so that chunking makes no difference.
enum HTTPSeen: Equatable {
    case head(String)
    case body(String)
    case end
    case failure(Int)
}

extension [HTTPSeen] {
    mutating func append(body: [UInt8]) {
        let text = String(
            decoding: body.map { UnicodeScalar($0) }.map(Character.init).map(String.init).joined().utf8, as: UTF8.self)
        if case .body(let earlier) = last { self[count - 1] = .body(earlier + text) } else { append(.body(text)) }
    }
}

extension HTTPRequestParser {
    /// Reads `chunks` one after the other, as a loop does. A head is shown as its request line and its fields.
    mutating func read(_ chunks: [[UInt8]]) -> [HTTPSeen] {
        var seen: [HTTPSeen] = []
        for chunk in chunks {
            var cursor = 0
            do throws(HTTPFailure) {
                while let event = try next(chunk.span, from: &cursor) {
                    switch event {
                    case .head(let head):
                        let fields = head.fields.all.map { "\($0.name)=\($0.value)" }
                        seen.append(.head("\(head.method.name) \(head.target) \(fields.joined(separator: "|"))"))
                    case .body(let range): seen.append(body: Array(chunk[range]))
                    case .end: seen.append(.end)
                    }
                }
            } catch {
                seen.append(.failure(error.status))
            }
            precondition(cursor == chunk.count, "a chunk is always used up")
        }
        return seen
    }

    /// The head of `text`, which is one whole request head.
    static func head(_ text: String) throws -> HTTPRequestHead {
        var parser = HTTPRequestParser()
        var cursor = 0
        guard case .head(let head) = try parser.next(Array(text.utf8).span, from: &cursor) else {
            throw HTTPFailure(0, "no head")
        }
        return head
    }
}
