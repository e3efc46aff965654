internal import NetLoop
internal import SocketIOWire

/// Compresses the messages of one WebSocket as it was agreed with its client, and inflates what that sends. Lives on its loop.
///
/// What is sent arrives here as it would otherwise go to the client: whole frames, unmasked. So nothing that sends has to know
/// of it.
final class MessageCompression: OutputCoder {
    private let shared: LoopCompression
    private let terms: DeflateTerms
    private let hasContext: Bool
    /// Made with the first message, where messages are not compressed each on its own.
    private var deflate: Deflate?
    private var inflate: Inflate?
    private var progress = Progress.betweenFrames

    /// Where what was sent ended.
    private enum Progress {
        case betweenFrames
        /// In a payload that goes on as it is.
        case passing(missing: Int)
        /// In the payload of a message that is to be compressed: what is large lies elsewhere than its header.
        case collecting(WebSocketOpcode, [UInt8], missing: Int)
    }

    init(_ terms: DeflateTerms, on shared: LoopCompression) {
        self.terms = terms
        self.shared = shared
        hasContext = !terms.serverNoContextTakeover || !terms.clientNoContextTakeover
        if hasContext { shared.takeContext() }
    }

    deinit {
        if hasContext { shared.returnContext() }
    }

    /// What the client is told, in `Sec-WebSocket-Extensions`.
    var answer: String { terms.text }

    // MARK: What is sent

    func code(_ bytes: Span<UInt8>, at offset: Int?, _ body: (Span<UInt8>) -> Void) {
        let output = shared.output
        var cursor = 0
        while cursor < bytes.count {
            switch progress {
            case .betweenFrames: beginFrame(bytes, at: offset, from: &cursor)
            case .passing(let missing): pass(missing, of: bytes, from: &cursor)
            case .collecting(let opcode, let payload, let missing):
                collect(opcode, payload, missing, from: bytes, at: &cursor)
            }
        }
        output.withBytes(body)
        output.removeAll()
    }

    private func beginFrame(_ bytes: Span<UInt8>, at offset: Int?, from cursor: inout Int) {
        let start = cursor
        let (opcode, headerCount, count) = WebSocketWriter.header(of: bytes, at: start)
        let payload = start + headerCount
        let offset = offset.map { $0 + start }
        guard !opcode.isControl, Deflate.takes(count, from: shared.options.threshold),
            offset.map(shared.isLeftOut(at:)) != true
        else {
            return pass(headerCount + count, of: bytes, from: &cursor)
        }
        guard payload + count <= bytes.count else {
            cursor = payload
            progress = .collecting(opcode, [], missing: count)
            return
        }
        let content = bytes.extracting(payload..<payload + count)
        if append(opcode, content, at: offset) {
            cursor = payload + count
        } else {
            pass(headerCount + count, of: bytes, from: &cursor)
        }
    }

    private func pass(_ missing: Int, of bytes: Span<UInt8>, from cursor: inout Int) {
        let end = min(cursor + missing, bytes.count)
        shared.output.append(bytes.extracting(cursor..<end))
        let left = missing - (end - cursor)
        progress = left > 0 ? .passing(missing: left) : .betweenFrames
        cursor = end
    }

    private func collect(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], _ missing: Int, from bytes: Span<UInt8>, at cursor: inout Int
    ) {
        let piece = bytes.extracting(cursor..<min(cursor + missing, bytes.count))
        cursor += piece.count
        guard payload.isEmpty, piece.count == missing else {
            progress = .betweenFrames
            var payload = payload
            payload.append(piece)
            if piece.count < missing {
                progress = .collecting(opcode, payload, missing: missing - piece.count)
            } else {
                appendWhole(opcode, payload.span)
            }
            return
        }
        progress = .betweenFrames
        appendWhole(opcode, piece)
    }

    private func appendWhole(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>) {
        guard !append(opcode, payload, at: nil) else { return }
        WebSocketWriter.appendFrame(opcode, payload, to: shared.output)
    }

    /// Appends a compressed message; false, with nothing appended, if it is to be sent as it is.
    private func append(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>, at offset: Int?) -> Bool {
        let windowBits = terms.serverMaxWindowBits ?? 15
        guard !terms.serverNoContextTakeover else {
            return shared.appendAlone(opcode, payload, at: offset, windowBits: windowBits)
        }
        deflate = deflate ?? shared.makeDeflate(windowBits: windowBits)
        guard let deflate else { return false }
        // Smaller or not: what was compressed is in the window.
        shared.append(opcode, payload, by: deflate, to: shared.output)
        return true
    }

    // MARK: What is received

    /// The message that `payload` becomes.
    ///
    /// - Parameter limit: The most bytes it may have.
    func inflate(
        _ kind: WebSocketEvent.CompressedKind, _ payload: [UInt8], limit: Int
    ) throws(WebSocketFailure) -> [UInt8] {
        guard let inflate = messageInflate() else {
            throw WebSocketFailure(.internalError, "there is no memory to inflate a message")
        }
        return try inflate.message(kind, payload, limit: limit)
    }

    private func messageInflate() -> Inflate? {
        if terms.clientNoContextTakeover { return shared.sharedInflate() }
        inflate = inflate ?? shared.makeInflate(windowBits: terms.clientMaxWindowBits ?? 15)
        return inflate
    }
}
