import Testing

@testable import EngineIO

/// When memory that was freed goes back to the system.
@Suite struct FreedMemoryTests {
    private let much = TrimRule.worthwhile

    @Test func `what is free from the beginning is left alone, and so is little more`() {
        var rule = TrimRule()
        #expect(!rule.isDue(free: much))
        #expect(!rule.isDue(free: 2 * much - 1))
    }

    @Test func `what a flood leaves is given back once`() {
        var rule = TrimRule()
        #expect(!rule.isDue(free: 1000))
        #expect(rule.isDue(free: 1000 + much))
        #expect(!rule.isDue(free: 1000 + much))
    }

    @Test func `a second flood, which uses what was free, leaves it to be given back again`() {
        var rule = TrimRule()
        #expect(!rule.isDue(free: 0))
        #expect(rule.isDue(free: 5 * much))
        #expect(!rule.isDue(free: 2 * much))
        #expect(rule.isDue(free: 5 * much))
    }
}
