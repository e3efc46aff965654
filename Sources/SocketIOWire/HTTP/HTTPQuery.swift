/// The query of a request target, read as `name=value` pairs between `&`.
package struct HTTPQuery: Sendable {
    /// The head that the query is a part of; shared, not copied.
    private let storage: [UInt8]
    private let range: Range<Int>

    init(_ storage: [UInt8], in range: Range<Int>) {
        self.storage = storage
        self.range = range
    }

    /// Without the `?`, as it was sent.
    package var raw: String { String(repairing: storage.span.extracting(range)) }

    /// The decoded value of the first pair of that name; empty if the pair has no `=`.
    package subscript(name: String) -> String? {
        var first: String?
        forEachPair { pair in
            guard matches(pair.name, name) else { return true }
            first = decode(pair.value)
            return false
        }
        return first
    }

    /// How many pairs have that name.
    package func count(of name: String) -> Int {
        var count = 0
        forEachPair { pair in
            if matches(pair.name, name) { count += 1 }
            return true
        }
        return count
    }

    /// All pairs, decoded, in the order they came.
    package var items: [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        forEachPair { pair in
            items.append((decode(pair.name), decode(pair.value)))
            return true
        }
        return items
    }

    private func decode(_ range: Range<Int>) -> String {
        PercentEncoding.decode(storage.span.extracting(range), plusIsSpace: true)
    }

    private func matches(_ range: Range<Int>, _ name: String) -> Bool {
        let bytes = storage.span.extracting(range)
        let isPlain = bytes.firstIndex(of: UInt8(ascii: "%")) == nil && bytes.firstIndex(of: UInt8(ascii: "+")) == nil
        return isPlain ? bytes.equals(name.utf8.span) : decode(range) == name
    }

    /// Calls `body` with each pair that is not empty, until it returns false.
    private func forEachPair(_ body: ((name: Range<Int>, value: Range<Int>)) -> Bool) {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            var equals: Int?
            while end < range.upperBound, storage[end] != UInt8(ascii: "&") {
                if equals == nil, storage[end] == UInt8(ascii: "=") { equals = end }
                end &+= 1
            }
            if end > start {
                let nameEnd = equals ?? end
                guard body((start..<nameEnd, min(nameEnd &+ 1, end)..<end)) else { return }
            }
            start = end &+ 1
        }
    }
}
