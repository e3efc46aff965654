/// The fields of a received head: one copy of its bytes, and where in it names and values are.
package struct HTTPFields: Sendable {
    /// A head is at most 64 KiB long (`HTTPLimits`).
    struct Entry: Sendable {
        let nameStart: UInt16
        let nameEnd: UInt16
        let valueStart: UInt16
        let valueEnd: UInt16

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// The whole head, start line included.
    let storage: [UInt8]
    let entries: [Entry]

    /// The value of the first field of that name, in any case.
    package subscript(name: String) -> String? {
        firstValue(of: name).map { String(repairing: storage.span.extracting($0)) }
    }

    /// All fields in the order they came.
    package var all: [(name: String, value: String)] {
        entries.map { entry in
            (
                String(repairing: storage.span.extracting(entry.name)),
                String(repairing: storage.span.extracting(entry.value))
            )
        }
    }

    /// How many fields have that name.
    package func count(of name: String) -> Int {
        var count = 0
        for entry in entries where matches(entry, name) { count += 1 }
        return count
    }

    /// Whether one of the fields of that name, read as a comma-separated list, holds `token` in any case.
    package func contains(token: String, in name: String) -> Bool {
        var isIn = false
        forEachItem(of: name) { item in
            isIn = storage.span.extracting(item).equalsIgnoringCase(token.utf8.span)
            return !isIn
        }
        return isIn
    }

    /// Where in `storage` the values of all fields of that name are, in order.
    func values(of name: String) -> [Range<Int>] {
        entries.filter { matches($0, name) }.map(\.value)
    }

    /// Where in `storage` the value of the first field of that name is.
    func firstValue(of name: String) -> Range<Int>? {
        for entry in entries where matches(entry, name) { return entry.value }
        return nil
    }

    func matches(_ entry: Entry, _ name: String) -> Bool {
        storage.span.extracting(entry.name).equalsIgnoringCase(name.utf8.span)
    }
}
