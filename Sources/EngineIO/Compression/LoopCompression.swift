internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// What the compressed WebSockets of one loop have in common: windows for messages that are compressed each on its own, and
/// what is compressed already.
final class LoopCompression {
    let options: EngineIOServer.PerMessageDeflate
    private let loop: EventLoop
    private let library: ZlibLibrary
    /// How many more connections may have a window of their own. Atomic, because anybody may let go of the last of one.
    private let contextsLeft: Atomic<Int>

    /// By the bits of their windows.
    private var deflates: [Int: Deflate] = [:]
    private var inflate: Inflate?

    /// Where a connection puts its output together; empty otherwise.
    let output = ByteWriter()
    private let deflated = ByteWriter()
    /// How many messages were compressed.
    private(set) var messageCount = 0

    /// Frames of this loop's output that are compressed: where they begin, and where in `kept` they are.
    private var frames: [FrameKey: Range<Int>] = [:]
    private let kept = ByteWriter()
    /// The last messages of this output that were compressed: bytes that go to many are written anew for each of them.
    private var recent: [RecentMessage] = []
    private var plain = PlainParts()
    /// The output that `frames` and `plain` are about.
    private var generation = 0

    private static let maxRecent = 8
    private static let maxRecentBytes = 1 << 20

    private struct RecentMessage {
        let opcode: WebSocketOpcode
        let windowBits: Int
        let payload: [UInt8]
        let frame: Range<Int>
    }

    private struct FrameKey: Hashable {
        let offset: Int
        let windowBits: Int
    }

    init(
        _ options: EngineIOServer.PerMessageDeflate, contexts: Int, library name: String, on loop: EventLoop
    ) throws(SharedLibraryMissing) {
        self.options = options
        self.loop = loop
        contextsLeft = Atomic(contexts)
        library = try ZlibLibrary.load(name)
    }

    // MARK: Connections

    /// Agrees with a client that asks to switch to WebSocket; nil if it offers nothing that can be accepted.
    func agree(with head: HTTPRequestHead) throws(HTTPFailure) -> MessageCompression? {
        var wishes = options.terms
        if contextsLeft.load(ordering: .relaxed) <= 0 {
            wishes.serverNoContextTakeover = true
            wishes.clientNoContextTakeover = true
        }
        guard let terms = try DeflateTerms.answer(to: head, wishes: wishes) else { return nil }
        return MessageCompression(terms, on: self)
    }

    func takeContext() {
        contextsLeft.subtract(1, ordering: .relaxed)
    }

    func returnContext() {
        contextsLeft.add(1, ordering: .relaxed)
    }

    // MARK: Windows

    func makeDeflate(windowBits: Int) -> Deflate? {
        Deflate(
            .raw, windowBits: windowBits, level: options.level, memoryLevel: options.memoryLevel, library)
    }

    func makeInflate(windowBits: Int) -> Inflate? {
        Inflate(windowBits: windowBits, library)
    }

    private func sharedDeflate(_ windowBits: Int) -> Deflate? {
        let deflate = deflates[windowBits] ?? makeDeflate(windowBits: windowBits)
        deflates[windowBits] = deflate
        deflate?.restart()
        return deflate
    }

    /// For a message that needs none of those before it.
    func sharedInflate() -> Inflate? {
        inflate = inflate ?? makeInflate(windowBits: 15)
        inflate?.restart()
        return inflate
    }

    // MARK: Compressing

    /// Appends to `output` the frame of a message, compressed on its own; false, with nothing appended, if that does not make it
    /// smaller.
    ///
    /// - Parameter offset: Where in the loop's output the frame is that is not compressed: for all who have that, it is done
    ///   once.
    func appendAlone(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>, at offset: Int?, windowBits: Int) -> Bool {
        followOutput()
        let key = offset.map { FrameKey(offset: $0, windowBits: windowBits) }
        let frame: Range<Int>
        if let key, let known = frames[key] {
            frame = known
        } else {
            frame = compressAlone(opcode, payload, windowBits)
            if let key { frames[key] = frame }
        }
        kept.withBytes(in: frame) { output.append($0) }
        return !frame.isEmpty
    }

    private func compressAlone(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>, _ windowBits: Int) -> Range<Int> {
        for last in recent where last.opcode == opcode && last.windowBits == windowBits {
            if last.payload.span.equals(payload) { return last.frame }
        }
        let start = kept.count
        if let deflate = sharedDeflate(windowBits) {
            append(opcode, payload, by: deflate, to: kept) { $0 < payload.count }
        }
        let frame = start..<kept.count
        if payload.count <= Self.maxRecentBytes {
            if recent.count == Self.maxRecent { recent.removeFirst() }
            recent.append(
                RecentMessage(opcode: opcode, windowBits: windowBits, payload: Array(payload), frame: frame))
        }
        return frame
    }

    /// Forgets what was noted of the loop's output, if that has started afresh.
    private func followOutput() {
        guard generation != loop.outputGeneration else { return }
        generation = loop.outputGeneration
        frames.removeAll(keepingCapacity: frames.count < 256)
        kept.removeAll()
        recent.removeAll(keepingCapacity: true)
        plain.startAfresh()
    }

    // MARK: Not compressing

    /// Has the frames that `body` writes to the loop's output sent as they are.
    func leavingOut(_ body: () -> Void) {
        let start = loop.beginOutput()
        followOutput()
        plain.begin(at: start)
        body()
        followOutput()
        plain.end(at: loop.output.count)
    }

    /// Whether the frame that begins at `offset` of the loop's output is one of those.
    func isLeftOut(at offset: Int) -> Bool {
        followOutput()
        return plain.contains(offset)
    }

    /// Appends the frame of a message, compressed by `deflate`, to `target`.
    ///
    /// - Parameter isWanted: Told how many bytes the payload has become.
    func append(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, by deflate: Deflate, to target: ByteWriter,
        if isWanted: (Int) -> Bool = { _ in true }
    ) {
        messageCount += 1
        deflate.message(payload, to: deflated)
        if isWanted(deflated.count) {
            deflated.withBytes { WebSocketWriter.appendCompressedFrame(opcode, $0, to: target) }
        }
        deflated.removeAll()
    }
}
