package import NetLoop
package import SocketIOWire
internal import Synchronization

/// One client, over whichever transport it uses: carries out what `EngineServerSession` decides. Lives on one loop.
///
/// The messages of a WebSocket pass the machine by: they go from its frames to the handler, and back into frames.
package final class EngineSession: Keyed {
    package var id: String { key.description }
    package let key: CompactID
    /// The request that began the session.
    package let request: KeptRequest
    var handler: (any EngineSessionHandler)?
    let shard: EngineShard
    /// There while the session is on polling.
    var polling: PollingHandles?
    /// There while it is the transport.
    var webSocket: WebSocketConnection?
    var machine: EngineServerSession
    /// Whether `handler` has become another in this turn: who holds one has to take it anew.
    var handlerChanged = false
    /// Why the client is not read.
    var readingHolds: ReadingHolds = []
    /// How much waits for the client, for other threads: in one byte, for which there is room.
    let coarseUnsent = Atomic<UInt8>(0)
    /// Twice how many times `openedUnit` the server had run when the session began, and one more once a WebSocket is the
    /// transport, which other threads ask for: in four bytes, for which there is room.
    private let openedTicks: Atomic<UInt32>
    private var timerID = TimerID.none
    private var timer: TimerID? {
        get { timerID == .none ? nil : timerID }
        set { timerID = newValue ?? .none }
    }

    init(
        id: String, transport: EngineTransport, dialect: EngineDialect, request: KeptRequest, shard: EngineShard
    ) {
        key = CompactID(id)
        self.request = request
        self.shard = shard
        openedTicks = Atomic(Self.openedTicks(after: shard.sessionEpoch.duration(to: shard.loop.now)))
        machine = EngineServerSession(transport, dialect: dialect, now: shard.now, rules: shard.sessionRules)
        if transport == .polling { polling = PollingHandles(countedIn: shard.loop.unsentBytes) }
        rearm()
    }

    /// To this the time of its beginning is known, for the first three years of a server.
    private static var openedUnit: Duration { .milliseconds(50) }

    private static func openedTicks(after duration: Duration) -> UInt32 {
        UInt32(min(max(duration / openedUnit, 0), Double(UInt32.max >> 1))) << 1
    }

    /// When the session began.
    package var opened: EventLoop.Instant {
        shard.sessionEpoch.advanced(by: Self.openedUnit * Int(openedTicks.load(ordering: .relaxed) >> 1))
    }

    package var loop: EventLoop { shard.loop }
    /// Nil once the session is over.
    package var transport: EngineTransport? { machine.transport }
    /// The same, for any thread; once the session is over, what was true then.
    package var lastTransport: EngineTransport { openedTicks.load(ordering: .relaxed) & 1 == 1 ? .webSocket : .polling }
    package var isOpen: Bool { machine.isOpen }
    /// What its client speaks.
    package var dialect: EngineDialect { machine.dialect }

    /// Whether nothing of it is under way: it can end without a loss.
    var isSettled: Bool { handler?.isSettled ?? true }

    /// Whether a message sent now leaves with this turn: what volatile packets depend on.
    package var isWritable: Bool {
        if let webSocket { return webSocket.isWritable }
        return machine.isPollOpen
    }

    // MARK: Opening

    /// Gives what comes to `handler`, whose making may have ended the session already.
    func begin(with handler: any EngineSessionHandler) {
        if let reason = machine.closeReason { return handler.sessionClosed(reason) }
        self.handler = handler
        handler.begun()
    }

    /// The session is in use: it makes no place for another any more.
    package func join() {
        shard.registry.join(key)
    }

    /// Gives what comes from now on to `handler`, unless the session has ended.
    package func pass(to handler: any EngineSessionHandler) {
        guard self.handler != nil else { return }
        if shard.meters != nil, let gate = self.handler as? RateGate {
            gate.next = handler
            return
        }
        self.handler = handler
        handlerChanged = true
    }

    /// Sends the open packet over `webSocket`, which is the transport from the beginning.
    func open(over webSocket: WebSocketConnection) {
        self.webSocket = webSocket
        noteWebSocket()
        webSocket.send(text: openPacket())
        if let initialPacket = shard.initialPacket { transmit(initialPacket) }
    }

    /// Answers the first poll with the open packet.
    func open(over exchange: HTTPConnection) {
        let open = EnginePacket.text(.open, Array(openPacket().dropFirst()))
        let packets = [open] + (shard.initialPacket.map { [$0] } ?? [])
        exchange.respond(pollResponse(packets, to: request[field: "origin"]))
    }

    /// A WebSocket is the transport from now on.
    func noteWebSocket() {
        openedTicks.bitwiseOr(1, ordering: .relaxed)
    }

    private func openPacket() -> [UInt8] {
        let start = loop.scratch.count
        defer { loop.scratch.truncate(to: start) }
        shard.handshake(for: self).append(to: loop.scratch)
        return loop.scratch.array(in: start..<loop.scratch.count)
    }

    // MARK: Ending

    /// Ends the session from this side, after what was sent so far.
    ///
    /// - Parameter code: What a WebSocket is closed with, if the reason does not say enough.
    package func close(because reason: EngineCloseReason = .forcedClose, code: WebSocketCloseCode? = nil) {
        advance { [now = shard.now, rules = shard.sessionRules] in
            $0.close(because: reason, code: code, now: now, rules: rules)
        }
    }

    /// The WebSocket that is the transport ended, or was none from the beginning.
    func end(because reason: EngineCloseReason, detail: String? = nil) {
        advance { $0.webSocketEnded(because: reason, detail: detail) }
    }

    /// It has lost its place to another session.
    func evict() {
        advance { $0.evict() }
    }

    /// The loop serves nobody any more.
    func abandon(because reason: EngineCloseReason) {
        advance { $0.abandon(because: reason) }
    }

    /// The client did what it must not.
    func violate(_ detail: StaticString, because reason: EngineCloseReason) {
        advance { $0.fail(because: reason, detail) }
    }
}

extension HTTPQuery {
    /// Whether the client has no use for bytes (Protocol.md 1.1).
    var wantsText: Bool { self["b64"].map { !$0.isEmpty } ?? false }
}

// MARK: Time

extension EngineServerSession.Rules {
    init(_ configuration: EngineIOServer.Configuration, outputLimit: Int) {
        self.init()
        pingInterval = configuration.pingInterval
        pingTimeout = configuration.pingTimeout
        upgradeTimeout = configuration.upgradeTimeout
        drainTime = configuration.limits.pollingCloseTime
        self.outputLimit = outputLimit
    }
}

extension EngineShard {
    /// The time at the beginning of this turn, as sessions keep it.
    var now: CompactInstant { CompactInstant(loop.now, since: sessionEpoch) }
}

extension EngineSession: TimerTarget {
    /// Sets the timer to what is due next.
    private func rearm() {
        if let timer { loop.cancel(timer) }
        timer = machine.deadline.map { loop.schedule(self, at: $0.instant(since: shard.sessionEpoch)) }
    }

    /// Lets something happen to the machine, and carries out what it says. No code of the application runs before the
    /// last of it.
    func advance(_ arrival: Arrival? = nil, _ input: (inout EngineServerSession) -> [EngineServerSession.Action]) {
        let deadline = machine.deadline
        let actions = input(&machine)
        if machine.deadline != deadline { rearm() }
        for action in actions { perform(action, arrival) }
    }

    package func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        let rules = shard.sessionRules
        let now = CompactInstant(now, since: shard.sessionEpoch)
        advance { [isReading] in $0.handleTimeout(now: now, rules: rules, isHearing: isReading) }
        if timer == nil { rearm() }
    }
}
