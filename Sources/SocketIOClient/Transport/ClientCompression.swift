internal import NetLoop
internal import SocketIOWire

/// Compresses the messages of one WebSocket as its server has agreed to, and inflates what that sends.
final class ClientCompression {
    struct Settings {
        let options: ClientManager.PerMessageDeflate
        let library: ZlibLibrary
    }

    private let settings: Settings
    private let terms: DeflateTerms
    // Made with the first message.
    private var deflate: Deflate?
    private var inflate: Inflate?

    init(_ terms: DeflateTerms, _ settings: Settings) {
        self.terms = terms
        self.settings = settings
    }

    /// Appends the frame of a message; false, with nothing appended, if it is to be sent as it is.
    func appendFrame(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, maskedWith key: UInt32, to writer: ByteWriter
    ) -> Bool {
        guard !opcode.isControl, Deflate.takes(payload.count, from: settings.options.threshold) else { return false }
        deflate =
            deflate
            ?? Deflate(
                .raw, windowBits: terms.clientMaxWindowBits ?? 15, level: settings.options.level, settings.library)
        guard let deflate else { return false }
        if terms.clientNoContextTakeover { deflate.restart() }
        let compressed = ByteWriter(capacity: payload.count)
        deflate.message(payload, to: compressed)
        compressed.withBytes { WebSocketWriter.appendCompressedFrame(opcode, $0, maskedWith: key, to: writer) }
        return true
    }

    /// The message that `payload` becomes.
    ///
    /// - Parameter limit: The most bytes it may have.
    func inflate(
        _ kind: WebSocketEvent.CompressedKind, _ payload: [UInt8], limit: Int
    ) throws(WebSocketFailure) -> [UInt8] {
        inflate = inflate ?? Inflate(windowBits: terms.serverMaxWindowBits ?? 15, settings.library)
        guard let inflate else {
            throw WebSocketFailure(.internalError, "there is no memory to inflate a message")
        }
        if terms.serverNoContextTakeover { inflate.restart() }
        return try inflate.message(kind, payload, limit: limit)
    }
}
