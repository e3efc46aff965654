/// How often each duration occurred, in buckets that are at most 1.6 % wide.
struct Histogram {
    /// Each doubling is divided into this many buckets.
    private static let steps = 64
    private static let stepBits = 6
    /// Durations from 2^40 ns (18 minutes) on share the last bucket.
    private static let bits = 40

    private var counts = [Int](repeating: 0, count: (bits - stepBits + 1) * steps)
    private(set) var count = 0

    @inline(__always)
    mutating func record(_ nanoseconds: UInt64, _ times: Int = 1) {
        counts[Self.bucket(of: nanoseconds)] += times
        count += times
    }

    /// The duration that the given share of all does not exceed, to the middle of its bucket; zero if there are none.
    func percentile(_ share: Double) -> Double {
        let rank = max(1, Int((Double(count) * share).rounded(.up)))
        var seen = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen >= rank { return Self.middle(of: bucket) }
        }
        return 0
    }

    @inline(__always)
    private static func bucket(of nanoseconds: UInt64) -> Int {
        let value = min(nanoseconds, 1 << bits - 1)
        guard value >= steps else { return Int(truncatingIfNeeded: value) }
        let shift = 63 - value.leadingZeroBitCount - stepBits
        return (shift + 1) * steps + Int(truncatingIfNeeded: value >> UInt64(shift)) & (steps - 1)
    }

    private static func middle(of bucket: Int) -> Double {
        guard bucket >= steps else { return Double(bucket) }
        let shift = bucket / steps - 1
        let lowest = (steps + bucket % steps) << shift
        return Double(lowest) + Double((1 << shift) - 1) / 2
    }
}

extension LoadResult.Latency {
    init(_ histogram: Histogram) {
        p50 = histogram.percentile(0.5) / 1e9
        p90 = histogram.percentile(0.9) / 1e9
        p99 = histogram.percentile(0.99) / 1e9
        p999 = histogram.percentile(0.999) / 1e9
    }
}
