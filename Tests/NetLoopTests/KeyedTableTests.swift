import NetLoop
import TestSupport
import Testing

@Suite struct KeyedTableTests {
    private final class Named: Keyed {
        let key: Name

        init(_ name: Int, hash: Int? = nil) {
            key = Name(number: name, hash: hash ?? name)
        }
    }

    /// A name whose place in a table the test decides.
    private struct Name: Hashable {
        let number: Int
        let hash: Int

        static func == (left: Name, right: Name) -> Bool { left.number == right.number }
        func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    @Test func `finds an element by its key until it is removed`() {
        var table = KeyedTable<Named>()
        let one = Named(1)
        #expect(table[one.key] == nil && table.count == 0)
        table.remove(one)
        table.insert(one)
        #expect(table[one.key] === one && table.count == 1)
        #expect(table[Named(2).key] == nil)
        table.remove(one)
        #expect(table[one.key] == nil && table.count == 0 && table.all.isEmpty)
    }

    @Test func `an element takes the place of another with its key, and is not removed in its name`() {
        var table = KeyedTable<Named>()
        let (old, new) = (Named(1), Named(1))
        table.insert(old)
        table.insert(new)
        #expect(table[old.key] === new && table.count == 1)
        table.remove(old)
        #expect(table[old.key] === new && table.count == 1)
    }

    @Test(arguments: [1, 3, 1_000_000])
    func `does what a dictionary does, however the hashes fall`(hashes: Int) {
        var random = SeededGenerator(seed: UInt64(hashes))
        var table = KeyedTable<Named>()
        var model: [Int: Named] = [:]
        let steps = hashes < 10 ? 3_000 : 30_000
        for _ in 0..<steps {
            let number = Int.random(in: 0..<200, using: &random)
            let named = Named(number, hash: number % hashes)
            if Int.random(in: 0..<3, using: &random) > 0 {
                table.insert(named)
                model[number] = named
            } else if let known = model.removeValue(forKey: number) {
                table.remove(known)
            }
            let other = Int.random(in: 0..<200, using: &random)
            precondition(table[Named(other, hash: other % hashes).key] === model[other])
            precondition(table.count == model.count)
        }
        #expect(Set(table.all.map(\.key.number)) == Set(model.keys))
        for named in table.all { table.remove(named) }
        #expect(table.count == 0 && table.all.isEmpty)
    }

    @Test func `lets go of what it removes`() {
        var table = KeyedTable<Named>()
        weak var value: Named?
        do {
            let made = Named(1)
            value = made
            table.insert(made)
            table.remove(made)
        }
        #expect(value == nil)
    }
}
