/// The masking of client frames (RFC 6455 5.3).
package enum Masking {
    /// Masks or unmasks `payload` in place; the two are the same operation.
    ///
    /// - Parameters:
    ///   - key: The four key bytes as they stand in the frame, the first one in the highest bits.
    ///   - offset: How many bytes of the same payload earlier calls covered.
    package static func apply(
        _ key: UInt32, to payload: inout MutableSpan<UInt8>, in range: Range<Int>, offset: Int = 0
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= payload.count)
        let shift = UInt32(truncatingIfNeeded: offset & 3) &* 8
        // Rotated so that byte 0 of this piece always meets byte 0 of the key.
        let rotated = ((key << shift) | (key >> ((32 &- shift) & 31))).byteSwapped
        let wide = UInt64(rotated) << 32 | UInt64(rotated)
        unsafe payload.withUnsafeMutableBytes { bytes in
            var index = range.lowerBound
            let end = range.upperBound
            // SAFETY: `index + 8 <= end <= payload.count` bounds each 8-byte load and store.
            while index &+ 8 <= end {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                unsafe bytes.storeBytes(of: word ^ wide.littleEndian, toByteOffset: index, as: UInt64.self)
                index &+= 8
            }
            // The wide loop consumes whole multiples of the key, so the tail starts at its first byte again.
            var rest = rotated
            while index < end {
                unsafe bytes[index] ^= UInt8(truncatingIfNeeded: rest)
                rest >>= 8
                index &+= 1
            }
        }
    }
}
