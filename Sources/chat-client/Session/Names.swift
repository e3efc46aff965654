import CommandLineOptions

/// Names that a server tells: no more than a limit, however many it tells and however long they are.
struct Names {
    /// Bytes that they take at most, with `overhead` for each: some ten thousand.
    static let limit = 1024 * 1024
    static let overhead = 64

    private(set) var all: Set<String> = []
    private var bytes = 0
    /// Whether there was no room for some.
    private(set) var missesSome = false

    init(_ names: [String] = []) {
        for name in names { _ = insert(name) }
    }

    /// Whether it is new, and there is room for it.
    mutating func insert(_ name: String) -> Bool {
        guard !all.contains(name) else { return false }
        let size = name.utf8.count + Self.overhead
        guard bytes + size <= Self.limit else {
            missesSome = true
            return false
        }
        bytes += size
        all.insert(name)
        return true
    }

    /// Whether it was there.
    mutating func remove(_ name: String) -> Bool {
        guard let removed = all.remove(name) else { return false }
        bytes -= removed.utf8.count + Self.overhead
        return true
    }

    /// For people, in order.
    var list: String {
        let names = all.sorted().map(\.isolated).joined(separator: ", ")
        return missesSome ? "\(names), and others" : names
    }
}
