/// The query of a request target, read as `name=value` pairs between `&`.
package struct HTTPQuery: Sendable {
    /// The head that the query is a part of; shared, not copied.
    private let storage: [UInt8]
    private let range: Range<Int>

    init(_ storage: [UInt8], in range: Range<Int>) {
        self.storage = storage
        self.range = range
    }

    /// One that is a part of nothing else, without the `?`.
    package init(_ query: [UInt8]) {
        self.init(query, in: query.indices)
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

    /// The decoded value of the first pair of that name, and how many there are.
    package func occurrences(of name: String) -> (first: String?, count: Int) {
        var first: Range<Int>?
        var count = 0
        forEachPair { pair in
            guard matches(pair.name, name) else { return true }
            if first == nil { first = pair.value }
            count += 1
            return true
        }
        return (first.map(decode), count)
    }

    /// The decoded values of all pairs of that name, in the order they came.
    package func values(of name: String) -> [String] {
        var values: [String] = []
        forEachPair { pair in
            if matches(pair.name, name) { values.append(decode(pair.value)) }
            return true
        }
        return values
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

    /// Whether what is at `range` stands for the bytes of `name`.
    private func matches(_ range: Range<Int>, _ name: String) -> Bool {
        PercentEncoding.stands(storage.span.extracting(range), for: name.utf8.span, plusIsSpace: true)
    }

    private func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        storage.span.extracting(range).firstIndex(of: byte).map { range.lowerBound &+ $0 }
    }

    /// Calls `body` with each pair that is not empty, until it returns false.
    private func forEachPair(_ body: ((name: Range<Int>, value: Range<Int>)) -> Bool) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = firstIndex(of: UInt8(ascii: "&"), in: start..<range.upperBound) ?? range.upperBound
            if end > start {
                let nameEnd = firstIndex(of: UInt8(ascii: "="), in: start..<end) ?? end
                guard body((start..<nameEnd, min(nameEnd &+ 1, end)..<end)) else { return }
            }
            start = end &+ 1
        }
    }
}
