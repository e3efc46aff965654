/// Parts of a loop's output that are not to be compressed.
struct PlainParts {
    /// In order, and apart from each other.
    private var parts: [Range<Int>] = []
    /// Where the part begins that is being written.
    private var start: Int?

    /// What is written from `offset` on belongs to them, until `end`.
    mutating func begin(at offset: Int) {
        start = offset
    }

    mutating func end(at offset: Int) {
        if let start, start < offset { append(start..<offset) }
        start = nil
    }

    private mutating func append(_ part: Range<Int>) {
        if let last = parts.last, last.upperBound == part.lowerBound {
            parts[parts.count - 1] = last.lowerBound..<part.upperBound
        } else {
            parts.append(part)
        }
    }

    /// The output has started afresh.
    mutating func startAfresh() {
        parts.removeAll(keepingCapacity: parts.count < 256)
        if start != nil { start = 0 }
    }

    func contains(_ offset: Int) -> Bool {
        if let start, offset >= start { return true }
        // The last of them that begins no later.
        var (low, high) = (0, parts.count)
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].lowerBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 && parts[low - 1].contains(offset)
    }
}
