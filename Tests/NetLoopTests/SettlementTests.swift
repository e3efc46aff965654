import SocketIOWire
import Synchronization
import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct SettlementTests {
    /// Answers each number with the one below it.
    private final class Countdown: ConnectionHandler {
        var count = 0

        func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
            for byte in Array(bytes.span) where byte > 0 {
                count += 1
                connection.send([byte - 1])
            }
        }

        func peerFinished(_ connection: TCPConnection) {}
        func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {}
    }

    private final class Alarm: TimerTarget {
        let interval: Duration
        let loop: EventLoop
        var fired: [ContinuousClock.Instant] = []

        init(every interval: Duration, on loop: EventLoop) {
            self.interval = interval
            self.loop = loop
            _ = loop.schedule(self, after: interval)
        }

        func timerFired(now: ContinuousClock.Instant) {
            fired.append(now)
            _ = loop.schedule(self, after: interval)
        }
    }

    private func withLoops(
        _ count: Int, _ body: (EventLoopGroup, ManualTime) async throws -> Void
    ) async throws {
        let time = ManualTime()
        let group = try EventLoopGroup(count: count, time: time)
        let result: Result<Void, any Error>
        do {
            try await body(group, time)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await withCheckedContinuation { continuation in group.stop { continuation.resume() } }
        try result.get()
    }

    @Test(arguments: 1...20) func `what goes on between loops has ended when it returns`(_ round: Int) async throws {
        try await withLoops(3) { group, _ in
            var handlers: [LoopBound<Countdown>] = []
            for place in 0..<3 {
                let pair = try DetachedConnection.pair()
                for (end, loop) in [(pair.0, group.loops[place]), (pair.1, group.loops[(place + 1) % 3])] {
                    let handler = await loop.call { loop in
                        let handler = Countdown()
                        let connection = end.adopt(on: loop)
                        connection?.handler = handler
                        if loop.index == place { connection?.send([200]) }
                        return LoopBound(handler, on: loop)
                    }
                    handlers.append(handler)
                }
            }
            _ = try await Settlement(group.loops).wait(within: .seconds(30))
            var count = 0
            for handler in handlers { count += await handler.loop.call { _ in handler.value.count } }
            #expect(count == 600)
        }
    }

    @Test func `says when the next timer is due, which fires when time is moved there`() async throws {
        try await withLoops(2) { group, time in
            let start = time.now
            let settlement = Settlement(group.loops)
            #expect(try await settlement.wait(within: .seconds(30)) == nil)
            let loop = group.loops[1]
            let alarm = await loop.call { LoopBound(Alarm(every: .seconds(25), on: $0), on: $0) }
            var fired: [ContinuousClock.Instant] = []
            while fired.count < 100, let next = try await settlement.wait(within: .seconds(30)) {
                // A step on the way where the wheels turn, or the deadline.
                #expect(next > time.now)
                time.advance(by: time.now.duration(to: next))
                _ = try await settlement.wait(within: .seconds(30))
                fired = await loop.call { _ in alarm.value.fired }
            }
            #expect(fired == (1...100).map { start.advanced(by: .seconds(25 * $0)) })
        }
    }

    @Test func `gives up on what never ends`() async throws {
        try await withLoops(2) { group, _ in
            final class Restless: LoopMessage {
                let mayRest = Atomic(false)
                func deliver(on loop: EventLoop) { if !mayRest.load(ordering: .relaxed) { loop.post(self) } }
            }
            let restless = Restless()
            // Else it keeps a thread busy for as long as the other tests run.
            defer { restless.mayRest.store(true, ordering: .relaxed) }
            group.loops[0].post(restless)
            await #expect(throws: Settlement.Failure.busy) {
                try await Settlement(group.loops).wait(within: .milliseconds(50))
            }
        }
    }

    @Test func `whoever waits for an empty loop is told once, with the last connection's turn`() throws {
        final class Target: TurnEndTarget {
            var count = 0
            func turnEnds() { count += 1 }
        }
        let loop = try EventLoop(index: 0, time: ManualTime())
        let target = Target()
        let ends = try DetachedConnection.pair()
        let (first, second) = (try #require(ends.0.adopt(on: loop)), try #require(ends.1.adopt(on: loop)))
        loop.whenEmpty(target)
        first.close()
        loop.step()
        #expect(target.count == 0)
        second.close()
        loop.step()
        #expect(target.count == 1)
        // At once where there is none.
        loop.whenEmpty(target)
        loop.step()
        loop.step()
        #expect(target.count == 2)
        loop.end()
    }
}
