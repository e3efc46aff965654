package import NetLoop
internal import SocketIOWire
internal import Synchronization

// What waits for the client to take it.

extension EngineSession {
    /// How much waits for the client, without what this turn sends: on the session's loop; elsewhere up to an eighth less.
    package var unsentByteCount: Int {
        loop.isCurrent ? currentUnsentByteCount : CoarseCount(rawValue: coarseUnsent.load(ordering: .relaxed)).count
    }

    private var currentUnsentByteCount: Int {
        webSocket?.connection.bufferedByteCount ?? machine.heldByteCount
    }

    /// How much the client has taken of what had to wait, as a number that only grows; nil if nothing waits, or if it is all
    /// taken at once, over polling.
    package var takenByteCount: Int? { webSocket?.connection.takenByteCount }

    /// Calls `target` once, with the end of the turn in which the client has taken something, or can take something.
    package func whenTaken(_ target: any TurnEndTarget) {
        // One that is over takes nothing any more, and nobody would take this out again.
        guard isOpen else { return }
        shard.awaitOutput(of: key, target)
    }

    /// So much waits: for other threads, which may not ask.
    func publish(unsent count: Int) {
        coarseUnsent.store(CoarseCount(count).rawValue, ordering: .relaxed)
    }

    /// The client has taken something, or can take something, and so much waits. Nothing of the application runs here.
    func noteOutput(unsent count: Int) {
        publish(unsent: count)
        shard.outputChanged(of: key)
    }
}
