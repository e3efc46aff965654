/// Sixteen bytes that are looked at together.
struct ByteBlock {
    static let size = 16
    private let bytes: SIMD16<UInt8>

    /// The block of `span` that begins at `offset`.
    @inline(__always)
    init(_ span: Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && offset &+ Self.size <= span.count)
        // SAFETY: checked above.
        self = unsafe span.withUnsafeBytes { unsafe ByteBlock($0, at: offset) }
    }

    /// The block of `bytes` that begins at `offset`, where there is one.
    @inline(__always)
    @unsafe init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        // SAFETY: the caller's, as said above.
        self.bytes = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    /// Writes the block to `target`, which has room for it, and says where its plain part ends.
    @inline(__always)
    @unsafe func copy(to target: UnsafeMutableRawPointer) -> Matches {
        // SAFETY: the caller's, as said above.
        unsafe target.storeBytes(of: bytes, as: SIMD16<UInt8>.self)
        return endsPlainJSON
    }

    /// Which bytes equal `byte`.
    @inline(__always)
    func matches(_ byte: UInt8) -> Matches {
        Matches(bytes .== SIMD16(repeating: byte))
    }

    /// Which bytes end the plain part of a JSON string: a quote, a backslash, a control character (RFC 8259 7).
    @inline(__always)
    var endsPlainJSON: Matches {
        Matches(
            (bytes .== SIMD16(repeating: UInt8(ascii: "\""))) .| (bytes .== SIMD16(repeating: UInt8(ascii: "\\")))
                .| (bytes .< SIMD16(repeating: 0x20)))
    }

    /// A flag for each byte of a block.
    struct Matches {
        private let low: UInt64
        private let high: UInt64

        @inline(__always)
        fileprivate init(_ mask: SIMDMask<SIMD16<Int8>>) {
            // SAFETY: a mask is sixteen bytes of zeros or ones, as two words are.
            let words = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
            low = words[0].littleEndian
            high = words[1].littleEndian
        }

        /// None.
        @inline(__always)
        init() {
            low = 0
            high = 0
        }

        @inline(__always)
        var isEmpty: Bool { low | high == 0 }

        /// The place of the first match; there is one.
        @inline(__always)
        var first: Int {
            low != 0 ? low.trailingZeroBitCount / 8 : 8 &+ high.trailingZeroBitCount / 8
        }
    }
}

extension UInt8 {
    /// Whether the byte ends the plain part of a JSON string.
    @inline(__always)
    var endsPlainJSON: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") || self < 0x20 }
}
