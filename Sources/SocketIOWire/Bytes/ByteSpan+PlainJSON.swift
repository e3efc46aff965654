// The plain part of a JSON string reaches to the first quote, backslash or control character (RFC 8259 7).

extension Span where Element == UInt8 {
    /// The offset of the first byte at or after `offset` that ends the plain part; `count` if there is none.
    @inline(always)
    func endOfPlainJSON(from offset: Int) -> Int {
        // Most strings end in their first block.
        if offset &+ ByteBlock.size <= count {
            let ends = ByteBlock(self, at: offset).endsPlainJSON
            if !ends.isEmpty { return offset &+ ends.first }
        }
        return endOfLongPlainJSON(from: offset)
    }

    @inline(never)
    private func endOfLongPlainJSON(from offset: Int) -> Int {
        walkPlainJSON(from: offset) { _, _ in
        } bytes: { _, _ in
        }
    }

    /// Finds the same, and calls `visit` for each block on the way and its offset, and `visitByte` for each byte where
    /// there is no room for a block. The last block may begin within the one before.
    @inline(always)
    func walkPlainJSON(
        from offset: Int, blocks visit: (ByteBlock, Int) -> Void, bytes visitByte: (UInt8, Int) -> Void
    ) -> Int {
        let end = count
        precondition(offset >= 0 && offset <= end)
        return unsafe withUnsafeBytes { bytes in
            var index = offset
            // SAFETY: every byte and every block lies between `offset` and `end`; where one does, there is an address.
            guard end &- offset >= ByteBlock.size else {
                while index < end, case let byte = unsafe bytes[index], !byte.endsPlainJSON {
                    visitByte(byte, index)
                    index &+= 1
                }
                return index
            }
            let base = unsafe bytes.baseAddress.unsafelyUnwrapped
            while index <= end &- 2 &* ByteBlock.size {
                let (first, second) = unsafe (ByteBlock(base + index), ByteBlock(base + (index &+ ByteBlock.size)))
                guard ByteBlock.arePlainJSON(first, second) else { break }
                visit(first, index)
                visit(second, index &+ ByteBlock.size)
                index &+= 2 &* ByteBlock.size
            }
            while index < end {
                index = min(index, end &- ByteBlock.size)
                let block = unsafe ByteBlock(base + index)
                visit(block, index)
                let ends = block.endsPlainJSON
                guard ends.isEmpty else { return index &+ ends.first }
                index &+= ByteBlock.size
            }
            return end
        }
    }
}

extension UInt8 {
    /// Whether the byte ends the plain part of a JSON string.
    @inline(__always)
    var endsPlainJSON: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") || self < 0x20 }
}
