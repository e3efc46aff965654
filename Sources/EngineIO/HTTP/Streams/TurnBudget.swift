internal import SocketIOWire

/// What one connection is given in a turn of its loop, after which others have theirs: a client that takes everything at
/// once would have whoever writes for it never wait.
struct TurnBudget {
    private static let bytes = 1024 * 1024
    private static let pieces = 1024

    private var turn = CompactInstant(nanoseconds: .min)
    private var given = (bytes: 0, pieces: 0)

    /// Whether there is something left of it in the turn that began at `now`.
    mutating func hasRest(at now: CompactInstant) -> Bool {
        if now != turn { renew(at: now) }
        return given.bytes < Self.bytes && given.pieces < Self.pieces
    }

    mutating func spend(_ bytes: Int) {
        given.bytes += bytes
        given.pieces += 1
    }

    /// Another turn has begun, even if no time has passed.
    mutating func renew(at now: CompactInstant) {
        turn = now
        given = (0, 0)
    }
}
