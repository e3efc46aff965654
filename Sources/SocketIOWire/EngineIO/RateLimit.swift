/// How much may be taken of something in a time: so much at an even rate, and so much at once where nothing was taken for
/// a while. A bucket of tokens, as the time at which it will be full again (the "generic cell rate algorithm"): one number
/// for each bucket, and nothing to do while nobody takes anything.
package struct RateLimit: Hashable, Sendable {
    /// When a bucket will be full again, in nanoseconds of a clock that all who use it share; what is past is full.
    package typealias Refill = Int64

    /// Nanoseconds for each token.
    private let cost: Double
    /// Nanoseconds that an empty bucket takes.
    private let capacity: Double

    /// - Parameters:
    ///   - count: Tokens that come back in each `period`.
    ///   - burst: Tokens in a full bucket.
    package init(_ count: Int, per period: Duration, burst: Int) {
        cost = min(max(period / .nanoseconds(1), 1) / Double(max(count, 1)), Self.longest)
        capacity = min(cost * Double(max(burst, 1)), Self.longest)
    }

    /// About three years: what is longer is as long, so that no sum is too large.
    private static let longest = 1e17

    /// Takes `count` tokens of a bucket; nil, and nothing taken, if it has too few. A full bucket has enough for anything,
    /// and is then empty for longer: something larger than it could never pass else.
    package func take(_ count: Int, from refill: Refill, now: Refill) -> Refill? {
        let missing = Double(max(refill - now, 0))
        let price = price(of: count)
        guard missing + min(price, capacity) <= capacity else { return nil }
        return now + Int64(missing + price)
    }

    /// Takes them in any case, and leaves the bucket empty for longer.
    package func force(_ count: Int, from refill: Refill, now: Refill) -> Refill {
        now + Int64(min(Double(max(refill - now, 0)) + price(of: count), Self.longest))
    }

    /// How long it takes until the bucket owes nothing.
    package func wait(until refill: Refill, now: Refill) -> Duration {
        .nanoseconds(Int64(max(Double(max(refill - now, 0)) - capacity, 0)))
    }

    private func price(of count: Int) -> Double { min(cost * Double(count), Self.longest) }
}
