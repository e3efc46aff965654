/// Sixteen bytes that are looked at together.
struct ByteBlock {
    static let size = 16
    private let bytes: SIMD16<UInt8>

    /// The block of `span` that begins at `offset`.
    @inline(__always)
    init(_ span: Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && offset &+ Self.size <= span.count)
        // SAFETY: checked above.
        self = unsafe span.withUnsafeBytes { unsafe ByteBlock($0.baseAddress.unsafelyUnwrapped + offset) }
    }

    /// The block at `address`, where there is one.
    @inline(__always)
    @unsafe init(_ address: UnsafeRawPointer) {
        // SAFETY: the caller's, as said above.
        bytes = unsafe address.loadUnaligned(as: SIMD16<UInt8>.self)
    }

    /// The bytes of two words.
    @inline(__always)
    init(_ first: UInt64, _ second: UInt64) {
        // SAFETY: two words are as many bytes.
        bytes = unsafe unsafeBitCast(UInt128(second) << 64 | UInt128(first), to: SIMD16<UInt8>.self)
    }

    /// Writes the block to `target`, which has room for it.
    @inline(__always)
    @unsafe func store(to target: UnsafeMutableRawPointer) {
        // SAFETY: the caller's, as said above.
        unsafe target.storeBytes(of: bytes, as: SIMD16<UInt8>.self)
    }

    @inline(__always)
    static func | (first: ByteBlock, second: ByteBlock) -> ByteBlock {
        ByteBlock(bytes: first.bytes | second.bytes)
    }

    private init(bytes: SIMD16<UInt8>) {
        self.bytes = bytes
    }

    @inline(__always)
    var isASCII: Bool {
        // SAFETY: two words are as many bytes.
        let words = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        return (words[0] | words[1]).isASCII
    }

    /// Which bytes equal `byte`.
    @inline(__always)
    func matches(_ byte: UInt8) -> Matches {
        Matches(bytes .== SIMD16(repeating: byte))
    }

    /// Which bytes end the plain part of a JSON string: a quote, a backslash, a control character (RFC 8259 7).
    @inline(__always)
    var endsPlainJSON: Matches {
        Matches((turned .<= Self.turnedQuote) .| (bytes .== Self.backslash))
    }

    /// Whether no byte of two blocks does.
    @inline(__always)
    static func arePlainJSON(_ first: ByteBlock, _ second: ByteBlock) -> Bool {
        // The least bytes of both.
        let least = first.turned.replacing(with: second.turned, where: second.turned .< first.turned)
        return Matches(
            (least .<= turnedQuote) .| (first.bytes .== backslash) .| (second.bytes .== backslash)
        ).isEmpty
    }

    /// The bytes with a bit turned, so that a quote follows right behind the control characters.
    @inline(__always)
    private var turned: SIMD16<UInt8> { bytes ^ SIMD16(repeating: 0x02) }

    @inline(__always)
    private static var turnedQuote: SIMD16<UInt8> { SIMD16(repeating: UInt8(ascii: "\"") ^ 0x02) }

    @inline(__always)
    private static var backslash: SIMD16<UInt8> { SIMD16(repeating: UInt8(ascii: "\\")) }

    /// A flag for each byte of a block.
    struct Matches {
        private let mask: SIMDMask<SIMD16<Int8>>

        @inline(__always)
        fileprivate init(_ mask: SIMDMask<SIMD16<Int8>>) {
            self.mask = mask
        }

        @inline(__always)
        var isEmpty: Bool { words[0] | words[1] == 0 }

        /// The place of the first match; there is one.
        @inline(__always)
        var first: Int {
            let (low, high) = (words[0].littleEndian, words[1].littleEndian)
            return low != 0 ? low.trailingZeroBitCount / 8 : 8 &+ high.trailingZeroBitCount / 8
        }

        @inline(__always)
        private var words: SIMD2<UInt64> {
            // SAFETY: a mask is sixteen bytes of zeros or ones, as two words are.
            unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        }
    }
}
