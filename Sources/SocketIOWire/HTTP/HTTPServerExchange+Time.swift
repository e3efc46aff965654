extension HTTPServerExchange {
    /// Until when a client that takes nothing of what is sent to it is waited for.
    struct Patience: Sendable {
        var until: Instant
        /// What it had still to take when the time was over last.
        private var unsent = Int.max

        init(until: Instant) {
            self.until = until
        }

        /// The time is over. Whether the client has taken something since, and is waited for once more.
        mutating func lasts(unsent: Int, until: Instant) -> Bool {
            guard unsent < self.unsent else { return false }
            self.unsent = unsent
            self.until = until
            return true
        }
    }

    /// When `handleTimeout` has something to do.
    package var deadline: Instant? {
        switch state {
        case .idle(let patience, _), .sending(_, _, let patience): patience.until
        case .head(let until), .body(_, _, let until): until
        case .waiting, .leaving, .upgraded, .closed: nil
        }
    }

    /// What the driver is to see to until the next input.
    package struct Needs {
        package let isReading: Bool
        package let deadline: Instant?
    }

    /// Nil once the connection is not the exchange's any more.
    package var needs: Needs? { isOpen ? Needs(isReading: isReading, deadline: deadline) : nil }

    /// - Parameter unsent: Bytes that wait for the client to read.
    package mutating func handleTimeout(unsent: Int, now: Instant) -> Action? {
        guard let deadline, now >= deadline else { return nil }
        let next = now.advanced(by: limits.keepAliveTime)
        switch state {
        case .idle(var patience, let isHeadTimed):
            // Not idle: the client is still reading the last response.
            guard unsent > 0, patience.lasts(unsent: unsent, until: next) else { break }
            state = .idle(patience, isHeadTimed: isHeadTimed)
            return nil
        case .sending(let form, let body, var patience):
            // Where nothing is unsent, the next piece is awaited, and not the client.
            guard unsent == 0 || patience.lasts(unsent: unsent, until: next) else { break }
            if unsent == 0 { patience = Patience(until: next) }
            state = .sending(form, body, patience)
            return nil
        case .head, .body: return refuse(HTTPFailure(408, "the request took too long"))
        case .waiting, .leaving, .upgraded, .closed: return nil
        }
        close()
        return .close
    }

    /// The server closes: a connection without a request ends now, others with their answer.
    package mutating func shutDown() -> Action? {
        switch state {
        case .idle, .head:
            close()
            return .close
        case .body, .waiting, .sending, .leaving, .upgraded, .closed: return nil
        }
    }
}
