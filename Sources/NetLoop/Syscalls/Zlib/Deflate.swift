package import SocketIOWire

/// Compresses (RFC 1951). One thread at a time.
@safe package final class Deflate {
    package enum Format {
        /// Of RFC 1951, with nothing around it.
        case raw
        /// Of RFC 1950, which HTTP calls `deflate`.
        case zlib
        /// Of RFC 1952.
        case gzip

        fileprivate func windowBits(_ bits: CInt) -> CInt {
            switch self {
            case .raw: -bits
            case .zlib: bits
            case .gzip: bits + 16
            }
        }
    }

    private let library: ZlibLibrary
    private let stream: UnsafeMutablePointer<ZlibStream>

    /// Output of which there is always room for more.
    private static let chunk = 64...16 * 1024

    /// - Parameters:
    ///   - windowBits: How far back what repeats is found, 8 to 15; it takes four times two to the power of this.
    ///   - level: 1 for fast, up to 9 for small.
    ///   - memoryLevel: 1 to 9; it takes 512 times two to the power of this.
    /// - Returns: Nil without memory for it.
    package init?(_ format: Format, windowBits: Int = 15, level: Int = 6, memoryLevel: Int = 8, _ library: ZlibLibrary)
    {
        self.library = library
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: ZlibStream())
        // zlib has no window of 256 bytes for itself. What it finds in one of 512 is at most 250 back (its `MIN_LOOKAHEAD` is
        // 262), which a window of 256 has.
        let bits = CInt(min(max(windowBits, 9), 15))
        // SAFETY: the stream is initialized, stays where it is until `deinit`, and has the size that is told.
        let result = unsafe library.beginDeflating(
            stream, CInt(min(max(level, 1), 9)), ZlibConstant.deflated, format.windowBits(bits),
            CInt(min(max(memoryLevel, 1), 9)), ZlibConstant.usualStrategy, library.version(), ZlibStream.size)
        guard result == ZlibConstant.done else { return nil }
    }

    deinit {
        // SAFETY: of a stream that was not begun nothing is freed.
        unsafe _ = library.endDeflating(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Whether so many bytes are compressed, where `threshold` and more are to be: not none at all, which have no form of their
    /// own (RFC 7692 7.2.3.6), nor more than zlib takes at once.
    package static func takes(_ count: Int, from threshold: Int) -> Bool {
        count >= max(threshold, 1) && count <= CUnsignedInt.max
    }

    /// Forgets what was compressed.
    package func restart() {
        unsafe _ = library.restartDeflating(stream)
    }

    /// Appends what becomes of a message, one that `takes` says yes to (RFC 7692 7.2.1).
    package func message(_ bytes: Span<UInt8>, to writer: ByteWriter) {
        append(bytes, ZlibConstant.syncFlush, to: writer)
        // `00 00 ff ff`, with which each of them ends, is left out.
        writer.truncate(to: writer.count - 4)
    }

    /// Appends what becomes of `bytes`, and the end; then only `restart` is of use.
    package func finish(_ bytes: Span<UInt8>, to writer: ByteWriter) {
        append(bytes, ZlibConstant.finish, to: writer)
    }

    private func append(_ bytes: Span<UInt8>, _ flush: CInt, to writer: ByteWriter) {
        precondition(Self.takes(bytes.count, from: 1))
        let chunk = min(max(bytes.count / 4, Self.chunk.lowerBound), Self.chunk.upperBound)
        unsafe bytes.withUnsafeBufferPointer { source in
            // SAFETY: the input is read within this closure only, the output written within the inner one, each up to its end.
            unsafe stream.pointee.nextIn = source.baseAddress
            unsafe stream.pointee.availableIn = CUnsignedInt(source.count)
            var isFull = true
            while isFull {
                let start = writer.reserve(chunk)
                let left = writer.withMutableBytes(in: start..<start + chunk) { room in
                    unsafe room.withUnsafeMutableBufferPointer { room in
                        unsafe stream.pointee.nextOut = room.baseAddress
                        unsafe stream.pointee.availableOut = CUnsignedInt(room.count)
                        unsafe _ = library.deflate(stream, flush)
                        return unsafe Int(stream.pointee.availableOut)
                    }
                }
                writer.truncate(to: start + chunk - left)
                isFull = left == 0
            }
            unsafe stream.pointee.nextIn = nil
            unsafe stream.pointee.nextOut = nil
        }
    }
}
