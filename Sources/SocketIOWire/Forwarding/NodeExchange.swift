/// One request that is passed on to the node of its session, from the question where that is to the end of its answer.
///
/// ```
///  finding ── found ──> connecting ── connected ──> awaiting ── .answer ──> answering ── .end ──> over
///     └─ .refuse            └─ .refuse                 └─ .splice
/// ```
///
/// A node that is not there is as a session that is not: the client connects anew. Once the request is sent nobody knows what
/// became of it, so that what breaks then breaks the client's connection, too.
package struct NodeExchange: Sendable {
    package typealias Instant = CompactInstant

    private enum State: Sendable {
        /// The directory is asked.
        case finding(until: Instant)
        /// Whoever connects has a time limit of their own.
        case connecting
        /// The request is sent.
        case awaiting(HTTPResponseParser, until: Instant)
        /// The head of the answer has come.
        case answering(HTTPResponseParser, keepsAlive: Bool, until: Instant)
        case over
    }

    /// What the driver has to do.
    package enum Action: Sendable {
        /// Connect to the node, or take a connection that is kept.
        case connect
        /// Send it the request.
        case send
        /// Tell the client that there is no such session.
        case refuse
        /// Begin to answer the client.
        case answer(HTTPResponseHead)
        /// A piece of the answer's body, where it lies in the bytes at hand.
        case piece(Range<Int>)
        /// The answer is whole.
        ///
        /// - Parameter keeping: Whether the node takes another request on its connection.
        case end(keeping: Bool)
        /// Answer with this head, and make one of the client's connection and the node's: the bytes at hand after it are the
        /// other protocol's.
        case splice(HTTPResponseHead)
        /// End the client's connection.
        case cut
    }

    /// How long the directory may take.
    package static let findTime = Duration.seconds(2)
    /// How long a node may take until it is connected to.
    package static let connectTime = Duration.seconds(2)

    private var state: State
    private let method: HTTPMethod
    private let patience: Duration

    /// - Parameters:
    ///   - method: That of the request.
    ///   - patience: How long a node may be silent: as long as a session may.
    package init(passingOn method: HTTPMethod, patience: Duration, now: Instant) {
        self.method = method
        self.patience = patience
        state = .finding(until: now.advanced(by: Self.findTime))
    }

    package var isOver: Bool {
        switch state {
        case .over: true
        case .finding, .connecting, .awaiting, .answering: false
        }
    }

    /// When `handleTimeout` has something to do.
    package var deadline: Instant? {
        switch state {
        case .finding(let until), .awaiting(_, let until), .answering(_, _, let until): until
        case .connecting, .over: nil
        }
    }

    /// The directory has answered.
    package mutating func found(_ isFound: Bool) -> Action? {
        switch state {
        case .finding:
            state = isFound ? .connecting : .over
            return isFound ? .connect : .refuse
        case .connecting, .awaiting, .answering, .over: return nil
        }
    }

    package mutating func connected(now: Instant) -> Action? {
        switch state {
        case .connecting:
            let limits = HTTPLimits(lineAndHeaderBytes: .max, headerCount: .max, bodyBytes: .max)
            state = .awaiting(
                HTTPResponseParser(answering: method, limits: limits), until: now.advanced(by: patience))
            return .send
        case .finding, .awaiting, .answering, .over: return nil
        }
    }

    package mutating func connectFailed() -> Action? {
        switch state {
        case .connecting:
            state = .over
            return .refuse
        case .finding, .awaiting, .answering, .over: return nil
        }
    }

    /// The next thing to do about `bytes`, which the node sent, at or after `cursor`; nil when they are used up.
    package mutating func receive(_ bytes: Span<UInt8>, from cursor: inout Int, now: Instant) -> Action? {
        switch state {
        case .awaiting(let parser, let until): return read(bytes, from: &cursor, parser, nil, until, now)
        case .answering(let parser, let keepsAlive, let until):
            return read(bytes, from: &cursor, parser, keepsAlive, until, now)
        case .finding, .connecting, .over: return nil
        }
    }

    /// - Parameter keepsAlive: Nil before the head.
    private mutating func read(
        _ bytes: Span<UInt8>, from cursor: inout Int, _ parser: HTTPResponseParser, _ keepsAlive: Bool?,
        _ until: Instant, _ now: Instant
    ) -> Action? {
        var parser = parser
        state = .over
        let event: HTTPResponseParser.Event?
        do throws(ProtocolViolation) {
            event = try parser.next(bytes, from: &cursor)
        } catch {
            return .cut
        }
        let next = now.advanced(by: patience)
        switch (event, keepsAlive) {
        case (.head(let head), _):
            if head.status == 101 { return .splice(head) }
            state = .answering(parser, keepsAlive: head.keepsAlive, until: next)
            return .answer(head)
        case (.body(let range), let keepsAlive):
            state = .answering(parser, keepsAlive: keepsAlive ?? false, until: next)
            return .piece(range)
        case (.end, let keepsAlive):
            // What follows an answer is none: a connection that has it is not to be trusted.
            return .end(keeping: keepsAlive == true && cursor == bytes.count)
        case (nil, nil): state = .awaiting(parser, until: until)
        case (nil, let keepsAlive?): state = .answering(parser, keepsAlive: keepsAlive, until: until)
        }
        return nil
    }

    /// The node sends nothing more, or its connection is lost.
    package mutating func nodeFinished() -> Action? {
        switch state {
        case .awaiting:
            state = .over
            return .cut
        case .answering(var parser, _, _):
            state = .over
            // An answer without a length ends like that.
            if (try? parser.receiveEnd()) != nil { return .end(keeping: false) }
            return .cut
        case .finding, .connecting, .over: return nil
        }
    }

    /// The client has gone, or has been answered by somebody else: nothing is to be done any more.
    package mutating func abandon() {
        state = .over
    }

    /// - Parameter isPaused: Whether the client has yet to take what came, so that the node is not read.
    package mutating func handleTimeout(isPaused: Bool, now: Instant) -> Action? {
        guard let deadline, now >= deadline else { return nil }
        switch state {
        case .finding:
            state = .over
            return .refuse
        case .answering(let parser, let keepsAlive, _) where isPaused:
            state = .answering(parser, keepsAlive: keepsAlive, until: now.advanced(by: patience))
            return nil
        case .awaiting, .answering:
            state = .over
            return .cut
        case .connecting, .over: return nil
        }
    }
}
