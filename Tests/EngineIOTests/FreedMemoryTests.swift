import Testing

@testable import EngineIO

/// When memory that was freed goes back to the system.
@Suite struct FreedMemoryTests {
    private static let much = TrimRule.worthwhile

    /// Whether each look, at so many free bytes, gives memory back.
    private func looks(at free: [Int]) -> [Bool] {
        var rule = TrimRule()
        return free.map { rule.isDue(free: $0) }
    }

    @Test func `what is free from the beginning is left alone, and so is little more`() {
        #expect(looks(at: [Self.much, 2 * Self.much - 1]) == [false, false])
    }

    @Test func `what a flood leaves is given back once`() {
        #expect(looks(at: [1000, 1000 + Self.much, 1000 + Self.much]) == [false, true, false])
    }

    @Test func `a second flood, which uses what was free, leaves it to be given back again`() {
        #expect(looks(at: [0, 5, 2, 2, 5].map { $0 * Self.much }) == [false, true, false, false, true])
    }

    @Test func `what comes and goes all the time is not given back each time`() {
        let due = looks(at: (0..<60).map { $0 % 2 * 2 * Self.much })
        #expect(due.count { $0 } <= 60 / TrimRule.pause)
    }
}
