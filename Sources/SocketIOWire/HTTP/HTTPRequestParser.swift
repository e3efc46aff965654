/// Turns received bytes into requests (RFC 9112), strictly: what another parser might read differently is refused, so
/// that nothing can be smuggled through a proxy in front of us.
package struct HTTPRequestParser {
    private enum State {
        /// Before the first byte of a request; an idle connection holds no memory.
        case requestLine(afterEmptyLine: Bool)
        /// In the fields, after this request line.
        case fields(HTTPRequestLine)
        case body(HTTPBodyReader)
        /// After a failure: everything that follows is discarded.
        case failed
    }

    private var state = State.requestLine(afterEmptyLine: false)
    private var head = HTTPHeadReader()
    private let limits: HTTPLimits

    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// Whether no request is in progress: the connection may be closed without loss.
    package var isIdle: Bool {
        switch state {
        case .requestLine: head.isEmpty
        case .fields, .body, .failed: false
        }
    }

    /// Whether a head was read, and its request is not at its end.
    var isWithinRequest: Bool {
        switch state {
        case .body: true
        case .requestLine, .fields, .failed: false
        }
    }

    /// Whether bytes of the request's body are still to come.
    var isBodyMissing: Bool {
        switch state {
        case .body(let body): !body.isAtEnd
        case .requestLine, .fields, .failed: false
        }
    }

    /// The body of the request whose head was just read, of this length, may have as many bytes as `limit` says.
    mutating func limitBody(of length: HTTPBodyLength, to limit: Int) {
        guard case .body = state else { return }
        state = .body(HTTPBodyReader(length, limit: limit))
    }

    /// The next event in `bytes` at or after `cursor`, or nil when the chunk is used up.
    ///
    /// Call it until it returns nil, and then with the next chunk from zero. After `.end` the cursor stands behind the
    /// request; if that asked for an upgrade, what follows is no longer HTTP.
    package mutating func next(
        _ bytes: Span<UInt8>, from cursor: inout Int
    ) throws(HTTPFailure) -> HTTPEvent? {
        do {
            return try advance(bytes, from: &cursor)
        } catch {
            state = .failed
            head = HTTPHeadReader()
            cursor = bytes.count
            throw error
        }
    }

    private mutating func advance(
        _ bytes: Span<UInt8>, from cursor: inout Int
    ) throws(HTTPFailure) -> HTTPEvent? {
        while true {
            switch state {
            case .requestLine(let afterEmptyLine):
                guard
                    let line = try head.line(
                        bytes, from: &cursor, limit: limits.lineAndHeaderBytes, tooLong: 414)
                else { return nil }
                if line.isEmpty {
                    // RFC 9112 2.2: clients have been known to send one after a body.
                    guard !afterEmptyLine else { throw HTTPFailure(400, "empty lines before a request") }
                    head.discardLine()
                    state = .requestLine(afterEmptyLine: true)
                } else {
                    state = .fields(try HTTPRequestLine(head.bytes, line))
                }
            case .fields(let requestLine):
                guard
                    let line = try head.line(
                        bytes, from: &cursor, limit: limits.lineAndHeaderBytes, tooLong: 431)
                else { return nil }
                if line.isEmpty { return .head(try finishHead(requestLine)) }
                try head.appendField(line, limit: limits.headerCount)
            case .body(var body):
                let part = try body.next(bytes, from: &cursor, limits: limits)
                switch part {
                case .end:
                    state = .requestLine(afterEmptyLine: false)
                    return .end
                case .data(let range):
                    state = .body(body)
                    return .body(range)
                case nil:
                    state = .body(body)
                    return nil
                }
            case .failed:
                cursor = bytes.count
                return nil
            }
        }
    }

    private mutating func finishHead(_ line: HTTPRequestLine) throws(HTTPFailure) -> HTTPRequestHead {
        let fields = head.finish()
        try fields.checkHost(line.version)
        try fields.checkOrigin()
        let bodyLength = try fields.bodyLength(line.version)
        state = .body(HTTPBodyReader(bodyLength ?? .none, limit: limits.bodyBytes))
        return HTTPRequestHead(
            method: line.method, version: line.version, target: line.target, bodyLength: bodyLength ?? .none,
            fields: fields)
    }
}

/// What an `HTTPRequestParser` found.
package enum HTTPEvent: Sendable {
    case head(HTTPRequestHead)
    /// Bytes of the decoded body, in the chunk that was given to the parser.
    case body(Range<Int>)
    /// The request is whole; the next one may follow.
    case end
}
