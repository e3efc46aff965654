internal import SocketIOEvents
internal import SocketIOWire

/// One loop's part of recovery where an adapter keeps what is sent: how far the loop has come, and who is about to go on.
struct KeptPlaces {
    /// All up to there has come here.
    private(set) var last = RedisStreamID.zero
    /// The furthest that any socket of this loop had been given when it came back.
    private var furthest = RedisStreamID.zero
    /// Those whom the middlewares have not let in yet.
    private var restoring: [ObjectIdentifier: Restoring] = [:]

    private struct Restoring {
        let namespace: Int
        var kept: KeptReturn
        /// Nothing is missing so far.
        var isComplete = true

        mutating func take(_ event: PlacedEvent, for audience: ClusterAudience, in namespace: Int) {
            guard isComplete, namespace == self.namespace, event.place > kept.position,
                kept.session.isPart(of: audience)
            else { return }
            isComplete = kept.miss(event)
            if !isComplete { kept.missed = [] }
        }
    }

    mutating func pass(_ place: RedisStreamID) {
        last = max(last, place)
    }

    /// Whether there may be sockets here that have had what has not come here yet.
    var areBehind: Bool { furthest > last }

    // MARK: Who goes on

    mutating func begin(_ socket: Socket, with kept: KeptReturn, in namespace: Namespace) {
        furthest = max(furthest, kept.position)
        restoring[ObjectIdentifier(socket)] = Restoring(namespace: namespace.number, kept: kept)
    }

    /// An event has come that those who are about to go on are to have, too.
    mutating func note(_ event: PlacedEvent, for audience: @autoclosure () -> ClusterAudience, in namespace: Int) {
        guard !restoring.isEmpty else { return }
        let audience = audience()
        // In place: an iterator would hold the table, and each change copy it.
        var index = restoring.startIndex
        while index != restoring.endIndex {
            restoring.values[index].take(event, for: audience, in: namespace)
            restoring.formIndex(after: &index)
        }
    }

    /// Whether the socket was to go on, and has missed more than there is for it.
    func hasLost(_ socket: Socket) -> Bool { restoring[ObjectIdentifier(socket)]?.isComplete == false }

    /// What the socket goes on with; nil if it begins anew.
    mutating func end(_ socket: Socket) -> KeptReturn? {
        restoring.removeValue(forKey: ObjectIdentifier(socket))?.kept
    }
}

/// How far one socket has come, of what an adapter keeps. Lives on the socket's loop.
final class KeptProgress {
    /// Nothing up to there was for its client.
    private var start = RedisStreamID.zero
    /// Of the latest event that it was sent.
    private var latest = RedisStreamID.zero
    /// It was given all up to there when it came back: on its loop that comes once more.
    private(set) var given = RedisStreamID.zero
    /// Its client is away, and had the room of its id: what is for this socket is for whoever comes back.
    var isAway = false

    /// It begins with what comes from now on.
    func begin(at place: RedisStreamID) {
        (start, latest, given) = (place, place, place)
    }

    /// It goes on with what it had, and has been sent what it missed.
    func goOn(with kept: KeptReturn) {
        start = kept.session.progress.start
        latest = kept.missed.last?.place ?? start
        given = max(kept.position, latest)
    }

    /// An event has come that is for it: false if it has had that.
    func take(_ place: RedisStreamID) -> Bool {
        guard place > given else { return false }
        latest = place
        return true
    }

    /// What its client comes back with.
    ///
    /// - Parameter last: How far its loop has come.
    func end(at last: RedisStreamID) -> StreamProgress {
        StreamProgress(start: start, latest: latest, end: max(last, given))
    }
}
