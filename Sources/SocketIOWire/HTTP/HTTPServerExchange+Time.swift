extension HTTPServerExchange {
    /// Until when a client is waited for that has something to take.
    struct Patience: Sendable {
        private(set) var until: Instant
        /// Of the answer at hand, in all.
        private var sent = 0
        /// What there was to take when the time was over last, and what had been sent by then.
        private var last: (unsent: Int, sent: Int)?

        init(until: Instant) {
            self.until = until
        }

        /// - Parameter count: Without what chunks and TLS put around it, which is never more than is added here: a client
        ///   is not to be blamed for what it does not know of.
        mutating func add(sent count: Int) {
            sent += count + count / 128 + 64
        }

        /// The time is over. Whether the client is waited for once more: if it has taken, since the last time, all that
        /// there was then or `least` bytes.
        mutating func lasts(unsent: Int, least: Int, until: Instant) -> Bool {
            if let last, last.unsent > 0 {
                let taken = last.unsent + (sent - last.sent) - unsent
                guard taken >= min(last.unsent, max(least, 1)) else { return false }
            }
            last = (unsent, sent)
            self.until = until
            return true
        }
    }

    /// When `handleTimeout` has something to do.
    package var deadline: Instant? {
        switch state {
        case .idle(let patience, _), .sending(_, _, let patience): patience.until
        case .head(let until), .body(_, _, let until): until
        case .receiving(_, let incoming): incoming.deadline
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

    /// - Parameter unsent: Bytes that wait for the client to take them, in the kernel as well.
    package mutating func handleTimeout(unsent: Int, now: Instant) -> Action? {
        guard let deadline, now >= deadline else { return nil }
        let next = now.advanced(by: limits.sendRateTime)
        switch state {
        case .idle(var patience, let isHeadTimed):
            // Not idle: the client is still reading the last response.
            guard unsent > 0 else { break }
            guard patience.lasts(unsent: unsent, least: limits.sendRateBytes, until: next) else {
                close()
                return .cut(because: "took less of its last answer than the minimum rate")
            }
            state = .idle(patience, isHeadTimed: isHeadTimed)
            return nil
        case .sending(let form, let body, var patience):
            // Where nothing is unsent, the next piece is awaited, and not the client.
            guard patience.lasts(unsent: unsent, least: limits.sendRateBytes, until: next) else {
                close()
                return .cut(because: "takes less of an answer than the minimum rate")
            }
            state = .sending(form, body, patience)
            return nil
        case .head, .body, .receiving: return refuse(HTTPFailure(408, "the request took too long"))
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
        case .sending(var form, let body, let patience):
            form.keepsAlive = false
            state = .sending(form, body, patience)
            return nil
        case .body, .receiving, .waiting, .leaving, .upgraded, .closed: return nil
        }
    }
}
