import TestSupport
import Testing

@testable import NetLoop

@Suite struct SlabTests {
    @Test func `finds a value by its token until it is removed`() {
        var slab = Slab<String>()
        let a = slab.insert("a")
        let b = slab.insert("b")
        #expect(slab[a] == "a" && slab[b] == "b" && slab.count == 2)
        slab.remove(a)
        #expect(slab[a] == nil && slab[b] == "b" && slab.count == 1)
        #expect(slab.all == ["b"])
    }

    @Test func `a stale token finds nothing and removes nothing`() {
        var slab = Slab<Int>()
        let first = slab.insert(1)
        slab.remove(first)
        let second = slab.insert(2)
        #expect(first != second)
        #expect(UInt32(truncatingIfNeeded: first) == UInt32(truncatingIfNeeded: second), "the place is used again")
        #expect(slab[first] == nil)
        slab.remove(first)
        #expect(slab[second] == 2 && slab.count == 1)
    }

    @Test(arguments: [0, 1, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF, 1 << 32, 1 << 63] as [UInt64])
    func `a token that was never given finds nothing`(token: UInt64) {
        var slab = Slab<Int>()
        #expect(slab[token] == nil)
        slab.remove(token)
        let other = slab.insert(1)
        if token != other {
            #expect(slab[token] == nil)
            slab.remove(token)
        }
        #expect(slab.count == 1)
    }

    @Test func `does what a dictionary does`() {
        var random = SeededGenerator(seed: 5)
        var slab = Slab<Int>()
        var model: [UInt64: Int] = [:]
        var given: [UInt64] = []
        for step in 0..<20_000 {
            if Bool.random(using: &random) || given.isEmpty {
                let token = slab.insert(step)
                precondition(model.updateValue(step, forKey: token) == nil, "a live token is given twice")
                // The poller's own token for its wake-up.
                precondition(token != .max)
                given.append(token)
            } else {
                let token = given.randomElement(using: &random)!
                slab.remove(token)
                model[token] = nil
            }
            let token = given.randomElement(using: &random)!
            precondition(slab[token] == model[token])
            precondition(slab.count == model.count)
        }
        #expect(slab.all.sorted() == model.values.sorted())
    }

    @Test func `lets go of what it removes`() {
        final class Value {}
        var slab = Slab<Value>()
        weak var value: Value?
        let token: UInt64
        do {
            let made = Value()
            value = made
            token = slab.insert(made)
        }
        #expect(value != nil)
        slab.remove(token)
        #expect(value == nil)
    }
}
