/// One JSON value as a flat list of nodes over a copy of its bytes.
///
/// Each container is followed by what it holds, an object by key, value, key, value; `next` skips a whole value. A
/// decoder that points into it is an index.
final class JSONDocument {
    let types: KnownTypes
    private let text = ByteWriter()
    let nodes = JSONNodes()
    /// What the placeholders stand for.
    private(set) var attachments: [[UInt8]] = []
    /// For objects with many members, made when the first is looked for.
    var places: [Int: [ByteName: Int]] = [:]
    /// The key after the value that was found last: types ask for keys in the order in which they were written.
    var nextKey = 0
    /// Made when the way to a value is first asked for.
    var paths: JSONPaths?

    /// An empty one.
    init(_ types: KnownTypes) {
        self.types = types
    }

    /// Checks the array or object with which `bytes`, which must be UTF-8, begin, and returns where it ends. The nodes
    /// are complete unless there are so many that it is not worth it before anybody asks for them.
    func scan(_ bytes: Span<UInt8>, maximumDepth: Int) throws(JSONError) -> Int {
        var nodes = nodes
        nodes.removeAll(limit: JSONNodes.keptCount)
        return try JSONScanner.scan(bytes, at: 0, maximumDepth: maximumDepth, into: &nodes)
    }

    /// Checks that `bytes`, which must be UTF-8, are one value.
    func scanAll(_ bytes: Span<UInt8>, maximumDepth: Int) throws(JSONError) {
        guard bytes.count < Int(UInt32.max) else { throw JSONError(.tooLong, at: 0) }
        var nodes = nodes
        nodes.removeAll()
        try JSONScanner.scanAll(bytes, maximumDepth: maximumDepth, into: &nodes)
    }

    /// Adds to the nodes what they refer to.
    func attach(_ bytes: Span<UInt8>, _ attachments: [[UInt8]]) {
        text.append(bytes)
        if !attachments.isEmpty { self.attachments = attachments }
    }

    /// Forgets what the nodes refer to; they themselves are forgotten by the next scan.
    func removeAll() {
        text.removeAll()
        nodes.shrink()
        if !attachments.isEmpty { attachments = [] }
        if !places.isEmpty { places = [:] }
        if paths != nil { paths = nil }
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
        try text.withBytes(in: nodes[node].range, body)
    }

    @inline(__always)
    func withAllText<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try text.withBytes(body)
    }

    func string(at node: Int) -> String {
        let node = nodes[node]
        return text.withBytes(in: node.range) {
            node.isEscaped ? JSONString.decode(escaped: $0) : JSONString.text($0)
        }
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

    /// How many values an array holds; counted once, because a loop may ask for it at each value.
    func count(at array: Int) -> Int {
        if let known = nodes[array].count { return known }
        var count = 0
        var node = array &+ 1
        let end = Int(nodes[array].next)
        while node < end {
            count &+= 1
            node = Int(nodes[node].next)
        }
        nodes.keep(count, of: array)
        return count
    }
}
