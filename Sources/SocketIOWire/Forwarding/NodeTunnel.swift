/// Two connections that have become one: a client's, and that to the node of its session. What comes from one side goes to
/// the other, no faster than that takes it, until one ends.
package struct NodeTunnel: Sendable {
    package typealias Instant = CompactInstant

    package enum Side: CaseIterable, Sendable {
        case client
        case node

        package var other: Side {
            switch self {
            case .client: .node
            case .node: .client
            }
        }
    }

    /// What the driver has to do.
    package enum Action: Equatable, Sendable {
        /// End the connection once it has taken what waits for it.
        case finish(Side)
        /// End both at once.
        case close
    }

    private enum State: Sendable {
        case open(until: Instant)
        case over
    }

    /// Bytes that wait for one side, from which on the other is not read.
    package static let unsentLimit = 64 * 1024

    private var state: State
    private let patience: Duration

    /// - Parameter patience: After so long without a byte of either side both have gone: a session is never as silent.
    package init(patience: Duration, now: Instant) {
        self.patience = patience
        state = .open(until: now.advanced(by: patience))
    }

    package var deadline: Instant? {
        switch state {
        case .open(let until): until
        case .over: nil
        }
    }

    /// Whether a side is to be read, of whose bytes so many wait for the other.
    package func isRead(unsent: Int) -> Bool {
        switch state {
        case .open: unsent < Self.unsentLimit
        case .over: false
        }
    }

    /// Bytes have come. Whether they go on.
    package mutating func receive(now: Instant) -> Bool {
        switch state {
        case .open:
            state = .open(until: now.advanced(by: patience))
            return true
        case .over: return false
        }
    }

    /// A side sends nothing more: neither of them has anything to say to nobody.
    package mutating func finished(_ side: Side) -> [Action] {
        switch state {
        case .open:
            state = .over
            return [.finish(side.other), .finish(side)]
        case .over: return []
        }
    }

    /// The connection of a side is gone.
    package mutating func lost(_ side: Side) -> [Action] {
        switch state {
        case .open:
            state = .over
            return [.finish(side.other)]
        case .over: return []
        }
    }

    /// This server closes: it cannot say so within a protocol that others speak.
    package mutating func shutDown() -> [Action] {
        switch state {
        case .open:
            state = .over
            return [.close]
        case .over: return []
        }
    }

    package mutating func handleTimeout(now: Instant) -> [Action] {
        guard let deadline, now >= deadline else { return [] }
        state = .over
        return [.close]
    }
}
