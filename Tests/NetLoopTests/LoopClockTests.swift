import Testing

@testable import NetLoop

@Suite struct LoopClockTests {
    private let clock = LoopClock()

    @Test func `a tick is reached with its last nanosecond`() {
        #expect(clock.tick(reachedAt: 0) == 0)
        #expect(clock.tick(reachedAt: 999_999) == 0)
        #expect(clock.tick(reachedAt: 1_000_000) == 1)
        #expect(clock.tick(reachedAt: 3_600_000_000_000) == 3_600_000)
    }

    @Test func `a deadline is never before its tick`() {
        #expect(clock.tick(notBefore: clock.instant(0)) == 0)
        #expect(clock.tick(notBefore: clock.instant(1)) == 1)
        #expect(clock.tick(notBefore: clock.instant(1_000_000)) == 1)
        #expect(clock.tick(notBefore: clock.instant(1_000_001)) == 2)
        #expect(clock.tick(notBefore: clock.instant(-5_000_000_000)) == 0)
    }

    @Test func `its instants are those of the continuous clock`() {
        let before = ContinuousClock.now
        let instant = clock.instant(clock.nanoseconds)
        let after = ContinuousClock.now
        // They are read one after the other when the clock is made.
        let tolerance = Duration.milliseconds(100)
        #expect(instant >= before.advanced(by: .zero - tolerance) && instant <= after.advanced(by: tolerance))
    }

    @Test func `a deadline without an end has a tick`() {
        let far = clock.instant(0).advanced(by: .seconds(Int64.max / 4))
        #expect(clock.tick(notBefore: far) > clock.tick(reachedAt: .max))
    }
}
