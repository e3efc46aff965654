import SocketIOWire
import Testing

@Suite struct CompactInstantTests {
    private let epoch = ContinuousClock.now

    @Test func `says what was said, counted from any epoch`() {
        for nanoseconds in [0, 1, -1, 999_999_999, -1_000_000_001, 86_400_000_000_007] {
            let instant = epoch + .nanoseconds(nanoseconds)
            #expect(CompactInstant(instant, since: epoch) == CompactInstant(nanoseconds: Int64(nanoseconds)))
            #expect(CompactInstant(instant, since: epoch).instant(since: epoch) == instant)
        }
    }

    @Test func `counts on, and back`() {
        let instant = CompactInstant(nanoseconds: 7)
        #expect(instant + .seconds(25) == CompactInstant(nanoseconds: 25_000_000_007))
        #expect(instant + .seconds(-25) == CompactInstant(nanoseconds: -24_999_999_993))
        #expect(instant.duration(to: instant + .seconds(25)) == .seconds(25))
        #expect((instant + .seconds(25)).duration(to: instant) == .seconds(-25))
        #expect(instant < instant + .nanoseconds(1))
    }

    @Test func `what is too far away is as far as can be, either way`() {
        let year: Int64 = 31_556_952
        let (first, zero, last) = (
            CompactInstant(nanoseconds: .min), CompactInstant(nanoseconds: 0), CompactInstant(nanoseconds: .max)
        )
        for start in [zero, last] { #expect(start + .seconds(year * 600) == last) }
        for start in [zero, first] { #expect(start + .seconds(-year * 600) == first) }
        let far = first.duration(to: last)
        #expect(far > .seconds(year * 584))
        #expect(MemoryLayout<CompactInstant>.size == 8)
    }
}
