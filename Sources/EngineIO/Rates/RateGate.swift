internal import NetLoop
internal import SocketIOWire

/// Stands before whoever takes a session's messages, where rates are set, and lets through what they allow. A session
/// without rates has none of this. Lives on the session's loop.
final class RateGate: EngineSessionHandler {
    /// Whom the messages are for.
    var next: any EngineSessionHandler
    private unowned let session: EngineSession
    private let meters: RateMeters
    private let kinds: any UpperShard
    private var events: RateLimit.Refill = 0
    private var bytes: RateLimit.Refill = 0
    /// What all sessions of the address have together.
    private let address: AddressRates?
    /// Attachments of an event that was dropped, which are still to come.
    private var attachmentsToDrop = 0
    /// There while the client is not read.
    private var timer: TimerID?

    init(
        before next: any EngineSessionHandler, of session: EngineSession, _ meters: RateMeters, _ kinds: any UpperShard
    ) {
        self.next = next
        self.session = session
        self.meters = meters
        self.kinds = kinds
        address = meters.enter(session.request)
    }

    var isSettled: Bool { next.isSettled }

    func begun() { next.begun() }
    func upgrading() { next.upgrading() }
    func upgraded() { next.upgraded() }

    func received(text: Span<UInt8>) {
        if passes(kinds.kind(ofText: text), text.count) { next.received(text: text) }
    }

    func received(binary: [UInt8]) {
        if passes(kinds.kind(ofBinary: binary), binary.count) { next.received(binary: binary) }
    }

    func sessionClosed(_ reason: EngineCloseReason) {
        if let timer { session.loop.cancel(timer) }
        timer = nil
        if address != nil { meters.leave(session.request) }
        next.sessionClosed(reason)
    }

    // MARK: Deciding

    private func passes(_ kind: MessageKind, _ byteCount: Int) -> Bool {
        switch kind {
        case .attachment where attachmentsToDrop > 0:
            attachmentsToDrop -= 1
            return false
        case .event, .control, .answer, .attachment: break
        }
        let now = meters.time(of: session.loop.now)
        switch meters.rates.excess {
        case .drop:
            guard case .event(let attachments) = kind else {
                force(kind, byteCount, now: now)
                return true
            }
            guard let excess = take(byteCount, now: now) else { return true }
            session.shard.noteExcess(excess)
            attachmentsToDrop = attachments
            return false
        case .disconnect:
            force(kind, byteCount, now: now)
            guard let (excess, _) = owed(now: now) else { return true }
            session.shard.noteExcess(excess)
            session.shard.configuration.logger.log(
                at: .debug, "session \(session.id) closed: it sends too much (\(excess))")
            session.close(code: .policyViolation)
            return false
        case .delay:
            force(kind, byteCount, now: now)
            if timer == nil, let (excess, wait) = owed(now: now) {
                session.shard.noteExcess(excess)
                session.setReading(false, because: .rate)
                timer = session.loop.schedule(self, after: wait)
            }
            return true
        }
    }

    /// Takes an event of all rates; the one that does not allow it, if there is one.
    private func take(_ byteCount: Int, now: RateLimit.Refill) -> RateName? {
        let rates = meters.rates
        if let limit = rates.eventsPerConnection?.limit {
            guard let refill = limit.take(1, from: events, now: now) else { return .eventsPerConnection }
            events = refill
        }
        if let limit = rates.bytesPerConnection?.limit {
            guard let refill = limit.take(byteCount, from: bytes, now: now) else { return .bytesPerConnection }
            bytes = refill
        }
        if let limit = rates.eventsPerAddress?.limit, address?.events.take(1, of: limit, now: now) == false {
            return .eventsPerAddress
        }
        if let limit = rates.bytesPerAddress?.limit, address?.bytes.take(byteCount, of: limit, now: now) == false {
            return .bytesPerAddress
        }
        return nil
    }

    /// Takes what is not dropped.
    private func force(_ kind: MessageKind, _ byteCount: Int, now: RateLimit.Refill) {
        let rates = meters.rates
        if let limit = rates.bytesPerConnection?.limit { bytes = limit.force(byteCount, from: bytes, now: now) }
        if let limit = rates.bytesPerAddress?.limit { address?.bytes.force(byteCount, of: limit, now: now) }
        switch kind {
        case .answer, .attachment: return
        case .event, .control: break
        }
        if let limit = rates.eventsPerConnection?.limit { events = limit.force(1, from: events, now: now) }
        if let limit = rates.eventsPerAddress?.limit { address?.events.force(1, of: limit, now: now) }
    }

    /// The rate that is exceeded most, and for how long it will be.
    private func owed(now: RateLimit.Refill) -> (RateName, Duration)? {
        let rates = meters.rates
        let buckets: [(RateName, RateLimit?, RateLimit.Refill)] = [
            (.eventsPerConnection, rates.eventsPerConnection?.limit, events),
            (.bytesPerConnection, rates.bytesPerConnection?.limit, bytes),
            (.eventsPerAddress, rates.eventsPerAddress?.limit, address?.events.refill ?? 0),
            (.bytesPerAddress, rates.bytesPerAddress?.limit, address?.bytes.refill ?? 0),
        ]
        var longest: (RateName, Duration)?
        for (name, limit, refill) in buckets {
            guard let wait = limit?.wait(until: refill, now: now), wait > longest?.1 ?? .zero else { continue }
            longest = (name, wait)
        }
        return longest
    }
}

extension RateGate: TimerTarget {
    func timerFired(now: EventLoop.Instant) {
        timer = nil
        if let (_, wait) = owed(now: meters.time(of: now)) {
            // Others of its address have sent meanwhile.
            timer = session.loop.schedule(self, after: wait)
        } else {
            session.setReading(true, because: .rate)
        }
    }
}
