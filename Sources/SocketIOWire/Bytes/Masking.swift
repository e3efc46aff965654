/// The masking of client frames (RFC 6455 5.3).
package enum Masking {
    /// Masks or unmasks `payload` in place; the two are the same operation.
    ///
    /// - Parameters:
    ///   - key: The four key bytes as they stand in the frame, the first one in the highest bits.
    ///   - offset: How many bytes of the same payload earlier calls covered.
    /// - Returns: Whether all resulting bytes are ASCII, which costs next to nothing here and spares a text message
    ///   its UTF-8 validation.
    @discardableResult
    package static func apply(
        _ key: UInt32, to payload: inout MutableSpan<UInt8>, in range: Range<Int>, offset: Int = 0
    ) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= payload.count)
        // Rotated so that byte 0 of this piece always meets byte 0 of the key.
        let key = rotate(key, by: offset)
        let (start, end) = (range.lowerBound, range.upperBound)
        return unsafe payload.withUnsafeMutableBytes { bytes in
            // SAFETY: as checked above, the range lies within the payload; and it holds as much as they need.
            switch end &- start {
            case 16...: unsafe blocks(key, bytes, start, end)
            case 8...: unsafe ends(key, bytes, start, end, of: UInt64.self)
            case 4...: unsafe ends(key, bytes, start, end, of: UInt32.self)
            default: unsafe single(key, bytes, start, end)
            }
        }
    }

    /// Masks 16 bytes or more.
    @inline(__always)
    @unsafe private static func blocks(
        _ key: UInt32, _ bytes: UnsafeMutableRawBufferPointer, _ start: Int, _ end: Int
    ) -> Bool {
        typealias Block = SIMD2<UInt64>
        let base = unsafe bytes.baseAddress.unsafelyUnwrapped
        let wideKey = Block(repeating: repeated(key))
        // SAFETY: the caller's; every block that is loaded and stored begins at `start` or later, and ends at `end` or
        // before it. The last one may begin within the one before, so that it is loaded before that is changed.
        let lastKey = Block(repeating: repeated(rotate(key, by: end &- start)))
        let last = unsafe base.loadUnaligned(fromByteOffset: end &- 16, as: Block.self) ^ lastKey
        var seen = last
        var index = start
        while index &+ 16 < end {
            let block = unsafe base.loadUnaligned(fromByteOffset: index, as: Block.self) ^ wideKey
            unsafe base.storeBytes(of: block, toByteOffset: index, as: Block.self)
            seen |= block
            index &+= 16
        }
        unsafe base.storeBytes(of: last, toByteOffset: end &- 16, as: Block.self)
        return (seen.x | seen.y).isASCII
    }

    /// Masks as many bytes as a word has, or up to twice as many: the words at both ends, which may overlap.
    @inline(__always)
    @unsafe private static func ends<Word: FixedWidthInteger & BitwiseCopyable>(
        _ key: UInt32, _ bytes: UnsafeMutableRawBufferPointer, _ start: Int, _ end: Int, of: Word.Type
    ) -> Bool {
        let behind = end &- MemoryLayout<Word>.size
        let keys = (
            Word(truncatingIfNeeded: repeated(key)), Word(truncatingIfNeeded: repeated(rotate(key, by: end &- start)))
        )
        // SAFETY: the caller's.
        let first = unsafe bytes.loadUnaligned(fromByteOffset: start, as: Word.self) ^ keys.0
        let last = unsafe bytes.loadUnaligned(fromByteOffset: behind, as: Word.self) ^ keys.1
        unsafe bytes.storeBytes(of: first, toByteOffset: start, as: Word.self)
        unsafe bytes.storeBytes(of: last, toByteOffset: behind, as: Word.self)
        return UInt64(truncatingIfNeeded: first | last).isASCII
    }

    /// Masks up to 3 bytes.
    @inline(__always)
    @unsafe private static func single(
        _ key: UInt32, _ bytes: UnsafeMutableRawBufferPointer, _ start: Int, _ end: Int
    ) -> Bool {
        var seen: UInt64 = 0
        for index in start..<end {
            // SAFETY: the caller's.
            let byte = unsafe bytes[index] ^ UInt8(truncatingIfNeeded: rotate(key, by: index &- start) >> 24)
            unsafe bytes[index] = byte
            seen |= UInt64(byte)
        }
        return seen.isASCII
    }

    /// The key twice, in the byte order of memory.
    @inline(__always)
    private static func repeated(_ key: UInt32) -> UInt64 {
        let key = UInt64(key.bigEndian)
        return key << 32 | key
    }

    /// The key whose first byte meets what follows after `count` masked bytes.
    package static func rotate(_ key: UInt32, by count: Int) -> UInt32 {
        let shift = UInt32(truncatingIfNeeded: count & 3) &* 8
        return key &<< shift | key &>> (32 &- shift)
    }
}
