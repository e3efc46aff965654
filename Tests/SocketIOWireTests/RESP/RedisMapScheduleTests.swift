import Testing

@testable import SocketIOWire

@Suite struct RedisMapScheduleTests {
    private let start = ContinuousClock.Instant.now

    @Test func `asks at once, then when something is old, but not all the time`() {
        var schedule = RedisMapSchedule(now: start)
        #expect(schedule.ask(now: start) == true)
        #expect(schedule.deadline == nil)
        #expect(schedule.ask(now: start) == false)
        schedule.answered(isUseful: true, now: start)
        #expect(schedule.deadline == start + RedisMapSchedule.time)
        for _ in 0..<3 { schedule.want(now: start + .milliseconds(10)) }
        #expect(schedule.deadline == start + RedisMapSchedule.pause)
        #expect(schedule.ask(now: start + .milliseconds(499)) == false)
        #expect(schedule.ask(now: start + .milliseconds(500)) == true)
    }

    @Test func `asks again where something changes meanwhile, and where the answer is none`() {
        var schedule = RedisMapSchedule(now: start)
        #expect(schedule.ask(now: start) == true)
        schedule.want(now: start)
        schedule.answered(isUseful: true, now: start + .seconds(2))
        #expect(schedule.deadline == start + .seconds(2))
        #expect(schedule.ask(now: start + .seconds(2)) == true)
        schedule.answered(isUseful: false, now: start + .seconds(2))
        #expect(schedule.deadline == start + .seconds(2) + RedisMapSchedule.pause)
    }

    @Test func `asks after a minute in any case`() {
        var schedule = RedisMapSchedule(now: start)
        #expect(schedule.ask(now: start) == true)
        schedule.answered(isUseful: true, now: start)
        schedule.want(now: start + .seconds(59))
        #expect(schedule.ask(now: start + .seconds(59)) == true)
        schedule.answered(isUseful: true, now: start + .seconds(59))
        #expect(schedule.ask(now: start + .seconds(118)) == false)
        #expect(schedule.ask(now: start + .seconds(119)) == true)
    }
}
