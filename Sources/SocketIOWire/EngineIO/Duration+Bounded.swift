extension Duration {
    /// The same, but never so long that arithmetic with it overflows: what nobody lives to see the end of is as good as 292
    /// years.
    package var bounded: Duration {
        min(max(self, .nanoseconds(Int64.min)), .nanoseconds(Int64.max))
    }

    /// In nanoseconds; 292 years if it is longer.
    package var boundedNanoseconds: Int64 {
        let (seconds, attoseconds) = bounded.components
        // In 128 bits nothing overflows, and the sum is bounded.
        return Int64(clamping: Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000))
    }
}
