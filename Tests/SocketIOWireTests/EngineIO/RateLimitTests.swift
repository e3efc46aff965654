import TestSupport
import Testing

@testable import SocketIOWire

@Suite struct RateLimitTests {
    private let second: Int64 = 1_000_000_000

    @Test func `a bucket gives its burst at once, and then the rate`() throws {
        let limit = RateLimit(10, per: .seconds(1), burst: 3)
        var refill: Int64 = 0
        for _ in 0..<3 { refill = try #require(limit.take(1, from: refill, now: 0)) }
        #expect(limit.take(1, from: refill, now: 0) == nil)
        #expect(limit.take(1, from: refill, now: second / 10 - 1) == nil)
        refill = try #require(limit.take(1, from: refill, now: second / 10))
        #expect(limit.take(1, from: refill, now: second / 10) == nil)
        // After a long pause it is as full as it was, and no fuller.
        for _ in 0..<3 { refill = try #require(limit.take(1, from: refill, now: 100 * second)) }
        #expect(limit.take(1, from: refill, now: 100 * second) == nil)
    }

    @Test func `what is larger than the bucket passes when that is full, and is paid for`() throws {
        let limit = RateLimit(1_000, per: .seconds(1), burst: 1_000)
        let refill = try #require(limit.take(5_000, from: 0, now: 0))
        #expect(limit.take(1, from: refill, now: 4 * second) == nil)
        #expect(limit.take(1, from: refill, now: 4 * second + second / 1_000) != nil)
        let used = try #require(limit.take(1, from: 0, now: 0))
        #expect(limit.take(5_000, from: used, now: 0) == nil)
    }

    @Test func `what is taken in any case is owed for as long`() {
        let limit = RateLimit(10, per: .seconds(1), burst: 10)
        #expect(limit.wait(until: 0, now: 5) == .zero)
        let full = limit.force(10, from: 0, now: 0)
        #expect(limit.wait(until: full, now: 0) == .zero)
        let owing = limit.force(5, from: full, now: 0)
        #expect(limit.wait(until: owing, now: 0) == .milliseconds(500))
        #expect(limit.wait(until: owing, now: second / 2) == .zero)
    }

    @Test func `no numbers are too large, nor too small`() {
        for (count, period, burst) in [
            (Int.max, Duration.nanoseconds(1), Int.max), (0, .zero, 0), (-5, .seconds(-1), -5),
            (1, .seconds(Int64.max), .max),
        ] {
            let limit = RateLimit(count, per: period, burst: burst)
            var refill: Int64 = 0
            for taken in [1, 0, .max, .max] {
                refill = limit.take(taken, from: refill, now: second) ?? refill
                refill = limit.force(taken, from: refill, now: second)
                #expect(limit.wait(until: refill, now: second) >= .zero)
            }
        }
    }

    @Test(arguments: 0..<20)
    func `in any time no more is given than the burst and the rate`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let (rate, burst) = (Int.random(in: 1...1_000, using: &random), Int.random(in: 1...1_000, using: &random))
        let limit = RateLimit(rate, per: .seconds(1), burst: burst)
        var (refill, now, given): (Int64, Int64, Int) = (0, 0, 0)
        for _ in 0..<2_000 {
            now += Int64.random(in: 0...3_000_000, using: &random)
            let wanted = Int.random(in: 1...min(burst, 3), using: &random)
            if let next = limit.take(wanted, from: refill, now: now) {
                refill = next
                given += wanted
            }
            let most: Double = Double(burst) + Double(rate) * Double(now) / 1e9
            #expect(Double(given) <= most + 0.001)
        }
    }
}
