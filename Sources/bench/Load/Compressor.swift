import NetLoop
import SocketIO
import SocketIOWire

/// Compresses messages as `bench serve --compress` does, each on its own: the load is compressed before it begins, and what
/// comes back is known byte for byte.
struct Compressor {
    private let deflate: Deflate
    private let threshold = EngineIOServer.PerMessageDeflate().threshold

    /// - Returns: Nil without zlib: then the server does not compress either, and the connections do not open.
    init?() {
        guard let library = try? ZlibLibrary.load(), let deflate = Deflate(.raw, library) else { return nil }
        self.deflate = deflate
    }

    /// What a message becomes; nil if it is sent as it is.
    func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard Deflate.takes(bytes.count, from: threshold) else { return nil }
        deflate.restart()
        let writer = ByteWriter()
        deflate.message(bytes.span, to: writer)
        return writer.count < bytes.count ? writer.array() : nil
    }
}
