// Long-polling (Protocol.md 3.3).

extension EngineServerSession {
    /// A GET that names the session arrived.
    package mutating func beginPoll() -> [Action] {
        switch state {
        case .polling(let polling):
            guard !polling.requests.isPolling else {
                return [.refuseRequest] + fail(because: .transportError, "a poll while another is open")
            }
            polling.requests.isPolling = true
            guard let answer = polling.requests.flush() else { return [.holdPoll] }
            return [.holdPoll, answer]
        case .draining(let draining):
            guard !draining.requests.isPolling else { return [.refuseRequest] }
            draining.requests.isPolling = true
            return [.holdPoll] + flush(draining)
        case .webSocket, .closed:
            return [.refuseRequest]
        }
    }

    /// A POST that names the session arrived, its body not yet.
    ///
    /// - Parameter isBinary: Whether it is announced as bytes.
    package mutating func beginPost(isBinary: Bool) -> [Action] {
        switch state {
        case .polling(let polling):
            guard !polling.requests.isPosting else {
                return [.refuseRequest] + fail(because: .transportError, "a POST while another is being received")
            }
            guard !isBinary || dialect.hasBinaryPayloads else {
                return [.refuseRequest]
                    + fail(because: .transportError, "a binary payload, which is not of this version")
            }
            polling.requests.isPosting = true
            return [.collectPost]
        case .draining(let draining):
            // What it brings is void, and answered all the same.
            guard !draining.requests.isPosting, !isBinary || dialect.hasBinaryPayloads else { return [.refuseRequest] }
            draining.requests.isPosting = true
            return [.collectPost]
        case .webSocket, .closed:
            return [.refuseRequest]
        }
    }

    /// The body of the POST is there: now its packets are used, and then it is answered. Or it was refused because of its
    /// size, which leaves the session as it is (Protocol.md 1.4).
    package mutating func postEnded() {
        switch state {
        case .polling(let polling): polling.requests.isPosting = false
        case .draining(let draining): draining.requests.isPosting = false
        case .webSocket, .closed: break
        }
    }

    /// The POST has been used and is to be answered later, before which the client may not send another. False if it is
    /// to be answered at once.
    package mutating func holdPost() -> Bool {
        switch state {
        case .polling(let polling):
            polling.requests.isPosting = true
            return true
        case .webSocket, .draining, .closed:
            return false
        }
    }

    /// The connection of the open poll is lost.
    package mutating func pollAborted() -> [Action] {
        switch state {
        case .polling(let polling):
            polling.requests.isPolling = false
            return fail(because: .transportError, "a poll was aborted")
        case .draining(let draining):
            draining.requests.isPolling = false
            return []
        case .webSocket, .closed:
            return []
        }
    }

    /// The body of the POST will not come, or came too late.
    package mutating func postAborted() -> [Action] {
        switch state {
        case .polling(let polling):
            polling.requests.isPosting = false
            return fail(because: .transportError, "a POST was aborted")
        case .draining(let draining):
            draining.requests.isPosting = false
            return []
        case .webSocket, .closed:
            return []
        }
    }

    /// Sends what was queued during a turn, so that a burst is one response, or gives up a client that takes nothing.
    package mutating func turnEnded(rules: Rules) -> [Action] {
        switch state {
        case .polling(let polling):
            guard polling.requests.byteCount <= rules.outputLimit else {
                return fail(because: .slowConsumer, "the client does not take its packets")
            }
            return polling.requests.flush().map { [$0] } ?? []
        case .webSocket, .draining, .closed:
            return []
        }
    }

    /// Answers an open poll with what is left; the poll after that gets the close packet.
    ///
    /// Not both in one response (Protocol.md 3.7): the client acts on the close packet at once, and on the messages before
    /// it later.
    mutating func flush(_ draining: Draining) -> [Action] {
        if let answer = draining.requests.flush() { return [answer] }
        return draining.requests.isPolling ? end(because: draining.reason) : []
    }
}
