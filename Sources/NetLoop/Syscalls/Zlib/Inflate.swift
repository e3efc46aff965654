internal import SocketIOWire

/// Why something cannot be inflated.
package enum InflateFailure: Error {
    /// More comes out than may.
    case tooLarge
    /// It is not what a compressor writes, or there is no memory.
    case damaged
}

/// Inflates what a `Deflate` of format `raw` has compressed (RFC 1951). One thread at a time.
@safe package final class Inflate {
    private let library: ZlibLibrary
    private let stream: UnsafeMutablePointer<ZlibStream>

    private static let chunk = 16 * 1024

    /// - Parameter windowBits: How far back what repeats may be, 8 to 15; it takes two to the power of this, and 7 KB.
    /// - Returns: Nil without memory for it.
    package init?(windowBits: Int = 15, _ library: ZlibLibrary) {
        self.library = library
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: ZlibStream())
        // SAFETY: the stream is initialized, stays where it is until `deinit`, and has the size that is told.
        let result = unsafe library.beginInflating(
            stream, -CInt(min(max(windowBits, 8), 15)), library.version(), ZlibStream.size)
        guard result == ZlibConstant.done else { return nil }
    }

    deinit {
        // SAFETY: of a stream that was not begun nothing is freed.
        unsafe _ = library.endInflating(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Forgets what was inflated.
    package func restart() {
        unsafe _ = library.restartInflating(stream)
    }

    /// How much has come out since the last `restart`, or the last block that said to be the last; for tests.
    package var inflatedByteCount: Int { unsafe Int(stream.pointee.totalOut) }

    /// A whole message (RFC 7692 7.2.2), whose last four bytes, `00 00 ff ff`, are not sent.
    ///
    /// After a failure only `restart` is of use.
    ///
    /// - Parameter limit: The most bytes that may come out. No more than one over it are inflated.
    package func message(_ payload: Span<UInt8>, limit: Int) throws(InflateFailure) -> [UInt8] {
        // It can only be as large if the limit is: zlib takes no more at once.
        guard payload.count <= CUnsignedInt.max else { throw .tooLarge }
        let output = ByteWriter(capacity: min(limit, payload.count * 4, Self.chunk * 64) + 16)
        var filled = 0
        let isOver = try inflate(payload, into: output, &filled, limit)
        // RFC 7692 7.2.3.4: the last block may say that it is the last, and then need not leave the four bytes out.
        if !isOver {
            let tail: [UInt8] = [0, 0, 0xFF, 0xFF]
            _ = try inflate(tail.span, into: output, &filled, limit)
            // In the middle of a block: what is left of it would be taken from the next message.
            guard unsafe stream.pointee.dataType & ZlibConstant.blockEnd != 0 else { throw .damaged }
        }
        output.truncate(to: filled)
        return output.array()
    }

    /// Inflates all of `bytes` behind what is filled of the output. Whether they end with a block that says to be the last.
    private func inflate(
        _ bytes: Span<UInt8>, into output: ByteWriter, _ filled: inout Int, _ limit: Int
    ) throws(InflateFailure) -> Bool {
        return try unsafe bytes.withUnsafeBufferPointer { source throws(InflateFailure) in
            // SAFETY: the input is read within this closure only, the output written within the inner one, each up to its end.
            unsafe stream.pointee.nextIn = source.baseAddress
            unsafe stream.pointee.availableIn = CUnsignedInt(source.count)
            defer {
                unsafe stream.pointee.nextIn = nil
                unsafe stream.pointee.nextOut = nil
            }
            while true {
                // Not for each round: a message of many small blocks would cost much.
                if filled == output.count { _ = output.reserve(min(Self.chunk, limit - filled) + 1) }
                let result = step(output, &filled)
                guard filled <= limit else { throw .tooLarge }
                let isUsedUp = unsafe stream.pointee.availableIn == 0
                switch result {
                case ZlibConstant.done: if isUsedUp, filled < output.count { return false }
                case ZlibConstant.streamEnd:
                    unsafe _ = library.continueInflating(stream)
                    if isUsedUp { return true }
                case ZlibConstant.nothingToDo: return false
                default: throw .damaged
                }
            }
        }
    }

    private func step(_ output: ByteWriter, _ filled: inout Int) -> CInt {
        let room = filled..<output.count
        let (result, left) = output.withMutableBytes(in: room) { room in
            unsafe room.withUnsafeMutableBufferPointer { room in
                unsafe stream.pointee.nextOut = room.baseAddress
                unsafe stream.pointee.availableOut = CUnsignedInt(room.count)
                let result = unsafe library.inflate(stream, ZlibConstant.syncFlush)
                return unsafe (result, Int(stream.pointee.availableOut))
            }
        }
        filled = room.upperBound - left
        return result
    }
}
