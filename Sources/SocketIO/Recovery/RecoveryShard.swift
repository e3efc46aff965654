internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// One loop's part of connection state recovery: what was sent here lately, and who is away. Lives on that loop.
///
/// The order of the log is the order in which each socket of the loop gets its events.
final class RecoveryShard {
    let settings: SocketIOServer.Recovery
    /// Whether an adapter keeps what is sent, and who is away: then nothing is kept here.
    let isAcrossNodes: Bool
    var places = KeptPlaces()
    private let engine: EngineShard
    private let loopCount: Int
    private var log: RecoveryLog<RecoveryAudience>
    private var away: AwaySessions
    /// Those that are there and may be away next, or are about to be: connected sockets, those that go on with what they had
    /// once the middlewares let them, and clients that other loops are asked about.
    private var presentCount = 0
    private var timer: TimerID?
    private var hasEnded = false

    init(_ settings: SocketIOServer.Recovery, isAcrossNodes: Bool, on engine: EngineShard) {
        self.settings = settings
        self.isAcrossNodes = isAcrossNodes
        self.engine = engine
        loopCount = max(engine.loopCount, 1)
        let bytes = max(settings.bytes, 0) / loopCount
        log = RecoveryLog(
            name: String(engine.makeSocketID().prefix(6)),
            limits: RecoveryLog.Limits(
                packets: max(settings.packets, 0), bytes: bytes, age: settings.maxDisconnection.bounded))
        away = AwaySessions(
            limit: settings.sessions > 0 ? max(settings.sessions / loopCount, 1) : 0, byteLimit: bytes)
    }

    private var loop: EventLoop { engine.loop }

    /// Where a client stands that has had everything.
    var position: Int { log.lastPosition }

    private func makePID() -> SocketID { SocketID(engine.makeSocketID()) }

    /// By what a new socket can be recovered.
    ///
    /// - Parameter knownOffset: What its client has from a time of which the server knows no more.
    func makeTicket(knownOffset: String?) -> SocketRecovery {
        makeTicket(SocketRecovery.State(pid: makePID(), knownOffset: knownOffset))
    }

    func makeTicket(_ state: SocketRecovery.State) -> SocketRecovery {
        SocketRecovery(state, progress: isAcrossNodes ? LoopBound(KeptProgress(), on: loop) : nil)
    }

    // MARK: What is sent

    /// Keeps an event.
    ///
    /// - Parameter number: What the other loops have it under; nil if it is for this one only.
    /// - Returns: Its text with what the client is to remember, and its position; nil if it is not kept.
    func keep(
        _ packet: EncodedPacket, _ options: EmitOptions, for audience: RecoveryAudience, number: UInt64?
    ) -> (text: [UInt8], position: Int?) {
        if !options.isDisjoint(with: [.volatile, .passing]) { return (textOfKeptNot(packet), nil) }
        // Nobody could ask for it.
        guard presentCount > 0 || !away.isEmpty else { return (packet.text, nil) }
        log.append(packet, to: audience, audienceBytes: audience.byteCount, number: number, now: loop.now)
        return (packet.text(adding: log.offset(of: log.lastPosition)), log.lastPosition)
    }

    /// The text of an event that is not kept. Clients take a text at its end for what they are to remember.
    func textOfKeptNot(_ packet: EncodedPacket) -> [UInt8] {
        guard packet.endsWithText else { return packet.text }
        return packet.text(adding: isAcrossNodes ? places.last.description : log.offset(of: log.lastPosition))
    }

    // MARK: Who is there

    /// Somebody is there for whom events are to be kept from now on.
    func enter() {
        presentCount += 1
    }

    func leave() {
        presentCount -= 1
        forgetIfUseless()
    }

    private func forgetIfUseless() {
        if presentCount == 0, away.isEmpty { log.removeAll() }
    }

    // MARK: Who is away

    /// What a session holds while its client is away, or about to be connected: events for the rooms of ids come to this
    /// loop, too, and a namespace that was made for its clients does not end.
    func hold(_ session: RecoverySession) {
        session.namespace.guests.add(weight(of: session))
        session.namespace.context.stay(in: session.namespace)
    }

    func letGo(_ session: RecoverySession) {
        session.namespace.guests.add(-weight(of: session))
        session.namespace.context.leave(session.namespace)
        // What the application kept with it may run code of its own when it ends: not in the middle of a change.
        if !session.values.isEmpty { loop.post(ForgottenValues(values: session.values)) }
    }

    private func weight(of session: RecoverySession) -> Int {
        session.rooms.count { OwnRoomGuests.isGuest(in: [$0]) } + (isAbroad(session.id) ? 1 : 0)
    }

    /// Whether this is not the loop that the id names.
    func isAbroad(_ id: SocketID) -> Bool {
        let room = Room(id)
        // An id of a client of Socket.IO 2 has no home.
        return SocketID(ownerOf: room) != nil
            && EngineSessionID.homeLoop(of: room.description, count: loopCount) != loop.index
    }

    /// The client of a session that is held is away. It is let go of when it is too late to come back.
    func keep(_ session: RecoverySession) {
        guard !hasEnded, settings.maxDisconnection > .zero, session.deadline > loop.now else { return letGo(session) }
        for forgotten in away.append(session) { letGo(forgotten) }
        if timer == nil { rearm() }
    }

    /// Whether the client of this secret is away.
    func isAway(_ pid: SocketID) -> Bool { away[pid] != nil }

    /// Takes out the session that a client claims, still held; nil, and it stays, if that is not all right.
    func take(_ claim: RecoveryClaim, in namespace: Int) -> RecoverySession? {
        guard var session = away[claim.pid], session.namespace.number == namespace, session.deadline > loop.now,
            let position = position(of: session, claim.offset), log.isComplete(after: position)
        else { return nil }
        session.position = position
        session.knownOffset = claim.offset
        away.remove(claim.pid)
        return session
    }

    /// Where the client of a session stands that shows this offset.
    private func position(of session: RecoverySession, _ offset: String?) -> Int? {
        var position = session.position
        if offset != session.knownOffset {
            guard let known = offset.flatMap(log.position(of:)) else { return nil }
            // An older one is what the client had before the socket began, which was to get nothing from then.
            position = max(position, known)
        }
        // It has had all that was for it until it was away.
        return position >= session.latest ? max(position, session.end) : position
    }

    /// What the session's client has missed, by now.
    func missed(by session: RecoverySession) -> [MissedPacket] {
        var missed: [MissedPacket] = []
        log.forEach(after: session.position) { position, entry in
            guard session.isPart(of: entry.audience) else { return }
            missed.append(MissedPacket(packet: entry.packet, number: entry.number, position: position))
        }
        return missed
    }

    func text(of missed: MissedPacket) -> [UInt8] {
        missed.packet.text(adding: log.offset(of: missed.position))
    }

    /// Whether all of that is still there.
    func isComplete(for session: RecoverySession) -> Bool { log.isComplete(after: session.position) }

    /// A session that was another loop's, and that is held from now on: what its client has missed there becomes part of
    /// this log.
    ///
    /// - Parameters:
    ///   - missed: There.
    ///   - start: Where this log was before the other loop was asked.
    ///   - number: Of the latest event that was on its way then: all up to it was the other loop's to tell.
    /// - Returns: Nil if this log does not reach back so far.
    func adopt(
        _ session: RecoverySession, missed: [MissedPacket], since start: Int, after number: UInt64
    ) -> RecoverySession? {
        guard log.isComplete(after: start) else { return nil }
        let known = Set(missed.compactMap(\.number))
        var here: [MissedPacket] = []
        log.forEach(after: start) { position, entry in
            guard session.isPart(of: entry.audience) else { return }
            if let other = entry.number, other <= number || known.contains(other) { return }
            here.append(MissedPacket(packet: entry.packet, number: entry.number, position: position))
        }
        var adopted = session
        adopted.position = log.lastPosition
        let audience = RecoveryAudience(namespace: session.namespace.number, target: .socket(session.id))
        for packet in missed + here {
            log.append(packet.packet, to: audience, number: packet.number, now: loop.now)
        }
        guard log.isComplete(after: adopted.position) else { return nil }
        (adopted.latest, adopted.end) = (log.lastPosition, log.lastPosition)
        hold(adopted)
        return adopted
    }

    /// The server ends: nobody comes back.
    func end() {
        hasEnded = true
        if let timer { loop.cancel(timer) }
        timer = nil
        for session in away.removeAll() { letGo(session) }
    }
}

extension RecoveryShard: TimerTarget {
    private func rearm() {
        timer = away.first.map { loop.schedule(self, at: max($0.deadline, loop.now)) }
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        for session in away.expire(now: now) { letGo(session) }
        log.expire(now: now)
        forgetIfUseless()
        rearm()
    }
}

/// Holds what the application kept with a socket until nothing is being changed.
private struct ForgottenValues: LoopMessage {
    let values: SharedSocketState.Values

    func deliver(on loop: EventLoop) {}
}
