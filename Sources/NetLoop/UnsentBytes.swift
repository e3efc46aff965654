/// What a loop holds for peers that have not taken it yet: all of it together, what is shared once.
package final class UnsentBytes {
    package private(set) var count = 0
    /// What the kernel has taken since the loop was made.
    package var takenCount: Int { taken }
    // Private, so that accesses need no tracking, for each message.
    private var taken = 0
    private var limit = Int.max
    /// Makes room at the end of a turn in which `count` is over the limit.
    private var relief: (any TurnEndTarget)?
    private var isReliefCalled = false
    private let turnEnd: TurnEnd

    init(turnEnd: TurnEnd) {
        self.turnEnd = turnEnd
    }

    /// Has `relief` called with the end of each turn that brings the count over `limit`.
    package func setLimit(_ limit: Int, relief: any TurnEndTarget) {
        (self.limit, self.relief) = (limit, relief)
    }

    /// The relief has done what it could; if more comes, it is called again.
    package func relieved() {
        isReliefCalled = false
    }

    package func removeLimit() {
        (limit, relief) = (.max, nil)
    }

    package var isOverLimit: Bool { count > limit }

    /// Whether so many bytes more leave half of the limit.
    func hasRoom(for more: Int) -> Bool { count + more <= limit / 2 }

    /// Down to here room is made: so much that it lasts for a while, because it costs a look at every peer.
    package var reliefTarget: Int { limit - limit / 8 }

    @inline(__always)
    func noteTaken(_ count: Int) { taken &+= count }

    fileprivate func change(by difference: Int) {
        count += difference
        guard isOverLimit, difference > 0, !isReliefCalled, let relief else { return }
        isReliefCalled = true
        turnEnd.call(relief)
    }
}

/// A part of what a loop holds, counted for as long as this exists. Used on the loop's thread only.
package struct HeldBytes: ~Copyable {
    private var total: UnsentBytes?
    private var count = 0

    /// - Parameter total: Nil for what is on its way between two loops.
    package init(of total: UnsentBytes?) {
        self.total = total
    }

    package mutating func set(_ count: Int) {
        total?.change(by: count - self.count)
        self.count = count
    }

    /// The kernel took so much for the same peer.
    func noteTaken(_ count: Int) { total?.noteTaken(count) }

    /// Counted with another loop from now on, or with none.
    mutating func move(to other: UnsentBytes?) {
        total?.change(by: -count)
        total = other
        total?.change(by: count)
    }

    deinit {
        total?.change(by: -count)
    }
}

/// Bytes that wait for several connections of a loop: held and counted once.
final class SharedBytes {
    let bytes: [UInt8]
    private var held: HeldBytes

    init(_ bytes: [UInt8], countedIn total: UnsentBytes) {
        self.bytes = bytes
        held = HeldBytes(of: total)
        held.set(bytes.capacity + Backlog.Chunk.overhead)
    }
}
