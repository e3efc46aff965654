import Testing

@testable import bench

struct HistogramTests {
    @Test func `tells short durations exactly`() {
        var histogram = Histogram()
        for duration in 1...50 as ClosedRange<UInt64> { histogram.record(duration) }
        #expect(histogram.count == 50)
        #expect(histogram.percentile(0.5) == 25)
        #expect(histogram.percentile(0.9) == 45)
        #expect(histogram.percentile(0.99) == 50)
        #expect(histogram.percentile(1) == 50)
    }

    @Test(arguments: [63, 64, 65, 1_000, 123_456, 1_000_000_007, (1 << 40) - 1] as [UInt64])
    func `is within one in sixty-four of any duration`(duration: UInt64) {
        var histogram = Histogram()
        histogram.record(duration)
        #expect((histogram.percentile(0.5) / Double(duration) - 1).magnitude < 1.0 / 64)
    }

    @Test func `keeps the order of neighbours`() {
        var last = 0.0
        for duration in [1, 63, 64, 127, 128, 129, 4_095, 4_096, 70_000, 1 << 39] as [UInt64] {
            var histogram = Histogram()
            histogram.record(duration)
            #expect(histogram.percentile(0.5) >= last)
            last = histogram.percentile(0.5)
        }
    }

    @Test func `counts what comes several times as often`() {
        var histogram = Histogram()
        histogram.record(10, 98)
        histogram.record(1_000)
        histogram.record(60)
        #expect(histogram.percentile(0.98) == 10)
        #expect(histogram.percentile(0.99) == 60)
        #expect(histogram.percentile(0.999) > 990)
    }

    @Test func `takes durations beyond its range for the longest`() {
        var histogram = Histogram()
        histogram.record(.max)
        #expect(histogram.percentile(0.5) > 1e12)
    }

    @Test func `has no percentile of nothing`() {
        #expect(Histogram().percentile(0.5) == 0)
    }
}
