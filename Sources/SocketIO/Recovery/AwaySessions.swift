internal import SocketIOEvents
internal import SocketIOWire

/// The sessions whose clients are away, in the order in which these left.
struct AwaySessions {
    private let limit: Int
    private let byteLimit: Int
    private var sessions = DepartureQueue<RecoverySession>()
    private var numbers: [SocketID: UInt64] = [:]
    private var lastNumber: UInt64 = 0
    private var byteCount = 0

    init(limit: Int, byteLimit: Int) {
        self.limit = limit
        self.byteLimit = byteLimit
    }

    var isEmpty: Bool { sessions.isEmpty }
    var first: RecoverySession? { sessions.first?.element }

    subscript(pid: SocketID) -> RecoverySession? {
        numbers[pid].flatMap { sessions.element($0) }
    }

    /// - Returns: Those that are forgotten, because there are too many: who has been away longest goes first.
    mutating func append(_ session: RecoverySession) -> [RecoverySession] {
        lastNumber += 1
        sessions.append(session, id: lastNumber)
        numbers[session.pid] = lastNumber
        byteCount += session.byteCount
        var forgotten: [RecoverySession] = []
        while sessions.count > limit || byteCount > byteLimit, let first = removeFirst() { forgotten.append(first) }
        return forgotten
    }

    mutating func remove(_ pid: SocketID) {
        guard let number = numbers.removeValue(forKey: pid), let session = sessions.remove(number) else { return }
        byteCount -= session.byteCount
    }

    /// Takes out those who are too late. One that has moved from another loop may stand behind others that have longer;
    /// until these are gone it is only not found.
    mutating func expire(now: ContinuousClock.Instant) -> [RecoverySession] {
        var expired: [RecoverySession] = []
        while let first, first.deadline <= now, let session = removeFirst() { expired.append(session) }
        return expired
    }

    mutating func removeAll() -> [RecoverySession] {
        var all: [RecoverySession] = []
        while let session = removeFirst() { all.append(session) }
        return all
    }

    private mutating func removeFirst() -> RecoverySession? {
        guard let session = sessions.removeFirst() else { return nil }
        numbers[session.pid] = nil
        byteCount -= session.byteCount
        return session
    }
}
