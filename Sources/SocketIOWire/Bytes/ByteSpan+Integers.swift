extension Span where Element == UInt8 {
    /// The integer at `offset` in network byte order.
    @inline(__always)
    package func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as _: Integer.Type) -> Integer
    {
        precondition(offset >= 0 && offset <= count &- MemoryLayout<Integer>.size)
        return unsafe withUnsafeBytes { bytes in
            // SAFETY: checked above.
            unsafe Integer(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self))
        }
    }
}
