import TestSupport
import Testing

@testable import NetLoop

@Suite struct TimerWheelTests {
    private static let day: UInt64 = 86_400_000

    /// Moves `wheel` on and takes every timer that is due.
    private func fired(_ wheel: inout TimerWheel<Int>, at now: UInt64) -> [Int] {
        var due: [TimerID] = []
        wheel.advance(to: now, into: &due)
        return due.compactMap { wheel.take($0) }
    }

    @Test(arguments: [
        0, 1, 2, 63, 64, 65, 127, 128, 4095, 4096, 4097, 262_143, 262_144, 262_145, 16_777_215, 16_777_216,
    ])
    func `fires at its tick and not before, from wherever it is set`(distance: UInt64) {
        for start in [0, 1, 63, 64, 100, 4095, 4096, 262_143, 1_000_000, 30 * Self.day] as [UInt64] {
            var wheel = TimerWheel<Int>()
            #expect(fired(&wheel, at: start) == [])
            _ = wheel.insert(7, due: start + distance)
            #expect(wheel.nextDue! <= start + distance)
            if distance > 0 { #expect(fired(&wheel, at: start + distance - 1) == []) }
            #expect(wheel.count == 1)
            #expect(fired(&wheel, at: start + distance) == [7])
            #expect(wheel.count == 0 && wheel.nextDue == nil)
        }
    }

    @Test func `waits for days, in few steps`() {
        for due in [Self.day, 365 * Self.day, 100_000 * Self.day, UInt64.max - 1] {
            var wheel = TimerWheel<Int>()
            _ = wheel.insert(1, due: due)
            var steps = 0
            var all: [Int] = []
            while let next = wheel.nextDue, steps < 2_000, next < 1 << 40 {
                #expect(next <= due)
                all += fired(&wheel, at: next)
                steps += 1
            }
            #expect(all == (due < 1 << 40 ? [1] : []))
        }
    }

    @Test func `what is due already fires with the next advance`() {
        var wheel = TimerWheel<Int>()
        _ = fired(&wheel, at: 1_000)
        _ = wheel.insert(1, due: 0)
        _ = wheel.insert(2, due: 999)
        _ = wheel.insert(3, due: 1_000)
        #expect(wheel.nextDue == 1_000)
        #expect(fired(&wheel, at: 1_000).sorted() == [1, 2, 3])
    }

    @Test func `time does not go back`() {
        var wheel = TimerWheel<Int>()
        _ = fired(&wheel, at: 500)
        _ = wheel.insert(1, due: 510)
        #expect(fired(&wheel, at: 20) == [])
        #expect(fired(&wheel, at: 509) == [])
        #expect(fired(&wheel, at: 510) == [1])
    }

    @Test func `a cancelled timer does not fire, and its name is harmless for ever`() {
        var wheel = TimerWheel<Int>()
        let first = wheel.insert(1, due: 10)
        wheel.cancel(first)
        #expect(wheel.count == 0 && wheel.nextDue == nil)
        wheel.cancel(first)
        let second = wheel.insert(2, due: 10)
        #expect(second != first)
        wheel.cancel(first)
        #expect(wheel.count == 1)
        #expect(fired(&wheel, at: 10) == [2])
        wheel.cancel(second)
        wheel.cancel(first)
        #expect(wheel.take(second) == nil)
        #expect(wheel.count == 0)
        _ = wheel.insert(3, due: 20)
        wheel.cancel(second)
        #expect(fired(&wheel, at: 20) == [3])
    }

    @Test func `a timer that is due can still be cancelled until it is taken`() {
        var wheel = TimerWheel<Int>()
        let timers = (0..<3).map { wheel.insert($0, due: 5) }
        var due: [TimerID] = []
        wheel.advance(to: 5, into: &due)
        #expect(due.count == 3 && wheel.count == 3 && wheel.nextDue == nil)
        wheel.cancel(timers[1])
        // A new timer in the cancelled one's place is not taken for it.
        _ = wheel.insert(9, due: 6)
        #expect(Set(due.compactMap { wheel.take($0) }) == [0, 2])
        #expect(due.allSatisfy { wheel.take($0) == nil })
        #expect(fired(&wheel, at: 6) == [9])
    }

    @Test func `a timer that is not due cannot be taken`() {
        var wheel = TimerWheel<Int>()
        let timer = wheel.insert(1, due: 5)
        #expect(wheel.take(timer) == nil)
        #expect(fired(&wheel, at: 5) == [1])
    }

    @Test func `drops the target with the timer`() {
        final class Target {}
        var wheel = TimerWheel<Target>()
        weak var fired: Target?
        weak var cancelled: Target?
        do {
            let targets = [Target(), Target()]
            (fired, cancelled) = (targets[0], targets[1])
            _ = wheel.insert(targets[0], due: 1)
            wheel.cancel(wheel.insert(targets[1], due: 1))
        }
        #expect(cancelled == nil)
        var due: [TimerID] = []
        wheel.advance(to: 1, into: &due)
        #expect(fired != nil)
        for timer in due { _ = wheel.take(timer) }
        #expect(fired == nil)
    }

    /// A distance of any magnitude up to `days`.
    private func distance(_ random: inout SeededGenerator) -> UInt64 {
        UInt64.random(in: 0...(1 << UInt64.random(in: 0...29, using: &random)), using: &random)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `does what a plain list does, over a hundred thousand steps`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var wheel = TimerWheel<Int>()
        /// Live timers by their number.
        var model: [Int: (id: TimerID, due: UInt64)] = [:]
        var stale: [TimerID] = []
        var now: UInt64 = 0
        for number in 0..<25_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let due = Int.random(in: 0..<20, using: &random) == 0 ? now / 2 : now + distance(&random)
                model[number] = (wheel.insert(number, due: due), due)
            case 5:
                guard let victim = model.keys.randomElement(using: &random) else { break }
                wheel.cancel(model[victim]!.id)
                stale.append(model.removeValue(forKey: victim)!.id)
            case 6:
                if let id = stale.randomElement(using: &random) { wheel.cancel(id) }
            case 7:
                now += distance(&random)
            case 8:
                now = model.values.map(\.due).min().map { max($0, now) } ?? now
            default:
                now += UInt64.random(in: 0...200, using: &random)
            }
            let earliest = model.values.map(\.due).min()
            precondition((wheel.nextDue == nil) == (earliest == nil))
            if let next = wheel.nextDue, let earliest { precondition(next <= max(earliest, now)) }
            let expected = model.filter { $0.value.due <= now }.keys.sorted()
            precondition(fired(&wheel, at: now).sorted() == expected, "seed \(seed), step \(number)")
            for number in expected { stale.append(model.removeValue(forKey: number)!.id) }
            precondition(wheel.count == model.count)
            if stale.count > 1_000 { stale.removeFirst(500) }
            // Kept small enough for the plain list.
            if model.count > 60, let victim = model.keys.randomElement(using: &random) {
                wheel.cancel(model[victim]!.id)
                stale.append(model.removeValue(forKey: victim)!.id)
            }
        }
    }

    @Test func `whoever waits for nextDue misses no tick`() {
        var random = SeededGenerator(seed: 9)
        var wheel = TimerWheel<Int>()
        let dues = (0..<3_000).map { _ in distance(&random) }
        for (number, due) in dues.enumerated() { _ = wheel.insert(number, due: due) }
        var left = dues.count
        while let next = wheel.nextDue {
            for number in fired(&wheel, at: next) {
                #expect(dues[number] == next)
                left -= 1
            }
        }
        #expect(left == 0)
    }

    @Test func `setting and cancelling costs the same with a hundred thousand timers`() {
        var wheel = TimerWheel<Int>()
        var timers: [TimerID] = []
        let time = ContinuousClock().measure {
            for number in 0..<100_000 { timers.append(wheel.insert(number, due: UInt64(number % 977) * 50)) }
            for timer in timers { wheel.cancel(timer) }
        }
        #expect(wheel.count == 0)
        #expect(time < .seconds(2))
    }
}
