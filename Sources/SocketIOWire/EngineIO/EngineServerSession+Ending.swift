// How a session ends (Protocol.md 3.7). The application hears it once, as the last of what is done.

extension EngineServerSession {
    /// Ends the session from this side, after what was sent so far.
    ///
    /// - Parameter code: What a WebSocket is closed with, if the reason does not say enough.
    package mutating func close(
        because reason: EngineCloseReason, code: WebSocketCloseCode? = nil, now: Instant, rules: Rules
    ) -> [Action] {
        switch state {
        case .polling(let polling):
            switch reason {
            case .transportError, .slowConsumer, .pingTimeout, .parseError: return end(because: reason)
            case .transportClose, .forcedClose, .serverShuttingDown:
                return drain(polling, because: reason, until: now.advanced(by: rules.drainTime))
            }
        case .webSocket:
            return [.closeWebSocket(code ?? reason.closeCode)] + end(because: reason)
        case .draining, .closed:
            return []
        }
    }

    /// The client did what it must not.
    package mutating func fail(because reason: EngineCloseReason, _ detail: StaticString) -> [Action] {
        switch state {
        case .polling: end(because: reason, detail: detail.description)
        case .webSocket: [.closeWebSocket(reason.closeCode)] + end(because: reason, detail: detail.description)
        case .draining, .closed: []
        }
    }

    /// The WebSocket that is the transport closed, or broke.
    package mutating func webSocketEnded(because reason: EngineCloseReason, detail: String? = nil) -> [Action] {
        switch state {
        case .webSocket: end(because: reason, detail: detail)
        case .polling, .draining, .closed: []
        }
    }

    /// Nobody is served any more: the session is over, whatever its client has still to fetch.
    package mutating func abandon(because reason: EngineCloseReason) -> [Action] { end(because: reason) }

    /// Another session needs the place: this one is over at once, and its client may come again.
    package mutating func evict() -> [Action] {
        switch state {
        case .webSocket: [.closeWebSocket(.tryAgainLater)] + end(because: .forcedClose)
        case .polling, .draining, .closed: end(because: .forcedClose)
        }
    }

    /// Lets the client fetch what is left, and then the close packet.
    private mutating func drain(
        _ polling: Polling, because reason: EngineCloseReason, until: Instant
    ) -> [Action] {
        let draining = Draining(polling.requests, until: until, because: reason, dialect)
        state = .draining(draining)
        // A client whose probe is answered polls no more: it gets what is left once it has switched.
        let probe = draining.requests.upgrade.isProbed ? [] : draining.requests.closeProbe()
        return probe + flush(draining) + [.ended(reason, detail: nil)]
    }

    /// The last thing that happens to a session. One that drains has told its reason already.
    mutating func end(because reason: EngineCloseReason, detail: String? = nil) -> [Action] {
        switch state {
        case .polling(let polling):
            state = .closed(reason, dialect)
            return polling.requests.abandon() + [.retire, .ended(reason, detail: detail)]
        case .webSocket:
            state = .closed(reason, dialect)
            return [.retire, .ended(reason, detail: detail)]
        case .draining(let draining):
            state = .closed(draining.reason, draining.dialect)
            return draining.requests.abandon() + [.retire]
        case .closed:
            return []
        }
    }
}
