// Fields that are lists with commas (RFC 9110 5.6.1).

extension HTTPFields {
    /// Calls `body` with where each item of the lists in all fields of that name is, in order, without spaces around it and
    /// also if it is empty, until it returns false. Quotes have no meaning.
    @inline(__always)
    func forEachItem<Failure: Error>(
        of name: String, _ body: (Range<Int>) throws(Failure) -> Bool
    ) throws(Failure) {
        let bytes = storage.span
        for entry in entries where matches(entry, name) {
            var start = entry.value.lowerBound
            while start <= entry.value.upperBound {
                var end = start
                while end < entry.value.upperBound, bytes[end] != UInt8(ascii: ",") { end &+= 1 }
                guard try body(bytes.trimmed(start..<end)) else { return }
                start = end &+ 1
            }
        }
    }

    /// The items of the lists in all fields of that name, from the last one back; what is quoted has no commas.
    func itemsBackwards(of name: String) -> ListItemsBackwards {
        ListItemsBackwards(storage, values(of: name))
    }
}

/// Goes through the items of lists from the last one back: what a proxy adds stands at the end, and can be told apart there
/// whatever a client has written in front of it.
struct ListItemsBackwards {
    private let bytes: [UInt8]
    private var lines: [Range<Int>]
    /// Where the items end that have not been taken.
    private var end: Int

    fileprivate init(_ bytes: [UInt8], _ lines: [Range<Int>]) {
        self.bytes = bytes
        self.lines = lines
        end = lines.last?.upperBound ?? 0
    }

    /// The next item that is not empty, without spaces around it.
    mutating func next() -> Range<Int>? {
        while let line = lines.last {
            let start = startOfItem(in: line)
            let item = bytes.span.trimmed(start..<end)
            if start > line.lowerBound {
                end = start - 1
            } else {
                lines.removeLast()
                end = lines.last?.upperBound ?? 0
            }
            if !item.isEmpty { return item }
        }
        return nil
    }

    private func startOfItem(in line: Range<Int>) -> Int {
        var start = end
        var isQuoted = false
        while start > line.lowerBound {
            switch bytes[start - 1] {
            case UInt8(ascii: "\""): if !isQuoted || !isEscaped(start - 1, in: line) { isQuoted.toggle() }
            case UInt8(ascii: ","): if !isQuoted { return start }
            default: break
            }
            start -= 1
        }
        return start
    }

    /// Whether what is at `index` follows an odd number of backslashes.
    private func isEscaped(_ index: Int, in line: Range<Int>) -> Bool {
        var start = index
        while start > line.lowerBound, bytes[start - 1] == UInt8(ascii: "\\") { start -= 1 }
        return (index - start) % 2 == 1
    }
}
