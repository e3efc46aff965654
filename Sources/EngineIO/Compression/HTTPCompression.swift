internal import NetLoop
internal import SocketIOWire

extension EngineIOServer {
    /// How the responses of long-polling are compressed: by gzip or deflate, as the client prefers.
    public struct HTTPCompression: Sendable, Hashable {
        /// Bytes of a response's body from which on it is compressed; 1024 by default.
        public var threshold = 1024
        /// From 1, fast, to 9, small; 6 by default.
        public var level = 6

        /// The defaults.
        public init() {}
    }
}

/// Compresses the bodies of one loop's responses.
final class BodyCompression {
    private let options: EngineIOServer.HTTPCompression
    private let library: ZlibLibrary
    // Made with the first response.
    private var deflates: [ContentCoding: Deflate] = [:]

    init(_ options: EngineIOServer.HTTPCompression, library name: String) throws(SharedLibraryMissing) {
        self.options = options
        library = try ZlibLibrary.load(name)
    }

    /// What `body` becomes; nil if it is to be sent as it is.
    func compress(_ body: [UInt8], _ coding: ContentCoding) -> [UInt8]? {
        guard Deflate.takes(body.count, from: options.threshold) else { return nil }
        let format: Deflate.Format = coding == .gzip ? .gzip : .zlib
        guard let deflate = deflates[coding] ?? Deflate(format, level: options.level, library) else { return nil }
        deflates[coding] = deflate
        deflate.restart()
        let writer = ByteWriter()
        deflate.finish(body.span, to: writer)
        return writer.count < body.count ? writer.array() : nil
    }
}
