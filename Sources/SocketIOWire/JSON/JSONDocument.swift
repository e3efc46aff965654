/// One JSON value as a flat list of nodes over a copy of its bytes.
///
/// Each container is followed by what it holds, an object by key, value, key, value; `next` skips a whole value. Two
/// blocks of memory hold any document, and a decoder that points into it is an index.
final class JSONDocument: WireValueMemory {
    /// One value, or one key, which is a string.
    struct Node {
        /// The text; of a string, what is between its quotes; of a container, where it begins.
        let start: UInt32
        let end: UInt32
        /// The index after this value and all that it holds.
        fileprivate(set) var next: UInt32
        let kind: JSONKind
        /// Whether a string holds escapes.
        let isEscaped: Bool
    }

    let bytes: [UInt8]
    let nodes: [Node]
    /// What the placeholders stand for.
    let attachments: [[UInt8]]
    /// For objects with many members, made when the first is looked for.
    private var places: [Int: [String: Int]] = [:]
    var lastType: ObjectIdentifier?
    var lastWireType: (any WireValue.Type)?

    /// Checks `bytes`, which must be UTF-8, and takes them apart.
    init(_ bytes: Span<UInt8>, attachments: [[UInt8]], maximumDepth: Int) throws(JSONError) {
        guard bytes.count < Int(UInt32.max) else { throw JSONError(.tooLong, at: 0) }
        var builder = Builder(expecting: bytes.count)
        try JSONScanner.scanAll(bytes, maximumDepth: maximumDepth, into: &builder)
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        copy.append(bytes)
        self.bytes = copy
        self.nodes = builder.nodes
        self.attachments = attachments
    }

    // MARK: Reading

    static let root = 0

    @inline(__always)
    func kind(at node: Int) -> JSONKind {
        nodes[node].kind
    }

    /// The bytes of a scalar; of a string, those between its quotes.
    @inline(__always)
    func withText<R, E: Error>(at node: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let node = nodes[node]
        // A local, because a span may not come out of a class's property.
        let bytes = bytes
        return try body(bytes.span.extracting(Int(node.start)..<Int(node.end)))
    }

    func string(at node: Int) -> String {
        let isEscaped = nodes[node].isEscaped
        return withText(at: node) { isEscaped ? JSONString.decode(escaped: $0) : JSONString.text($0) }
    }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type, at node: Int) -> Integer? {
        guard kind(at: node) == .number else { return nil }
        return withText(at: node) { JSONNumber.integer(type, $0) }
    }

    /// Infinite if the number is too large.
    func double(at node: Int) -> Double? {
        guard kind(at: node) == .number else { return nil }
        return withText(at: node) { JSONNumber.double($0) }
    }

    /// How many values an array holds.
    func count(at array: Int) -> Int {
        var count = 0
        var node = array &+ 1
        let end = Int(nodes[array].next)
        while node < end {
            count &+= 1
            node = Int(nodes[node].next)
        }
        return count
    }

    /// The value for `key` in an object; the last one, as in JSON.parse, if there are several.
    func value(for key: Span<UInt8>, in object: Int) -> Int? {
        let nodes = nodes
        let bytes = bytes
        let (list, text) = (nodes.span, bytes.span)
        let end = Int(list[object].next)
        var found: Int?
        var index = object &+ 1
        while index < end {
            let node = list[index]
            let length = Int(node.end &- node.start)
            if length == key.count || node.isEscaped {
                let name = text.extracting(Int(node.start)..<Int(node.end))
                if node.isEscaped ? JSONString.equals(name, key) : name.equals(key) { found = index &+ 1 }
            }
            index = Int(list[index &+ 1].next)
        }
        return found
    }

    /// The value for `key` in an object, found fast also if all keys of a large object are looked up one by one, as
    /// `Dictionary` does: that would take quadratic time.
    @inline(__always)
    func value(named key: String, in object: Int) -> Int? {
        // Each member takes two nodes or more.
        if Int(nodes[object].next) &- object <= 2 * 24 { return value(for: key.utf8.span, in: object) }
        return places(in: object)[key]
    }

    /// Where the value of each key is.
    private func places(in object: Int) -> [String: Int] {
        if let known = places[object] { return known }
        var found: [String: Int] = [:]
        var node = object &+ 1
        let end = Int(nodes[object].next)
        while node < end {
            found[string(at: node)] = node &+ 1
            node = Int(nodes[node &+ 1].next)
        }
        places[object] = found
        return found
    }

    // MARK: Attachments

    /// The node of `num` if the value is an object whose `_placeholder` is true (Protocol.md 4.3).
    ///
    /// Where `num` is missing, the node of the object itself, which is no number.
    func placeholder(at node: Int) -> Int? {
        guard kind(at: node) == .object, let mark = value(for: "_placeholder".utf8.span, in: node),
            kind(at: mark) == .true
        else { return nil }
        return value(for: "num".utf8.span, in: node) ?? node
    }
}

extension JSONDocument {
    private struct Builder: JSONSink {
        private(set) var nodes: [Node] = []
        /// The innermost open container, whose `next` meanwhile tells the one around it.
        private var container = UInt32.max

        init(expecting byteCount: Int) {
            // Messages have about one value or key for each eight bytes. Bounded, because numbers in a list take two.
            nodes.reserveCapacity(byteCount / 8 + 4)
        }

        @inline(__always)
        mutating func scalar(_ kind: JSONKind, _ range: Range<Int>) {
            append(kind, range, isEscaped: false)
        }

        @inline(__always)
        mutating func string(_ range: Range<Int>, isEscaped: Bool) {
            append(.string, range, isEscaped: isEscaped)
        }

        @inline(__always)
        mutating func open(_ kind: JSONKind, at offset: Int) {
            let index = UInt32(truncatingIfNeeded: nodes.count)
            append(kind, offset..<offset, isEscaped: false)
            nodes[Int(index)].next = container
            container = index
        }

        @inline(__always)
        mutating func close() {
            let closed = Int(container)
            container = nodes[closed].next
            nodes[closed].next = UInt32(truncatingIfNeeded: nodes.count)
        }

        @inline(__always)
        private mutating func append(_ kind: JSONKind, _ range: Range<Int>, isEscaped: Bool) {
            // The text is shorter than 2^32 bytes, and a node takes at least one of them.
            nodes.append(
                Node(
                    start: UInt32(truncatingIfNeeded: range.lowerBound),
                    end: UInt32(truncatingIfNeeded: range.upperBound),
                    next: UInt32(truncatingIfNeeded: nodes.count &+ 1), kind: kind, isEscaped: isEscaped))
        }
    }
}
