import Testing

@testable import SocketIOWire

@Suite struct DrainPaceTests {
    private let start = ContinuousClock.now

    @Test func `many clients are asked in even steps over half of the time`() {
        let pace = DrainPace(of: 10_000, within: .seconds(10), now: start)
        #expect(pace.due(now: start) == 0)
        #expect(pace.due(now: start.advanced(by: .seconds(1))) == 2_000)
        #expect(pace.due(now: start.advanced(by: .seconds(4))) == 8_000)
        #expect(pace.due(now: start.advanced(by: .seconds(5))) == 10_000)
        #expect(pace.due(now: start.advanced(by: .seconds(99))) == 10_000)
        #expect(pace.deadline == start.advanced(by: .seconds(10)))
    }

    @Test func `few clients are asked soon`() {
        let pace = DrainPace(of: 3, within: .seconds(10), now: start)
        #expect(pace.due(now: start.advanced(by: .milliseconds(10))) == 1)
        #expect(pace.due(now: start.advanced(by: .milliseconds(30))) == 3)
        #expect(DrainPace(of: 0, within: .seconds(10), now: start).due(now: start) == 0)
    }

    @Test func `a clock that goes back asks nobody, and the longest time overflows nothing`() {
        let pace = DrainPace(of: .max / 1_000_000_000, within: Duration.seconds(Int64.max).bounded, now: start)
        #expect(pace.due(now: start.advanced(by: .seconds(-1))) == 0)
        #expect(pace.due(now: start.advanced(by: .seconds(1))) >= 0)
    }
}
