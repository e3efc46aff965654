// A body that goes on as it arrives: whoever takes it answers, perhaps before it is whole.

extension HTTPServerExchange {
    /// How a body arrives.
    struct Incoming: Sendable {
        /// So much of it, or what is left, has as long as the whole of another body.
        private static let portion = 64 * 1024

        /// Whether nothing more of it is taken for now.
        fileprivate(set) var isPaused = false
        private var until: Instant
        /// Since the time began.
        private var arrived = 0

        fileprivate init(until: Instant) {
            self.until = until
        }

        /// None while it waits for whoever takes it.
        var deadline: Instant? { isPaused ? nil : until }

        mutating func add(_ count: Int, now: Instant, time: Duration) {
            arrived += count
            if arrived >= Self.portion { restart(until: now.advanced(by: time)) }
        }

        fileprivate mutating func restart(until: Instant) {
            self.until = until
            arrived = 0
        }
    }

    /// Has the body, of at most `limit` bytes, go on as it arrives. True if the client waits to be told so, with
    /// `100 Continue`.
    package mutating func streamBody(of head: HTTPRequestHead, limit: Int, now: Instant) -> Bool {
        guard case .waiting(let form, _) = state else { return false }
        parser.limitBody(of: head.bodyLength, to: limit)
        state = .receiving(form, Incoming(until: now.advanced(by: limits.bodyTime)))
        return head.expectsContinue
    }

    /// Nothing more of the body is taken until `resumeBody`: the client has to wait.
    package mutating func pauseBody() {
        guard case .receiving(let form, var incoming) = state else { return }
        incoming.isPaused = true
        state = .receiving(form, incoming)
    }

    package mutating func resumeBody(now: Instant) {
        guard case .receiving(let form, var incoming) = state, incoming.isPaused else { return }
        incoming.isPaused = false
        incoming.restart(until: now.advanced(by: limits.bodyTime))
        state = .receiving(form, incoming)
    }
}
