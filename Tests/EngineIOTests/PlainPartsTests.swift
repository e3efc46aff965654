import TestSupport
import Testing

@testable import EngineIO

/// Which parts of a loop's output are not compressed.
@Suite struct PlainPartsTests {
    @Test func `they are known by where they lie, whatever is written in between`() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            var parts = PlainParts()
            var isPlain: [Bool] = []
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                let plain = Bool.random(using: &generator)
                if plain { parts.begin(at: isPlain.count) }
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    isPlain.append(plain)
                    #expect(parts.contains(isPlain.count - 1) == plain)
                }
                if plain { parts.end(at: isPlain.count) }
            }
            #expect(isPlain.indices.allSatisfy { parts.contains($0) == isPlain[$0] })
            #expect(!parts.contains(isPlain.count))
        }
    }

    @Test func `when the output starts afresh, only the part that is being written goes on`() {
        var parts = PlainParts()
        parts.begin(at: 3)
        parts.end(at: 5)
        parts.begin(at: 7)
        parts.startAfresh()
        #expect(parts.contains(0) && parts.contains(9))
        parts.end(at: 2)
        #expect([0, 1, 2, 3, 4, 7].map(parts.contains) == [true, true, false, false, false, false])
        parts.startAfresh()
        #expect(!parts.contains(0))
    }
}
