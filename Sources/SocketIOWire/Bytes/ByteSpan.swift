// What the standard library's `Span<UInt8>` lacks for parsing.

extension Span where Element == UInt8 {
    /// Eight bytes from `offset` on, the first one in the lowest bits.
    @inline(always)
    package func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe withUnsafeBytes { bytes in
            // SAFETY: checked above.
            unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }

    /// Four bytes from `offset` on, the first one in the lowest bits.
    @inline(always)
    private func halfWord(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset &+ 4 <= count)
        return unsafe withUnsafeBytes { bytes in
            // SAFETY: checked above.
            unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
    }

    /// Whether the bytes are those of `text`.
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        // SAFETY: a static string's bytes live for ever, and it has `utf8CodeUnitCount` of them.
        let other = unsafe Span<UInt8>(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount)
        return equals(other)
    }

    /// Whether the bytes are the same as those of `other`.
    @inline(__always)
    package func equals(_ other: Span<UInt8>) -> Bool {
        let count = self.count
        guard count == other.count else { return false }
        if count >= 8 {
            var index = 0
            while index &+ 8 <= count {
                if word(at: index) != other.word(at: index) { return false }
                index &+= 8
            }
            return word(at: count &- 8) == other.word(at: count &- 8)
        }
        if count >= 4 {
            return halfWord(at: 0) == other.halfWord(at: 0)
                && halfWord(at: count &- 4) == other.halfWord(at: count &- 4)
        }
        var index = 0
        while index < count {
            if self[index] != other[index] { return false }
            index &+= 1
        }
        return true
    }

    /// The offset of the first `byte` at or after `offset`, or nil.
    package func firstIndex(of byte: UInt8, from offset: Int = 0) -> Int? {
        var index = offset
        while index &+ ByteBlock.size <= count {
            let matches = ByteBlock(self, at: index).matches(byte)
            if !matches.isEmpty { return index &+ matches.first }
            index &+= ByteBlock.size
        }
        while index < count {
            if self[index] == byte { return index }
            index &+= 1
        }
        return nil
    }
}

extension UInt64 {
    /// Whether all eight bytes are ASCII.
    @inline(__always)
    var isASCII: Bool { self & UInt64(repeating: 0x80) == 0 }

    /// Eight times the same byte.
    @inline(__always)
    package init(repeating byte: UInt8) {
        self = UInt64(byte) &* 0x0101_0101_0101_0101
    }
}

extension Array where Element == UInt8 {
    package init(_ span: Span<UInt8>) {
        self.init()
        reserveCapacity(span.count)
        append(span)
    }

    package mutating func append(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { buffer in
            // SAFETY: the buffer is read within this call only.
            unsafe append(contentsOf: buffer)
        }
    }
}

extension String {
    /// The text that `bytes` hold, which must be UTF-8; nil if they are not.
    package init?(validating bytes: Span<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        self.init(copying: text)
    }
}
