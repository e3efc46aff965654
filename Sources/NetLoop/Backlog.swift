internal import SocketIOWire

/// Bytes that the kernel did not take yet, in order.
///
/// What is small goes into one chunk with what is before it: a chunk for each would take several times as much.
struct Backlog {
    struct Chunk {
        var bytes: [UInt8]
        /// How many of them are sent.
        var start = 0
        /// There if other connections wait for the same bytes.
        var shared: SharedBytes?

        /// What it takes beside its bytes, at most: its place, the array's header, what the allocator adds.
        static let overhead = 96

        var heldByteCount: Int { bytes.capacity + Self.overhead }
    }

    private var chunks: [Chunk] = []
    /// The chunks before it are sent.
    private var first = 0
    /// What is to be sent.
    private(set) var byteCount = 0
    /// What is held for that, whoever else may wait for it.
    private(set) var heldByteCount = 0
    /// Of that, what the peer has still to take: what is sent of a large message, and the room behind it, are held until all of
    /// it is.
    var owedByteCount: Int {
        guard first < chunks.count else { return heldByteCount }
        let chunk = chunks[first]
        return heldByteCount - chunk.heldByteCount + chunk.bytes.count - chunk.start + Chunk.overhead
    }
    /// Of what is held, what nobody else waits for.
    private(set) var ownByteCount = 0

    /// Bytes up to which a chunk is filled up.
    private static let joinLimit = 16 * 1024

    var isEmpty: Bool { byteCount == 0 }

    // MARK: Keeping

    mutating func append(copying bytes: Span<UInt8>) {
        if takesMore(bytes.count) {
            join(bytes)
        } else {
            append(Chunk(bytes: Array(bytes)))
        }
    }

    /// Whether the last chunk does.
    private func takesMore(_ count: Int) -> Bool {
        guard first < chunks.count, let last = chunks.last else { return false }
        return last.shared == nil && last.bytes.count + count <= Self.joinLimit
    }

    private mutating func join(_ bytes: Span<UInt8>) {
        let place = chunks.count - 1
        let before = chunks[place].heldByteCount
        chunks[place].bytes.append(bytes)
        byteCount += bytes.count
        note(chunks[place].heldByteCount - before, isShared: false)
    }

    /// Keeps what of `shared` follows its first `start` bytes.
    mutating func append(_ shared: SharedBytes, from start: Int) {
        append(Chunk(bytes: shared.bytes, start: start, shared: shared))
    }

    private mutating func append(_ chunk: Chunk) {
        guard chunk.start < chunk.bytes.count else { return }
        chunks.append(chunk)
        byteCount += chunk.bytes.count - chunk.start
        note(chunk.heldByteCount, isShared: chunk.shared != nil)
    }

    private mutating func note(_ difference: Int, isShared: Bool) {
        heldByteCount += difference
        ownByteCount += isShared ? Chunk.overhead * difference.signum() : difference
    }

    /// Shares nothing any more: what is shared belongs to a loop.
    mutating func leaveLoop() {
        for place in chunks.indices.dropFirst(first) where chunks[place].shared != nil {
            chunks[place].shared = nil
            ownByteCount += chunks[place].heldByteCount - Chunk.overhead
        }
    }

    // MARK: Sending

    /// Sends until `socket` takes no more; the error, if there is one.
    mutating func send(to socket: CInt) -> SystemError? {
        while first < chunks.count {
            switch sendFirst(to: socket) {
            case .failure(let error): return error
            case .bytes(let sent):
                byteCount -= sent
                chunks[first].start += sent
                guard chunks[first].start == chunks[first].bytes.count else { return nil }
                dropFirst()
            }
        }
        chunks = []
        first = 0
        return nil
    }

    private func sendFirst(to socket: CInt) -> StreamSocket.Sent {
        let chunk = chunks[first]
        return StreamSocket.send(chunk.bytes.span.extracting(chunk.start..<chunk.bytes.count), to: socket)
    }

    private mutating func dropFirst() {
        note(-chunks[first].heldByteCount, isShared: chunks[first].shared != nil)
        chunks[first] = Chunk(bytes: [])
        first += 1
        // Kept short without moving the rest for each chunk.
        if first > 64, first * 2 > chunks.count {
            chunks.removeFirst(first)
            first = 0
        }
    }
}
