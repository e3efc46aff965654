import Testing

@testable import SocketIOWire

@Suite struct WaitersTests {
    private let start = ContinuousClock.now

    @Test func `each is given back once: by its answer, its deadline, or the end`() {
        var waiters = Waiters<String>()
        #expect(waiters.deadline == nil)
        for (id, seconds) in [(1, 3), (2, 1), (3, nil), (4, 2), (5, 1)] as [(UInt64, Int?)] {
            #expect(waiters.add(id, "w\(id)", until: seconds.map { start + .seconds($0) }) == true)
        }
        #expect(waiters.deadline == start + .seconds(1))
        #expect(waiters.expire(now: start).count == 0)
        #expect(waiters.expire(now: start + .seconds(1)).map(\.receiver) == ["w2", "w5"])
        #expect(waiters.deadline == start + .seconds(2))
        #expect([4, 4, 2].map { waiters.settle($0) } == ["w4", nil, nil])
        #expect(waiters.deadline == start + .seconds(3))
        #expect(waiters.settleAll { $0 == 3 } == ["w1"])
        #expect(waiters.deadline == nil && waiters.count == 1)
        #expect(waiters.settleAll() == ["w3"])
        #expect(waiters.isEmpty)
        #expect(waiters.expire(now: start + .seconds(100)).count == 0)
    }

    @Test func `takes no more than its limit`() {
        var waiters = Waiters<Int>(limit: 2)
        #expect((1...3).map { waiters.add($0, 0, until: nil) } == [true, true, false])
        #expect(waiters.settle(1) == 0)
        #expect(waiters.add(3, 0, until: nil) == true)
    }

    @Test func `an id that is used again has its new deadline`() {
        var waiters = Waiters<String>()
        _ = waiters.add(1, "old", until: start + .seconds(1))
        _ = waiters.add(2, "other", until: start)
        _ = waiters.settle(1)
        _ = waiters.add(1, "new", until: start + .seconds(5))
        #expect(waiters.expire(now: start + .seconds(1)).map(\.receiver) == ["other"])
        #expect(waiters.deadline == start + .seconds(5))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `does what a dictionary does, and knows its earliest deadline`(seed: UInt64) {
        var random = JSONTestRandom(seed: seed)
        var waiters = Waiters<UInt64>()
        var model: [UInt64: Int?] = [:]
        var (next, now) = (UInt64(0), 0)
        func instant(_ time: Int) -> ContinuousClock.Instant { start + .milliseconds(time) }
        for _ in 0..<5000 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<6:
                let isLimited = Int.random(in: 0..<9, using: &random) > 0
                let due = isLimited ? now + Int.random(in: 1..<400, using: &random) : nil
                #expect(waiters.add(next, next, until: due.map(instant)) == true)
                model[next] = .some(due)
                next += 1
            case 6..<10:
                let id = UInt64.random(in: 0...next, using: &random)
                #expect(waiters.settle(id) == (model.removeValue(forKey: id) == nil ? nil : id))
            case 10:
                now += Int.random(in: 0..<30, using: &random)
                let late = model.filter { ($0.value ?? .max) <= now }
                    .sorted { ($0.value!, $0.key) < ($1.value!, $1.key) }
                #expect(waiters.expire(now: instant(now)).map(\.id) == late.map(\.key))
                for id in late.map(\.key) { model[id] = nil }
            default:
                guard Int.random(in: 0..<50, using: &random) == 0 else { continue }
                let gone = model.keys.filter { $0 % 3 != 0 }.sorted()
                #expect(waiters.settleAll { $0 % 3 == 0 } == gone)
                for id in gone { model[id] = nil }
            }
            #expect(waiters.count == model.count)
            #expect(waiters.deadline == model.values.compactMap { $0 }.min().map(instant))
        }
    }

    @Test func `what is settled long before its deadline leaves nothing behind`() {
        var waiters = Waiters<Int>()
        for id in 0..<10_000 as Range<UInt64> {
            _ = waiters.add(id, 0, until: start + .seconds(Int(id)))
            if id > 10 { _ = waiters.settle(id - 5) }
        }
        #expect(waiters.deadlineCount <= 2 * waiters.count + 16)
    }
}
