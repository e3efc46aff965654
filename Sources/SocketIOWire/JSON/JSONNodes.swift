/// One value of a document, or one key, which is a string.
struct JSONNode {
    /// The text; of a string, what is between its quotes; of a container, where it begins.
    let start: UInt32
    /// Of a container, its `start`, and behind that, once they are counted, one more than it holds values.
    fileprivate(set) var end: UInt32
    /// The index after this value and all that it holds; of a key, that of its object, so that it tells whose it is.
    fileprivate(set) var next: UInt32
    let kind: JSONKind
    /// Whether a string holds escapes.
    let isEscaped: Bool

    var range: Range<Int> {
        @inline(__always) get { Int(start)..<Int(end) }
    }

    /// How many values a container holds, if somebody has counted them.
    var count: Int? {
        @inline(__always) get { end > start ? Int(end &- start) &- 1 : nil }
    }
}

/// The nodes of a document.
///
/// A class that owns raw memory, as `ByteWriter` is and for the same reason.
@safe final class JSONNodes {
    private var base: UnsafeMutablePointer<JSONNode>
    private var capacity: Int
    private(set) var count = 0
    /// Further nodes are dropped.
    private var limit = Int.max
    /// Whether no node was dropped.
    private(set) var isComplete = true
    /// The innermost open container, whose `next` meanwhile tells the one around it.
    private var container = UInt32.max

    /// What is kept at most of a value that nobody has asked for, and of memory when a document is done with.
    static var keptCount: Int { 4096 }

    init() {
        capacity = 64
        unsafe base = .allocate(capacity: 64)
    }

    deinit {
        unsafe base.deallocate()
    }

    subscript(index: Int) -> JSONNode {
        @inline(__always) get {
            precondition(index >= 0 && index < count)
            // SAFETY: checked above.
            return unsafe base[index]
        }
    }

    /// Keeps how many values a container holds. Each takes two bytes of the text or more, or is the last one.
    func keep(_ count: Int, of container: Int) {
        precondition(container >= 0 && container < self.count && count >= 0)
        // SAFETY: checked above.
        unsafe base[container].end = base[container].start &+ 1 &+ UInt32(truncatingIfNeeded: count)
    }

    /// Forgets all nodes, to take up to `limit` others.
    func removeAll(limit: Int = .max) {
        count = 0
        container = .max
        self.limit = limit
        isComplete = true
    }

    /// Gives back memory that only a large document needs.
    func shrink() {
        guard capacity > Self.keptCount else { return }
        count = 0
        unsafe base.deallocate()
        capacity = 64
        unsafe base = .allocate(capacity: capacity)
    }

    @inline(__always)
    private func append(_ node: JSONNode) {
        if count == capacity, !grow() { return }
        // SAFETY: `count < capacity` after the line above.
        unsafe (base + count).initialize(to: node)
        count &+= 1
    }

    /// Makes room for a node, or drops it.
    private func grow() -> Bool {
        guard count < limit else {
            isComplete = false
            return false
        }
        let new = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity &* 2)
        // SAFETY: both hold `count` nodes or more, and nodes are trivial.
        unsafe new.moveInitialize(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = new
        capacity &*= 2
        return true
    }
}

/// Built by the scanner. The text is shorter than 2^32 bytes, and a node takes at least one of them.
extension JSONNodes: JSONSink {
    @inline(__always)
    func scalar(_ kind: JSONKind, _ range: Range<Int>) {
        append(kind, range, isEscaped: false, next: count &+ 1)
    }

    @inline(__always)
    func string(_ range: Range<Int>, isEscaped: Bool) {
        append(.string, range, isEscaped: isEscaped, next: count &+ 1)
    }

    @inline(__always)
    func key(_ range: Range<Int>, isEscaped: Bool) {
        append(.string, range, isEscaped: isEscaped, next: Int(container))
    }

    @inline(__always)
    func open(_ kind: JSONKind, at offset: Int) {
        let index = UInt32(truncatingIfNeeded: count)
        append(kind, offset..<offset, isEscaped: false, next: Int(container))
        container = index
    }

    @inline(__always)
    func close() {
        let closed = Int(container)
        // Of a container that was dropped nothing is known.
        guard closed < count else { return }
        // SAFETY: checked above.
        unsafe container = base[closed].next
        unsafe base[closed].next = UInt32(truncatingIfNeeded: count)
    }

    @inline(__always)
    private func append(_ kind: JSONKind, _ range: Range<Int>, isEscaped: Bool, next: Int) {
        append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: range.lowerBound), end: UInt32(truncatingIfNeeded: range.upperBound),
                next: UInt32(truncatingIfNeeded: next), kind: kind, isEscaped: isEscaped))
    }
}
