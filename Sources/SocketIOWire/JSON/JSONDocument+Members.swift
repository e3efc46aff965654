/// Looking for the members of objects. Of several with one key the last counts, as in JSON.parse.
extension JSONDocument {
    /// Whether an object is so small that it is searched member by member; a table is made of the keys of others.
    private func isSmall(_ object: Int) -> Bool {
        // Each member takes two nodes or more.
        Int(nodes[object].next) &- object <= 2 * 24
    }

    /// Expects an object's first key to be asked for next.
    func begin(_ object: Int) {
        nextKey = object &+ 1
    }

    /// Whether it is certain that no two members of an object have one key, so that the first one found counts.
    func hasDistinctKeys(_ object: Int) -> Bool {
        guard isSmall(object) else { return false }
        return withAllText { text in
            // A bit for the form of each key: only keys of one form are compared.
            var forms: UInt64 = 0
            var key = object &+ 1
            let end = Int(nodes[object].next)
            while key < end {
                let node = nodes[key]
                if node.isEscaped { return false }
                let form = Self.form(of: node, text)
                if forms & form != 0, isRepeated(key, in: object, text) { return false }
                forms |= form
                key = Int(nodes[key &+ 1].next)
            }
            return true
        }
    }

    /// One of 64 bits, the same for the same keys.
    @inline(__always)
    private static func form(of key: JSONNode, _ text: Span<UInt8>) -> UInt64 {
        // The bytes after the opening quote and before the closing one; of an empty key, the quotes.
        let (first, last) = (UInt64(text[Int(key.start)]), UInt64(text[Int(key.end) &- 1]))
        return 1 &<< (first &+ last &* 4 &+ UInt64(key.end &- key.start) &* 8)
    }

    /// Whether a key stands in the object before.
    private func isRepeated(_ key: Int, in object: Int, _ text: Span<UInt8>) -> Bool {
        let name = text.extracting(nodes[key].range)
        var other = object &+ 1
        while other < key {
            if text.extracting(nodes[other].range).equals(name) { return true }
            other = Int(nodes[other &+ 1].next)
        }
        return false
    }

    /// The value for `key` in an object.
    func value(for key: Span<UInt8>, in object: Int) -> Int? {
        withAllText { text in
            let end = Int(nodes[object].next)
            var found: Int?
            var index = object &+ 1
            while index < end {
                let node = nodes[index]
                if node.isEscaped || node.range.count == key.count {
                    let name = text.extracting(node.range)
                    if node.isEscaped ? JSONString.equals(name, key) : name.equals(key) { found = index &+ 1 }
                }
                index = Int(nodes[index &+ 1].next)
            }
            return found
        }
    }

    /// The value for `key` in an object, which `hasDistinctKeys` or not.
    ///
    /// Found fast also if all keys of a large object are looked up one by one, as `Dictionary` does: that would take
    /// quadratic time.
    func value(named key: String, in object: Int, hasDistinctKeys: Bool) -> Int? {
        let name = key.utf8.span
        if hasDistinctKeys, isNextKey(name, in: object) {
            let value = nextKey &+ 1
            nextKey = Int(nodes[value].next)
            return value
        }
        guard let value = isSmall(object) ? value(for: name, in: object) : places(in: object)[ByteName(key)] else {
            return nil
        }
        nextKey = Int(nodes[value].next)
        return value
    }

    /// Whether the key after the value that was found last is this one, and of this object.
    @inline(__always)
    private func isNextKey(_ key: Span<UInt8>, in object: Int) -> Bool {
        guard nextKey > object, nextKey < nodes.count else { return false }
        let node = nodes[nextKey]
        // The `next` of a value would be behind it, and so behind the object.
        guard Int(node.next) == object, node.range.count == key.count, !node.isEscaped else { return false }
        return withText(at: nextKey) { $0.equals(key) }
    }

    /// Where the value of each key is.
    private func places(in object: Int) -> [ByteName: Int] {
        var known = places
        places = [:]
        defer { places = known }
        if let found = known[object] { return found }
        var found: [ByteName: Int] = [:]
        var node = object &+ 1
        let end = Int(nodes[object].next)
        while node < end {
            found[ByteName(string(at: node))] = node &+ 1
            node = Int(nodes[node &+ 1].next)
        }
        known[object] = found
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
