internal import SocketIOEvents
internal import SocketIOWire

/// One loop's part of recovery where an adapter keeps what is sent: how far the loop has come, and who is about to go on.
struct KeptPlaces {
    /// Of the latest event that came here.
    private(set) var last = RedisStreamID.zero
    /// From where a socket of this loop goes on, at most: what comes up to there, some have already.
    private var newestStart = RedisStreamID.zero
    /// Those whom the middlewares have not let in yet.
    private var restoring: [ObjectIdentifier: Restoring] = [:]

    private struct Restoring {
        let namespace: Int
        var kept: KeptReturn
        /// Nothing is missing so far.
        var isComplete = true
    }

    /// So many events may come until the middlewares have decided; who is to get more begins anew.
    private static let maxAwaited = 10_000

    /// An event has come here.
    mutating func pass(_ place: RedisStreamID) {
        last = max(last, place)
    }

    /// Whether there are sockets here that have had what stands there.
    func mayBeKnown(_ place: RedisStreamID) -> Bool { place <= newestStart }

    // MARK: Who goes on

    mutating func begin(_ socket: Socket, with kept: KeptReturn, in namespace: Namespace) {
        newestStart = max(newestStart, kept.position)
        restoring[ObjectIdentifier(socket)] = Restoring(namespace: namespace.number, kept: kept)
    }

    /// An event has come that those who are about to go on are to have, too.
    mutating func note(_ event: PlacedEvent, for audience: @autoclosure () -> ClusterAudience, in namespace: Int) {
        guard !restoring.isEmpty else { return }
        let audience = audience()
        for (key, one) in restoring
        where one.namespace == namespace && event.place > one.kept.position && one.kept.session.isPart(of: audience) {
            guard one.kept.missed.count < Self.maxAwaited else {
                restoring[key]?.isComplete = false
                continue
            }
            restoring[key]?.kept.missed.append(event)
        }
    }

    /// What the socket goes on with; nil if it begins anew.
    mutating func end(_ socket: Socket) -> (kept: KeptReturn, isComplete: Bool)? {
        restoring.removeValue(forKey: ObjectIdentifier(socket)).map { ($0.kept, $0.isComplete) }
    }
}
