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

    private var queue = DepartureQueue<(packet: Packet, byteCount: Int)>()
    private var byteCount = 0
    private var head = Head.idle
    /// How often the first packet was sent.
    private var sends = 0
    private let maxSends: Int
    private let ackTimeout: Duration?

    /// - Parameters:
    ///   - retries: How often a packet is sent again.
    ///   - ackTimeout: How long an acknowledgement may take; nil waits until the connection is lost.
    package init(retries: Int, ackTimeout: Duration?) {
        maxSends = min(max(retries, 0), .max - 1) + 1
        self.ackTimeout = ackTimeout
    }

    package var isEmpty: Bool { queue.isEmpty }

    package func contains(_ id: UInt64) -> Bool { queue.contains(id) }

    package var deadline: Instant? {
        switch head {
        case .idle: nil
        case .inFlight(let until): until
        }
    }

    /// Adds a packet and returns what had to go for it, which may be the packet itself. A packet that is under way waits
    /// for nothing: it neither counts nor goes.
    package mutating func append(
        _ packet: Packet, id: UInt64, byteCount added: Int, within limits: BufferLimits
    ) -> [Packet] {
        var dropped: [Packet] = []
        switch head {
        case .inFlight:
            let first = queue.first?.element.byteCount ?? 0
            if !limits.fit(added, besideCount: queue.count - 1, bytes: byteCount - first) { return [packet] }
        case .idle:
            while !limits.fit(added, besideCount: queue.count, bytes: byteCount) {
                guard limits.dropsOldest, let oldest = removeFirst() else { return dropped + [packet] }
                dropped.append(oldest)
            }
        }
        queue.append((packet, added), id: id)
        byteCount += added
        return dropped
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
        if queue.first?.id == id {
            removeFirst()
        } else if let removed = queue.remove(id) {
            byteCount -= removed.byteCount
        }
    }

    /// Nobody waits for anything any more.
    package mutating func removeAll() {
        queue.removeAll()
        byteCount = 0
        head = .idle
        sends = 0
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
        while let (id, first) = queue.first {
            if sends < maxSends {
                sends += 1
                head = .inFlight(until: ackTimeout.map { now.advanced(by: $0.bounded) })
                actions.append(.send(first.packet))
                return actions
            }
            removeFirst()
            if let id { actions.append(.giveUp(id: id)) }
        }
        return actions
    }

    @discardableResult
    private mutating func removeFirst() -> Packet? {
        let first = queue.removeFirst()
        byteCount -= first?.byteCount ?? 0
        head = .idle
        sends = 0
        return first?.packet
    }
}
