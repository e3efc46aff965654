/// A growable run of bytes, written at its end and read in place.
///
/// A class that owns raw memory, so that appending costs no exclusivity check, no uniqueness check and no reference
/// counting: one writer per loop serves every message. Not `Sendable`: it belongs to whoever made it.
@safe package final class ByteWriter {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int

    /// How many bytes are written.
    package var count: Int { @inline(__always) get { used } }
    private var used = 0

    /// How many `withBytes` scopes are open; the memory must not move while there are any.
    private var borrows = 0

    package init(capacity: Int = 256) {
        let capacity = max(capacity, 16)
        unsafe base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
    }

    deinit {
        unsafe base.deallocate()
    }

    // MARK: Writing

    @inline(__always)
    package func append(_ byte: UInt8) {
        if used == capacity { grow(toHold: 1) }
        // SAFETY: `count < capacity` after the line above.
        unsafe base.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
        used &+= 1
    }

    @inline(__always)
    package func append(_ bytes: Span<UInt8>) {
        let added = bytes.count
        guard added > 0 else { return }
        if capacity &- used < added { grow(toHold: added) }
        unsafe bytes.withUnsafeBytes { source in
            // SAFETY: `source` holds `added` bytes and is not ours; `grow` made room for `added` more after `count`.
            unsafe (base + used).copyMemory(from: source.baseAddress.unsafelyUnwrapped, byteCount: added)
        }
        used &+= added
    }

    package func append(_ bytes: [UInt8]) {
        append(bytes.span)
    }

    package func append(_ bytes: ArraySlice<UInt8>) {
        append(bytes.span)
    }

    /// Appends what `other` holds from `start` on.
    package func append(contentsOf other: ByteWriter, from start: Int) {
        precondition(other !== self && start >= 0 && start <= other.used)
        let added = other.used &- start
        if capacity &- used < added { grow(toHold: added) }
        // SAFETY: `other` has `added` bytes behind `start`; `grow` made room for as many, in memory of our own.
        unsafe (base + used).copyMemory(from: other.base + start, byteCount: added)
        used &+= added
    }

    @inline(__always)
    package func append(_ text: StaticString) {
        let added = text.utf8CodeUnitCount
        if capacity &- used < added { grow(toHold: added) }
        // SAFETY: a static string's bytes live for ever; `grow` made room for `added` of them.
        unsafe (base + used).copyMemory(from: text.utf8Start, byteCount: added)
        used &+= added
    }

    /// Writes `bytes` from `offset` on, up to the first that ends the plain part of a JSON string, and returns its
    /// offset; `count` if there is none.
    func appendPlainJSON(_ bytes: Span<UInt8>, from offset: Int) -> Int {
        precondition(offset >= 0 && offset <= bytes.count)
        let most = bytes.count &- offset
        if capacity &- used < most { grow(toHold: most) }
        // SAFETY: `grow` made room for what lies behind `offset`.
        let end = unsafe Self.copyPlainJSON(bytes, from: offset, to: base + used)
        used &+= end &- offset
        return end
    }

    /// Writes a quote and `bytes` up to the first that ends the plain part of a JSON string, and returns its offset;
    /// if there is none, writes the closing quote too and returns `count`.
    @inline(__always)
    func appendQuoted(_ bytes: Span<UInt8>) -> Int {
        let count = bytes.count
        if capacity &- used < count &+ 2 { grow(toHold: count &+ 2) }
        let start = used
        // SAFETY: `grow` made room for both quotes and all bytes.
        unsafe base.storeBytes(of: UInt8(ascii: "\""), toByteOffset: start, as: UInt8.self)
        let target = unsafe base + (start &+ 1)
        let end =
            count <= ByteBlock.size
            ? unsafe Self.copyPlainJSON(short: bytes, to: target)
            : unsafe Self.copyPlainJSON(bytes, from: 0, to: target)
        guard end == count else {
            used = start &+ 1 &+ end
            return end
        }
        unsafe target.storeBytes(of: UInt8(ascii: "\""), toByteOffset: end, as: UInt8.self)
        used = start &+ 2 &+ end
        return end
    }

    /// Copies `bytes` from `offset` on to `target`, which has room for all of them, up to the first that ends the plain
    /// part of a JSON string, and returns its offset.
    @inline(__always)
    @unsafe private static func copyPlainJSON(
        _ bytes: Span<UInt8>, from offset: Int, to target: UnsafeMutableRawPointer
    ) -> Int {
        // SAFETY: the caller's; what is visited lies between `offset` and the end of `bytes`.
        bytes.walkPlainJSON(from: offset) { block, index in
            unsafe block.store(to: target + (index &- offset))
        } bytes: { byte, index in
            unsafe target.storeBytes(of: byte, toByteOffset: index &- offset, as: UInt8.self)
        }
    }

    /// Copies up to 16 bytes to `target`, which has room for them, and returns how many; none if one of them ends the
    /// plain part of a JSON string.
    ///
    /// Most keys and many strings are that short: both ends of one are loaded as words, which may overlap.
    @inline(__always)
    @unsafe private static func copyPlainJSON(short bytes: Span<UInt8>, to target: UnsafeMutableRawPointer) -> Int {
        let count = bytes.count
        precondition(count <= 16)
        // SAFETY: every load and store of n bytes begins at 0 or n before the end, where `count >= n`, or is one of a
        // byte within `count`.
        let isPlain = unsafe bytes.withUnsafeBytes { source in
            if count >= 8 {
                let head = unsafe source.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
                let tail = unsafe source.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
                unsafe target.storeBytes(of: head, as: UInt64.self)
                unsafe target.storeBytes(of: tail, toByteOffset: count &- 8, as: UInt64.self)
                return ByteBlock(head, tail).endsPlainJSON.isEmpty
            }
            if count >= 4 {
                let head = unsafe source.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
                let tail = unsafe source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
                unsafe target.storeBytes(of: head, as: UInt32.self)
                unsafe target.storeBytes(of: tail, toByteOffset: count &- 4, as: UInt32.self)
                let both = UInt64(head) << 32 | UInt64(tail)
                return ByteBlock(both, both).endsPlainJSON.isEmpty
            }
            guard count > 0 else { return true }
            let first = unsafe source.load(fromByteOffset: 0, as: UInt8.self)
            let middle = unsafe source.load(fromByteOffset: count / 2, as: UInt8.self)
            let last = unsafe source.load(fromByteOffset: count &- 1, as: UInt8.self)
            unsafe target.storeBytes(of: first, as: UInt8.self)
            unsafe target.storeBytes(of: middle, toByteOffset: count / 2, as: UInt8.self)
            unsafe target.storeBytes(of: last, toByteOffset: count &- 1, as: UInt8.self)
            return !(first.endsPlainJSON || middle.endsPlainJSON || last.endsPlainJSON)
        }
        return isPlain ? count : 0
    }

    package func append(utf8 text: String) {
        var text = text
        text.makeContiguousUTF8()
        append(text.utf8.span)
    }

    /// Writes the lowest `count` bytes of `word`, the lowest first.
    @inline(__always)
    func append(_ word: UInt64, count: Int) {
        precondition(count >= 0 && count <= 8)
        if capacity &- used < 8 { grow(toHold: 8) }
        // SAFETY: there is room for eight bytes, of which `count` are kept.
        unsafe (base + used).storeBytes(of: word.littleEndian, as: UInt64.self)
        used &+= count
    }

    /// Makes room for `additional` bytes, to be filled through the subscript, and returns where they begin.
    package func reserve(_ additional: Int) -> Int {
        precondition(additional >= 0)
        if capacity &- used < additional { grow(toHold: additional) }
        let start = count
        // SAFETY: `grow` made room; zeroed, so that nothing reads memory that was never written.
        unsafe (base + used).initializeMemory(as: UInt8.self, repeating: 0, count: additional)
        used &+= additional
        return start
    }

    /// Moves what is written from `start` on by `distance` bytes. What then lies behind `start` is to be written anew.
    package func move(from start: Int, by distance: Int) {
        precondition(start >= 0 && start <= used && start &+ distance >= 0)
        let count = used &- start
        if distance > 0 { _ = reserve(distance) }
        // SAFETY: both ends of the move are within the written bytes, and `copyMemory` allows them to overlap.
        unsafe (base + (start &+ distance)).copyMemory(from: base + start, byteCount: count)
        used = start &+ distance &+ count
    }

    /// Forgets everything after the first `count` bytes.
    package func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        used = count
    }

    /// Forgets all bytes; memory beyond `keeping` is given back, so that one large message does not stay for ever.
    package func removeAll(keeping: Int = 64 * 1024) {
        precondition(borrows == 0)
        used = 0
        guard capacity > keeping else { return }
        unsafe base.deallocate()
        capacity = max(keeping, 16)
        unsafe base = .allocate(byteCount: capacity, alignment: 16)
    }

    // MARK: Reading

    package subscript(index: Int) -> UInt8 {
        @inline(__always) get {
            precondition(index >= 0 && index < count)
            // SAFETY: checked above.
            return unsafe base.load(fromByteOffset: index, as: UInt8.self)
        }
        @inline(__always) set {
            precondition(index >= 0 && index < count)
            // SAFETY: checked above.
            unsafe base.storeBytes(of: newValue, toByteOffset: index, as: UInt8.self)
        }
    }

    /// All bytes written so far; `body` must not write to this writer.
    package func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try withBytes(in: 0..<count, body)
    }

    /// The bytes of `range`; `body` must not write to this writer.
    package func withBytes<R, E: Error>(in range: Range<Int>, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // SAFETY: the range is within the written bytes; the buffer does not outlive this call.
        let buffer = unsafe UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
        borrows &+= 1
        defer { borrows &-= 1 }
        return try body(unsafe Span<UInt8>(_unsafeBytes: buffer))
    }

    /// The bytes of `range`, to be changed in place; `body` must not use this writer otherwise.
    @discardableResult
    package func withMutableBytes<R, E: Error>(
        in range: Range<Int>, _ body: (inout MutableSpan<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // SAFETY: the range is within the written bytes; the buffer does not outlive this call.
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: base + range.lowerBound, count: range.count)
        borrows &+= 1
        defer { borrows &-= 1 }
        var span = unsafe MutableSpan<UInt8>(_unsafeBytes: buffer)
        return try body(&span)
    }

    /// A copy of all bytes.
    package func array() -> [UInt8] {
        array(in: 0..<count)
    }

    /// A copy of the bytes of `range`.
    package func array(in range: Range<Int>) -> [UInt8] {
        withBytes(in: range) { Array($0) }
    }

    private func grow(toHold additional: Int) {
        precondition(borrows == 0)
        let (needed, overflow) = count.addingReportingOverflow(additional)
        precondition(!overflow)
        let larger = max(capacity &* 2, needed)
        let new = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        // SAFETY: `larger >= count`, and both regions are ours.
        unsafe new.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = new
        capacity = larger
    }
}
