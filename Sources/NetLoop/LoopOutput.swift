package import SocketIOWire

/// What a loop has to send: one log of bytes for all of a turn, and who has parts of it.
///
/// Whatever a turn produces is appended to the log, and each connection notes which part is its own; a part can be
/// several's. Then each sends its part in one call:
/// - the connection that is being served as soon as its handlers have returned, while the bytes are in the cache, if no
///   other has anything to send: the log starts afresh for the next one;
/// - all others with the end of the turn;
/// - everybody at once when a log of more than `limit` is to grow further.
package final class LoopOutput {
    package let log = ByteWriter(capacity: 1 << 18)
    /// How often the log has started afresh: offsets noted under another number mean nothing any more.
    var generation: Int { starts }
    private var starts = 0
    /// Connections that have output, without the one that is being served.
    private var dirty: [TCPConnection] = []
    /// Of `dirty`: a plain number, because every turn asks for it.
    private var dirtyCount = 0
    /// Empty, with the memory of the last `dirty`.
    private var spare: [TCPConnection] = []
    /// The connection that is ready and being served, and whether it has output.
    private var servedToken = noToken
    private var servedIsDirty = false
    /// While true the log must not start afresh: connections still have parts of it to send.
    private var isSending = false
    /// Whether there is any of the following: a plain flag, because every turn asks for it.
    private var hasShared = false
    /// Parts of the log that several connections have, and that are large.
    private var sharedParts: [(range: Range<Int>, bytes: SharedBytes?)] = []
    /// What several connections were given besides the log, and one did not take.
    private var sharedArrays: [SharedBytes] = []
    private let unsentBytes: UnsentBytes
    /// What the kernel may still be given in this turn of output that is large.
    private var budget = LoopOutput.turnBudget
    /// Connections whose large output waits for a later turn, in the order in which they were put off: the kernel names those
    /// that are ready in the same order again and again, and the first of them would take all of each turn.
    private var postponed: [UInt64] = []
    /// Of `postponed`: a plain flag, because every turn asks for it.
    private(set) var hasPostponed = false

    /// Bytes of unsent output at which the log is sent before more is written.
    private static let limit = 1 << 20
    static let noToken = UInt64.max
    /// Bytes from which on a copy for each connection takes more than it is worth.
    private static let sharingLimit = 4 * 1024
    private static let maxSharedArrays = 16
    /// Output from which on it matters how long the kernel takes to copy it.
    static let largeByteCount = 64 * 1024
    /// Some milliseconds of copying: a turn that filled the buffers of all peers would hold everybody up.
    private static let turnBudget = 8 << 20

    init(unsentBytes: UnsentBytes) {
        self.unsentBytes = unsentBytes
    }

    /// Whether nobody has anything to send.
    var isEmpty: Bool { dirtyCount == 0 && !servedIsDirty && log.count == 0 && !hasShared }
    /// Whether anybody but the served connection has.
    var hasDirty: Bool { dirtyCount > 0 }

    /// Whether the log has to be sent before more is written.
    @inline(__always)
    var isFull: Bool { log.count > Self.limit && !isSending }

    // MARK: A turn

    func beginTurn() {
        budget = Self.turnBudget
    }

    /// Whether the turn has sent so much that what is large waits for the next one.
    var isSpent: Bool { budget <= 0 }

    /// What is large waits, for the connection of this token.
    func postpone(_ token: UInt64) {
        postponed.append(token)
        hasPostponed = true
    }

    /// Who was put off before, and goes first now.
    func takePostponed() -> [UInt64] {
        defer {
            postponed = []
            hasPostponed = false
        }
        return postponed
    }

    /// The turn did not get to these either: they go before those that it put off itself.
    func postponeFurther(_ tokens: ArraySlice<UInt64>) {
        guard !tokens.isEmpty else { return }
        postponed = tokens + postponed
        hasPostponed = true
    }

    /// The kernel took `count` bytes of output that is large.
    func spend(_ count: Int) {
        budget -= count
    }

    /// The connection of this token is ready, and its handlers are about to run.
    func beginServing(_ token: UInt64) {
        servedToken = token
    }

    func endServing() {
        servedToken = Self.noToken
    }

    /// `connection` has noted a part of the log.
    func mark(_ connection: TCPConnection, token: UInt64) {
        if token == servedToken {
            servedIsDirty = true
        } else {
            dirty.append(connection)
            dirtyCount &+= 1
        }
    }

    /// The handlers of the connection that is being served have returned.
    func sendServed(_ connection: TCPConnection) {
        guard servedIsDirty else { return }
        servedIsDirty = false
        servedToken = Self.noToken
        guard dirtyCount == 0 else {
            dirty.append(connection)
            dirtyCount &+= 1
            return
        }
        isSending = true
        connection.flush(log)
        isSending = false
        beginLog()
    }

    /// Has everybody send.
    ///
    /// - Parameter served: The connection that is being served, if there is one.
    func sendAll(serving served: (UInt64) -> TCPConnection?) {
        guard !isEmpty else { return }
        isSending = true
        if servedIsDirty, let served = served(servedToken) {
            servedIsDirty = false
            served.flush(log)
        }
        while dirtyCount > 0 {
            var batch = dirty
            dirty = spare
            dirtyCount = 0
            for connection in batch { connection.flush(log) }
            batch.removeAll(keepingCapacity: true)
            spare = batch
        }
        isSending = false
        beginLog()
    }

    /// Everything in the log is sent.
    private func beginLog() {
        log.removeAll(keeping: Self.limit)
        starts &+= 1
        if hasShared { forgetShared() }
    }

    /// Lets go of the connections: nothing is sent any more.
    func forgetAll() {
        dirty = []
        spare = []
        dirtyCount = 0
        servedIsDirty = false
        _ = takePostponed()
        forgetShared()
    }

    // MARK: What is shared

    /// Several connections are about to note this part of the log.
    func noteShared(_ range: Range<Int>) {
        guard range.count >= Self.sharingLimit else { return }
        sharedParts.append((range, nil))
        hasShared = true
    }

    /// Adds to `backlog` what a connection has in `range` of the log: what others have, too, without a copy for each.
    func keep(_ range: Range<Int>, in backlog: inout Backlog) {
        var start = range.lowerBound
        for place in sharedParts.indices {
            let part = sharedParts[place].range
            guard part.upperBound > start, part.upperBound <= range.upperBound else { continue }
            copy(start..<max(start, part.lowerBound), to: &backlog)
            start = max(start, part.lowerBound)
            backlog.append(sharedBytes(at: place), from: start - part.lowerBound)
            start = part.upperBound
        }
        copy(start..<range.upperBound, to: &backlog)
    }

    private func copy(_ range: Range<Int>, to backlog: inout Backlog) {
        guard !range.isEmpty else { return }
        log.withBytes(in: range) { backlog.append(copying: $0) }
    }

    private func sharedBytes(at place: Int) -> SharedBytes {
        if let bytes = sharedParts[place].bytes { return bytes }
        let bytes = SharedBytes(log.array(in: sharedParts[place].range), countedIn: unsentBytes)
        sharedParts[place].bytes = bytes
        return bytes
    }

    /// The same for the same array, as long as the log has not started afresh.
    func sharing(_ bytes: [UInt8]) -> SharedBytes {
        for shared in sharedArrays {
            let known = shared.bytes
            if known.span.isIdentical(to: bytes.span) { return shared }
        }
        let shared = SharedBytes(bytes, countedIn: unsentBytes)
        if sharedArrays.count < Self.maxSharedArrays { sharedArrays.append(shared) }
        hasShared = true
        return shared
    }

    private func forgetShared() {
        sharedParts = []
        sharedArrays = []
        hasShared = false
    }
}
