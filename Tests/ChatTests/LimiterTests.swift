import TestSupport
import Testing

@testable import chat

@Suite struct LimiterTests {
    private let start = ContinuousClock.now

    @Test func `gives some at once, and then one each so often`() {
        var limiter = Limiter<String>(Allowance(atOnce: 3, every: .seconds(10)))
        for _ in 0..<3 { #expect(limiter.take(of: "ada", at: start) == nil) }
        #expect(limiter.take(of: "ada", at: start) == .seconds(10))
        #expect(limiter.take(of: "bob", at: start) == nil)
        #expect(limiter.take(of: "ada", at: start + .seconds(9)) == .seconds(1))
        #expect(limiter.take(of: "ada", at: start + .seconds(10)) == nil)
        #expect(limiter.take(of: "ada", at: start + .seconds(10)) == .seconds(10))
        #expect(limiter.take(3, of: "ada", at: start + .seconds(1000)) == nil)
        #expect(limiter.take(of: "ada", at: start + .seconds(1000)) == .seconds(10))
    }

    @Test func `more than all at once costs all at once`() {
        var limiter = Limiter<String>(Allowance(atOnce: 3, every: .seconds(10)))
        #expect(limiter.wait(for: 21, of: "ada", at: start) == nil)
        #expect(limiter.take(21, of: "ada", at: start) == nil)
        #expect(limiter.take(of: "ada", at: start) == .seconds(10))
        #expect(limiter.take(21, of: "ada", at: start + .seconds(29)) == .seconds(1))
        #expect(limiter.take(21, of: "ada", at: start + .seconds(30)) == nil)
    }

    @Test func `what is refused costs nothing`() {
        var limiter = Limiter<String>(Allowance(atOnce: 2, every: .seconds(1)))
        _ = limiter.take(2, of: "ada", at: start)
        for _ in 0..<1000 { #expect(limiter.take(of: "ada", at: start) != nil) }
        #expect(limiter.take(of: "ada", at: start + .seconds(1)) == nil)
    }

    @Test func `who owes nothing is forgotten, and no more than its places are kept`() {
        var limiter = Limiter<Int>(Allowance(atOnce: 1, every: .seconds(1)), places: 100)
        for payer in 0..<100 { #expect(limiter.take(of: payer, at: start) == nil) }
        #expect(limiter.take(of: 100, at: start) == .seconds(1))
        #expect(limiter.count == 100)
        #expect(limiter.take(of: 100, at: start + .seconds(1)) == nil)
        #expect(limiter.count == 1)
    }

    @Test func `over any time nobody gets more than what is allowed`() {
        var generator = SeededGenerator(seed: 14)
        var limiter = Limiter<Int>(Allowance(atOnce: 5, every: .seconds(1)))
        var now = start
        var taken = 0
        for _ in 0..<2000 {
            now += .milliseconds(Int.random(in: 0...300, using: &generator))
            if limiter.take(of: 0, at: now) == nil { taken += 1 }
        }
        let seconds = Int(start.duration(to: now) / .seconds(1))
        #expect(taken <= 5 + seconds + 1)
        #expect(taken >= seconds - 1)
    }
}
