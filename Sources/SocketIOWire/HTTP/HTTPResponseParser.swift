/// Turns received bytes into one response (RFC 9112); a client makes one of these for each request.
package struct HTTPResponseParser {
    private enum State {
        case statusLine(interim: UInt8)
        /// In the fields, after this status line.
        case fields(HTTPStatusLine, interim: UInt8)
        case body(HTTPBodyReader, untilClose: Bool)
        /// After the response; what follows on the connection is not for this parser.
        case finished
        /// After a failure: everything that follows is discarded.
        case failed
    }

    /// What the parser found.
    package enum Event: Sendable {
        case head(HTTPResponseHead)
        /// Bytes of the decoded body, in the chunk that was given to the parser.
        case body(Range<Int>)
        /// The response is whole. After a 101 the connection is no longer HTTP.
        case end
    }

    /// The most interim responses, such as 100, before the final one.
    private static let maxInterim: UInt8 = 16

    private var state = State.statusLine(interim: 0)
    private var head = HTTPHeadReader()
    /// A response to HEAD has the fields of a body but no body (RFC 9112 6.3).
    private let answersHead: Bool
    private let limits: HTTPLimits
    private let bodyLimit: Int

    /// - Parameter bodyLimit: The most bytes of a body; by default as `limits` says.
    package init(answering method: HTTPMethod, limits: HTTPLimits = HTTPLimits(), bodyLimit: Int? = nil) {
        answersHead = method == .head
        self.limits = limits
        self.bodyLimit = bodyLimit ?? limits.bodyBytes
    }

    /// The next event in `bytes` at or after `cursor`, or nil when the chunk is used up or the response is whole.
    package mutating func next(
        _ bytes: Span<UInt8>, from cursor: inout Int
    ) throws(ProtocolViolation) -> Event? {
        do throws(HTTPFailure) {
            return try advance(bytes, from: &cursor)
        } catch {
            fail()
            cursor = bytes.count
            let isTooBig = error.status == 413 || error.status == 431
            throw ProtocolViolation(isTooBig ? .tooBig : .malformed, error.detail)
        }
    }

    /// The server ended the connection, which is how a body without a length ends.
    package mutating func receiveEnd() throws(ProtocolViolation) -> Event? {
        switch state {
        case .body(_, untilClose: true):
            state = .finished
            return .end
        case .finished, .failed: return nil
        case .statusLine, .fields, .body(_, untilClose: false):
            fail()
            throw ProtocolViolation(.malformed, "the connection ended within a response")
        }
    }

    private mutating func advance(
        _ bytes: Span<UInt8>, from cursor: inout Int
    ) throws(HTTPFailure) -> Event? {
        while true {
            switch state {
            case .statusLine(let interim):
                guard let line = try line(bytes, from: &cursor) else { return nil }
                state = .fields(try HTTPStatusLine(head.bytes, line), interim: interim)
            case .fields(let statusLine, let interim):
                guard let line = try line(bytes, from: &cursor) else { return nil }
                if !line.isEmpty {
                    try head.appendField(line, limit: limits.headerCount)
                } else if let head = try finishHead(statusLine, interim) {
                    return .head(head)
                }
            case .body(var body, let untilClose):
                let part = try body.next(bytes, from: &cursor, limits: limits)
                state = .body(body, untilClose: untilClose)
                switch part {
                case .data(let range): return .body(range)
                case .end:
                    state = .finished
                    return .end
                case nil: return nil
                }
            case .finished: return nil
            case .failed:
                cursor = bytes.count
                return nil
            }
        }
    }

    private mutating func line(
        _ bytes: Span<UInt8>, from cursor: inout Int
    ) throws(HTTPFailure) -> Range<Int>? {
        try head.line(bytes, from: &cursor, limit: limits.lineAndHeaderBytes, tooLong: 431)
    }

    /// The head, or nil if it is an interim one that another follows (RFC 9110 15.2).
    private mutating func finishHead(
        _ line: HTTPStatusLine, _ interim: UInt8
    ) throws(HTTPFailure) -> HTTPResponseHead? {
        let fields = head.finish()
        if line.status < 200, line.status != 101 {
            guard interim < Self.maxInterim else { throw HTTPFailure(400, "too many interim responses") }
            state = .statusLine(interim: interim &+ 1)
            return nil
        }
        var length = try fields.bodyLength(line.version) ?? .untilClose
        if answersHead || line.status == 101 || line.status == 204 || line.status == 304 { length = .none }
        state = .body(HTTPBodyReader(length, limit: bodyLimit), untilClose: length == .untilClose)
        return HTTPResponseHead(status: line.status, version: line.version, bodyLength: length, fields: fields)
    }

    private mutating func fail() {
        state = .failed
        head = HTTPHeadReader()
    }
}
