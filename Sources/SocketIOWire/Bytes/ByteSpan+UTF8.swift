extension Span where Element == UInt8 {
    /// Whether the bytes of `range` are UTF-8.
    package func isUTF8(in range: Range<Int>) -> Bool {
        (try? UTF8Span(validating: extracting(range))) != nil
    }

    /// Whether all bytes are ASCII.
    var isASCII: Bool {
        @inline(__always) get {
            unsafe withUnsafeBytes { bytes in
                // SAFETY: every byte and every block lies within the span; where one does, there is an address.
                guard count >= ByteBlock.size else { return unsafe bytes.allSatisfy { $0 < 0x80 } }
                let base = unsafe bytes.baseAddress.unsafelyUnwrapped
                // The last block, which may begin within the one before.
                var seen = unsafe ByteBlock(base + (count &- ByteBlock.size))
                var index = 0
                while index &+ ByteBlock.size < count {
                    seen = unsafe seen | ByteBlock(base + index)
                    index &+= ByteBlock.size
                }
                return seen.isASCII
            }
        }
    }
}
