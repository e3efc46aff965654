import NetLoop
import Testing

@Suite struct SystemRandomTests {
    @Test func `fills all words there may be, anew each time`() {
        var seen: Set<UInt32> = []
        for _ in 0..<4 {
            var words = [UInt32](repeating: 0, count: 64)
            var span = words.mutableSpan
            SystemRandom.fill(&span)
            seen.formUnion(words)
        }
        // 256 numbers out of four billion: one pair alike is a thing of one run in 130,000.
        #expect(seen.count >= 255)
    }
}
