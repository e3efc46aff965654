/// What was typed and waits for the server, in order.
struct Outbox {
    struct Entry: Equatable, Sendable {
        let command: Command
        /// As it was typed.
        let line: String
    }

    /// Bytes that wait at most, with `overhead` for each line.
    static let limit = 1024 * 1024
    static let overhead = 128

    private var entries: [Entry] = []
    /// Those before it have been taken.
    private var first = 0
    private var bytes = 0

    var count: Int { entries.count - first }
    var isEmpty: Bool { count == 0 }

    /// False if there is no room for it.
    mutating func append(_ entry: Entry) -> Bool {
        let size = entry.line.utf8.count + Self.overhead
        guard bytes + size <= Self.limit else { return false }
        bytes += size
        entries.append(entry)
        return true
    }

    mutating func popFirst() -> Entry? {
        guard first < entries.count else { return nil }
        let entry = entries[first]
        first += 1
        bytes -= entry.line.utf8.count + Self.overhead
        // Moved together once half of it is taken, which costs each entry one move.
        if first * 2 >= entries.count {
            entries.removeFirst(first)
            first = 0
        }
        return entry
    }

    /// Puts back what was taken last.
    mutating func putBack(_ entry: Entry) {
        if first > 0 {
            first -= 1
            entries[first] = entry
        } else {
            entries.insert(entry, at: 0)
        }
        bytes += entry.line.utf8.count + Self.overhead
    }
}
