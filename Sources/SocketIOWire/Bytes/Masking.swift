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
        // Rotated so that byte 0 of this piece always meets byte 0 of the key, and in the byte order of memory.
        var key = rotate(key, by: offset).bigEndian
        let wide = UInt64(key) << 32 | UInt64(key)
        let wideKey = SIMD4<UInt64>(repeating: wide)
        return unsafe payload.withUnsafeMutableBytes { bytes in
            var index = range.lowerBound
            let end = range.upperBound
            var wideSeen = SIMD4<UInt64>(repeating: 0)
            // SAFETY: `index + n <= end <= payload.count` bounds each load and store of n bytes.
            while index &+ 32 <= end {
                let words = unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self) ^ wideKey
                unsafe bytes.storeBytes(of: words, toByteOffset: index, as: SIMD4<UInt64>.self)
                wideSeen |= words
                index &+= 32
            }
            var seen = wideSeen.x | wideSeen.y | wideSeen.z | wideSeen.w
            while index &+ 8 <= end {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ wide
                unsafe bytes.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
                seen |= word
                index &+= 8
            }
            if index &+ 4 <= end {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self) ^ key
                unsafe bytes.storeBytes(of: word, toByteOffset: index, as: UInt32.self)
                seen |= UInt64(word)
                index &+= 4
            }
            // Each step above covers whole multiples of the key, so the tail starts at its first byte again.
            key = key.littleEndian
            while index < end {
                let byte = unsafe bytes[index] ^ UInt8(truncatingIfNeeded: key)
                unsafe bytes[index] = byte
                seen |= UInt64(byte)
                key >>= 8
                index &+= 1
            }
            return seen & UInt64(repeating: 0x80) == 0
        }
    }

    /// The key whose first byte meets what follows after `count` masked bytes.
    package static func rotate(_ key: UInt32, by count: Int) -> UInt32 {
        let shift = UInt32(truncatingIfNeeded: count & 3) &* 8
        return key &<< shift | key &>> (32 &- shift)
    }
}
