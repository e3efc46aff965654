/// Packets that are sent one at a time, each again until it is acknowledged (the official client's `retries`).
///
/// The order is kept: nothing is sent before what is in front of it is acknowledged or given up. A packet may arrive
/// more than once; to notice that is the application's business.
package struct RetryQueue<Packet> {
    package typealias Instant = ContinuousClock.Instant

    private enum Head {
        /// Nothing is under way: the queue is empty, or there is no connection.
        case idle
        /// The first packet is sent; without an acknowledgement it is sent again then, or at the next connection.
        case inFlight(until: Instant?)
    }

    package enum Action {
        case send(Packet)
        /// The packet was sent as often as allowed.
        case giveUp(id: UInt64)
    }

    private var queue = DepartureQueue<Packet>()
    private var head = Head.idle
    /// How often the first packet was sent.
    private var sends = 0
    private let maxSends: Int
    private let maxCount: Int
    private let ackTimeout: Duration?

    /// - Parameters:
    ///   - retries: How often a packet is sent again.
    ///   - ackTimeout: How long an acknowledgement may take; nil waits until the connection is lost.
    ///   - maxCount: Packets beyond it are not taken.
    package init(retries: Int, ackTimeout: Duration?, maxCount: Int) {
        maxSends = max(retries, 0) + 1
        self.ackTimeout = ackTimeout
        self.maxCount = maxCount
    }

    package var isEmpty: Bool { queue.isEmpty }

    package func contains(_ id: UInt64) -> Bool { queue.contains(id) }

    package var deadline: Instant? {
        switch head {
        case .idle: nil
        case .inFlight(let until): until
        }
    }

    /// Adds a packet; false if the queue is full.
    package mutating func append(_ packet: Packet, id: UInt64) -> Bool {
        guard queue.count < maxCount else { return false }
        queue.append(packet, id: id)
        return true
    }

    /// Sends the first packet if none is under way; to be called while connected.
    package mutating func advance(now: Instant) -> [Action] {
        switch head {
        case .inFlight: return []
        case .idle: return sendHead(now: now)
        }
    }

    /// The acknowledgement `id` came; then call `advance`. False if it is not that of the packet under way.
    package mutating func acknowledged(_ id: UInt64) -> Bool {
        guard queue.first?.id == id else { return false }
        removeFirst()
        return true
    }

    /// The application does not wait any more.
    package mutating func remove(_ id: UInt64) {
        if queue.first?.id == id { removeFirst() } else { queue.remove(id) }
    }

    /// The connection is gone: the packet under way is sent again with the next one.
    package mutating func connectionClosed() {
        head = .idle
    }

    package mutating func handleTimeout(now: Instant) -> [Action] {
        switch head {
        case .inFlight(let until?) where now >= until: return sendHead(now: now)
        case .inFlight, .idle: return []
        }
    }

    private mutating func sendHead(now: Instant) -> [Action] {
        var actions: [Action] = []
        head = .idle
        while let (id, packet) = queue.first {
            if sends < maxSends {
                sends += 1
                head = .inFlight(until: ackTimeout.map { now.advanced(by: $0.bounded) })
                actions.append(.send(packet))
                return actions
            }
            removeFirst()
            if let id { actions.append(.giveUp(id: id)) }
        }
        return actions
    }

    private mutating func removeFirst() {
        _ = queue.removeFirst()
        head = .idle
        sends = 0
    }
}
