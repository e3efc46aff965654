internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// One loop's part of connection state recovery: what was sent here lately, and who is away. Lives on that loop.
///
/// The order of the log is the order in which each socket of the loop gets its events.
final class RecoveryShard {
    let settings: SocketIOServer.Recovery
    private let engine: EngineShard
    private var log: RecoveryLog<RecoveryAudience>
    /// Those who are away, the one who left first at the front.
    private var sessions = DepartureQueue<RecoverySession>()
    private var numbers: [SocketID: UInt64] = [:]
    private var lastNumber: UInt64 = 0
    /// Those that are there and may be away next, or are about to be: connected sockets, those that go on with what they had
    /// once the middlewares let them, and clients that other loops are asked about.
    private var presentCount = 0
    private var timer: TimerID?

    init(_ settings: SocketIOServer.Recovery, on engine: EngineShard) {
        self.settings = settings
        self.engine = engine
        log = RecoveryLog(
            name: String(engine.makeSocketID().prefix(6)),
            limits: RecoveryLog.Limits(
                packets: max(settings.packets, 0), bytes: max(settings.bytes, 0) / max(engine.loopCount, 1),
                age: settings.maxDisconnection.bounded))
    }

    private var loop: EventLoop { engine.loop }
    private var sessionLimit: Int { max(settings.sessions / max(engine.loopCount, 1), 1) }

    /// Where a client stands that has had everything.
    var position: Int { log.lastPosition }

    func makePID() -> SocketID { SocketID(engine.makeSocketID()) }

    // MARK: What is sent

    /// Keeps an event, and returns its text with what the client is to remember.
    ///
    /// - Parameter number: What the other loops have it under; nil if it is for this one only.
    func text(
        of packet: EncodedPacket, _ options: EmitOptions, to audience: RecoveryAudience, number: UInt64?
    ) -> [UInt8] {
        if options.contains(.volatile) { return textOfKeptNot(packet) }
        // Nobody could ask for it.
        guard presentCount > 0 || !sessions.isEmpty else { return packet.text }
        log.append(packet, to: audience, number: number, now: loop.now)
        return packet.text(adding: log.offset(of: log.lastPosition))
    }

    /// The text of an event that is not kept. Clients take a text at its end for what they are to remember.
    func textOfKeptNot(_ packet: EncodedPacket) -> [UInt8] {
        packet.endsWithText ? packet.text(adding: log.offset(of: log.lastPosition)) : packet.text
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
        if presentCount == 0, sessions.isEmpty { log.removeAll() }
    }

    // MARK: Who is away

    /// Its client is away.
    func keep(_ session: RecoverySession) {
        guard settings.maxDisconnection > .zero, session.deadline > loop.now else { return }
        if sessions.count >= sessionLimit { forget(sessions.removeFirst()) }
        lastNumber += 1
        sessions.append(session, id: lastNumber)
        numbers[session.pid] = lastNumber
        session.guests.add(weight(of: session))
        if timer == nil { rearm() }
    }

    /// What it counts as a guest: while it is away, events for the rooms of ids have to come to this loop, too.
    private func weight(of session: RecoverySession) -> Int {
        session.rooms.count { OwnRoomGuests.isGuest(in: [$0]) } + (isAbroad(session.id) ? 1 : 0)
    }

    /// Whether this is not the loop that the id names.
    func isAbroad(_ id: SocketID) -> Bool {
        EngineSessionID.homeLoop(of: id.description, count: engine.loopCount) != loop.index
    }

    private func forget(_ session: RecoverySession?) {
        guard let session else { return }
        numbers[session.pid] = nil
        session.guests.add(-weight(of: session))
    }

    /// Takes out the session that a client claims; nil, and it stays, if that is not all right.
    func take(_ claim: RecoveryClaim, in namespace: Int) -> RecoverySession? {
        guard let number = numbers[claim.pid], var session = sessions.element(number), session.namespace == namespace,
            session.deadline > loop.now
        else { return nil }
        if claim.offset != session.knownOffset {
            guard let offset = claim.offset, let position = log.position(of: offset) else { return nil }
            // An older one is what the client had before the socket began, which was to get nothing from then.
            session.position = max(session.position, position)
        }
        guard log.isComplete(after: session.position) else { return nil }
        session.knownOffset = claim.offset
        sessions.remove(number)
        forget(session)
        return session
    }

    /// What the session's client has missed, by now.
    func missed(by session: RecoverySession) -> [MissedPacket] {
        log.entries(after: session.position).filter { session.isPart(of: $0.entry.audience) }.map { position, entry in
            MissedPacket(packet: entry.packet, number: entry.number, offset: log.offset(of: position))
        }
    }

    /// Whether all of that is still there.
    func isComplete(for session: RecoverySession) -> Bool { log.isComplete(after: session.position) }

    /// A session that was another loop's: what its client has missed there becomes part of this log.
    ///
    /// - Parameters:
    ///   - missed: There.
    ///   - start: Where this log was before the other loop was asked: what came here since, and not there before it
    ///     answered, is missed, too.
    /// - Returns: Nil if this log does not reach back so far.
    func adopt(_ session: RecoverySession, missed: [MissedPacket], since start: Int) -> RecoverySession? {
        guard log.isComplete(after: start) else { return nil }
        let known = Set(missed.compactMap(\.number))
        let here = log.entries(after: start).map(\.entry).filter { entry in
            session.isPart(of: entry.audience) && entry.number.map { !known.contains($0) } != false
        }
        var adopted = session
        adopted.position = log.lastPosition
        let own = RecoveryAudience(namespace: session.namespace, target: .socket(session.id))
        for packet in missed { log.append(packet.packet, to: own, number: packet.number, now: loop.now) }
        for entry in here { log.append(entry.packet, to: own, number: entry.number, now: loop.now) }
        return log.isComplete(after: adopted.position) ? adopted : nil
    }

    /// The server ends.
    func end() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}

/// An event that a client has missed.
struct MissedPacket: Sendable {
    let packet: EncodedPacket
    let number: UInt64?
    let offset: String
}

extension RecoveryShard: TimerTarget {
    /// All may be away for the same time: the first that left is the first that is too late.
    private func rearm() {
        timer = sessions.first.map { loop.schedule(self, at: $0.element.deadline) }
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        while let first = sessions.first, first.element.deadline <= now { forget(sessions.removeFirst()) }
        log.expire(now: now)
        forgetIfUseless()
        rearm()
    }
}
