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

    /// Bytes of unsent output at which the log is sent before more is written.
    private static let limit = 1 << 20
    static let noToken = UInt64.max

    /// Whether nobody has anything to send.
    var isEmpty: Bool { dirtyCount == 0 && !servedIsDirty && log.count == 0 }
    /// Whether anybody but the served connection has.
    var hasDirty: Bool { dirtyCount > 0 }

    /// Whether the log has to be sent before more is written.
    @inline(__always)
    var isFull: Bool { log.count > Self.limit && !isSending }

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
    }

    /// Lets go of the connections: nothing is sent any more.
    func forgetAll() {
        dirty = []
        spare = []
        dirtyCount = 0
        servedIsDirty = false
    }
}
