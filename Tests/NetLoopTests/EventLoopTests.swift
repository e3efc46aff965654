import SocketIOWire
import Synchronization
import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
    /// What happened on loops, in order.
    private final class Diary: Sendable {
        private let entries = Mutex<[String]>([])
        var all: [String] { entries.withLock { $0 } }
        func note(_ text: String) { entries.withLock { $0.append(text) } }
    }

    private struct Message: LoopMessage {
        let body: @Sendable (EventLoop) -> Void
        func deliver(on loop: EventLoop) { body(loop) }
    }

    /// Runs a closure when its timer fires.
    private final class Alarm: TimerTarget {
        let body: (ContinuousClock.Instant) -> Void
        init(_ body: @escaping (ContinuousClock.Instant) -> Void) { self.body = body }
        func timerFired(now: ContinuousClock.Instant) { body(now) }
    }

    /// Runs a closure when the turn ends.
    private final class LastWord: TurnEndTarget {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
        func turnEnds() { body() }
    }

    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let group = try EventLoopGroup(count: 1)
        try await body(group.loops[0])
        group.stop()
    }

    // MARK: Messages

    @Test func `delivers each thread's messages in the order posted`() async throws {
        try await withLoop { loop in
            let diary = Diary()
            await withTaskGroup(of: Void.self) { tasks in
                for poster in 0..<4 {
                    tasks.addTask {
                        for number in 0..<1_000 { loop.post(Message { _ in diary.note("\(poster) \(number)") }) }
                    }
                }
            }
            await loop.run { _ in diary.note("end") }
            let all = diary.all
            #expect(all.count == 4_001 && all.last == "end")
            for poster in 0..<4 {
                #expect(all.filter { $0.hasPrefix("\(poster) ") } == (0..<1_000).map { "\(poster) \($0)" })
            }
        }
    }

    @Test func `runs calls on its thread and returns what they return`() async throws {
        try await withLoop { loop in
            #expect(!loop.isCurrent)
            #expect(await loop.call { $0.isCurrent })
            #expect(await loop.call { $0 === loop ? 42 : 0 } == 42)
        }
    }

    @Test func `a message posted from a message comes in a later turn`() async throws {
        try await withLoop { loop in
            let diary = Diary()
            await loop.run { loop in
                loop.post(Message { _ in diary.note("later") })
                loop.whenTurnEnds(LastWord { diary.note("turn ends") })
                diary.note("now")
            }
            await loop.run { _ in }
            #expect(diary.all == ["now", "turn ends", "later"])
        }
    }

    @Test func `messages that post themselves again for ever let others in`() async throws {
        try await withLoop { loop in
            let over = Over()
            for _ in 0..<10 { loop.post(Again(over: over)) }
            for _ in 0..<100 { #expect(await loop.call(\.isCurrent)) }
            over.flag.store(true, ordering: .releasing)
        }
    }

    private final class Over: Sendable { let flag = Atomic<Bool>(false) }

    private struct Again: LoopMessage {
        let over: Over

        func deliver(on loop: EventLoop) {
            if !over.flag.load(ordering: .acquiring) { loop.post(self) }
        }
    }

    @Test func `what is posted before the end is delivered`() async throws {
        let group = try EventLoopGroup(count: 1)
        let diary = Diary()
        await group.loops[0].run { loop in
            loop.post(Message { _ in diary.note("posted before stop") })
            loop.stop()
        }
        group.stop()
        #expect(diary.all == ["posted before stop"])
    }

    @Test func `what is called after the end is answered`() async throws {
        let group = try EventLoopGroup(count: 1)
        group.stop()
        #expect(await group.loops[0].call { _ in 7 } == 7)
        #expect(!group.loops[0].isCurrent)
    }

    @Test func `ends although a task of it never does`() async throws {
        let group = try EventLoopGroup(count: 1)
        let over = Over()
        await group.loops[0].run { loop in
            loop.start { while !over.flag.load(ordering: .acquiring) { await Task.yield() } }
        }
        group.stop()
        over.flag.store(true, ordering: .releasing)
    }

    // MARK: Timers

    @Test func `wakes timers in time, and none early`() async throws {
        try await withLoop { loop in
            let (stream, continuation) = AsyncStream<Duration>.makeStream()
            await loop.run { loop in
                for number in 0..<200 {
                    // In no order, and not on whole milliseconds.
                    let deadline = loop.now.advanced(by: .microseconds((number * 7_919) % 200_000))
                    let alarm = Alarm { _ in continuation.yield(deadline.duration(to: .now)) }
                    _ = loop.schedule(alarm, at: deadline)
                }
            }
            var late: [Duration] = []
            for await lateness in stream {
                late.append(lateness)
                if late.count == 200 { break }
            }
            #expect(late.allSatisfy { $0 >= .zero })
            // Most are within 5 ms; a busy machine may have other plans.
            #expect(late.sorted()[100] < .milliseconds(100))
        }
    }

    @Test func `a deadline that has passed fires with the next turn`() async throws {
        try await withLoop { loop in
            let (stream, continuation) = AsyncStream<Bool>.makeStream()
            await loop.run { loop in
                for past in [Duration.zero, .seconds(-1), .seconds(-1_000_000)] {
                    _ = loop.schedule(Alarm { now in continuation.yield(now <= .now) }, at: loop.now.advanced(by: past))
                }
            }
            for _ in 0..<3 { #expect(await stream.first()) }
        }
    }

    @Test func `a timer that another one of the same moment cancels does not fire`() async throws {
        try await withLoop { loop in
            let diary = Diary()
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            await loop.run { loop in
                var timers: [TimerID] = []
                let deadline = loop.now.advanced(by: .milliseconds(5))
                for number in 0..<10 {
                    let alarm = Alarm { _ in
                        diary.note("\(number)")
                        for timer in timers { loop.cancel(timer) }
                        continuation.yield()
                    }
                    timers.append(loop.schedule(alarm, at: deadline))
                }
            }
            await stream.first()
            await loop.run { _ in }
            #expect(diary.all.count == 1)
        }
    }

    @Test func `a timer that is always due again does not hold the loop`() async throws {
        try await withLoop { loop in
            let fired = Over()
            final class Eager: TimerTarget {
                let loop: EventLoop
                let fired: Over
                init(_ loop: EventLoop, _ fired: Over) { (self.loop, self.fired) = (loop, fired) }
                func timerFired(now: ContinuousClock.Instant) {
                    fired.flag.store(true, ordering: .relaxed)
                    _ = loop.schedule(self, at: now)
                }
            }
            await loop.run { loop in _ = loop.schedule(Eager(loop, fired), at: loop.now) }
            let deadline = ContinuousClock.now.advanced(by: .seconds(10))
            while !fired.flag.load(ordering: .relaxed), .now < deadline { #expect(await loop.call(\.isCurrent)) }
            let hasFired = fired.flag.load(ordering: .relaxed)
            #expect(hasFired)
            for _ in 0..<100 { #expect(await loop.call(\.isCurrent)) }
        }
    }

    // MARK: The end of a turn

    @Test func `tells of a turn's end once, and again if asked again, before the output is sent`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            await end.run { connection in
                connection.write("1")
                connection.loop.whenTurnEnds(
                    LastWord {
                        connection.write("3")
                        connection.loop.whenTurnEnds(LastWord { connection.write("4") })
                    })
                connection.write("2")
            }
            #expect(try await client.receiveText(4) == "1234")
            await end.run { $0.write("5") }
            #expect(try await client.receiveText(1) == "5")
        }
    }

    @Test func `tells of the turn's end whoever asks while output is sent`() async throws {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            let handler = end.handler
            await end.run { connection in
                handler.value.onLost = { $0.loop.whenTurnEnds(LastWord { continuation.yield() }) }
                connection.outputLimit = 0
                connection.write([UInt8](repeating: 1, count: 20_000_000))
            }
            await stream.first()
            client.close()
        }
    }

    // MARK: Tasks

    @Test func `starts a task at once, and goes on with it on its own thread`() async throws {
        try await withLoop { loop in
            let diary = Diary()
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            await loop.run { loop in
                for number in 0..<5 {
                    loop.start {
                        diary.note("begin \(number) \(loop.isCurrent)")
                        await Task.yield()
                        diary.note("yielded \(number) \(loop.isCurrent)")
                        await elsewhere()
                        diary.note("back \(number) \(loop.isCurrent)")
                        continuation.yield()
                    }
                }
                diary.note("started")
            }
            for _ in 0..<5 { await stream.first() }
            let all = diary.all
            #expect(
                all.prefix(6) == [
                    "begin 0 true", "begin 1 true", "begin 2 true", "begin 3 true", "begin 4 true", "started",
                ])
            #expect(all.filter { $0.hasPrefix("yielded") } == (0..<5).map { "yielded \($0) true" })
            #expect(all.filter { $0.hasPrefix("back") }.count == 5)
            #expect(!all.contains { $0.hasSuffix("false") })
        }
    }

    @Test func `tasks that never pause do not starve connections, timers and messages`() async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let over = Over()
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            await server.loop.run { loop in
                for _ in 0..<10 {
                    loop.start { while !over.flag.load(ordering: .acquiring) { await Task.yield() } }
                }
                _ = loop.schedule(Alarm { _ in continuation.yield() }, at: loop.now.advanced(by: .milliseconds(2)))
            }
            let client = try LoopbackSocket(to: server.address)
            for _ in 0..<20 {
                try client.send("still there?")
                #expect(try await client.receiveText(12) == "still there?")
            }
            await stream.first()
            over.flag.store(true, ordering: .releasing)
        }
    }

    @Test func `is the executor that actors of its thread ask`() async throws {
        try await withLoop { loop in
            #expect(loop.isIsolatingCurrentContext() == false)
            #expect(await loop.call { $0.isIsolatingCurrentContext() } == true)
            await loop.run { $0.checkIsolated() }
        }
    }

    // MARK: Output

    @Test func `tells with a number when the output starts afresh`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            let reader = Task { try await client.receive(3_000_000) }
            let generations = await end.run { connection in
                let loop = connection.loop
                let first = loop.outputGeneration
                connection.write([UInt8](repeating: 1, count: 1_500_000))
                let written = loop.outputGeneration
                connection.write([UInt8](repeating: 2, count: 1_500_000))
                return [first, written, loop.outputGeneration]
            }
            #expect(generations[0] == generations[1])
            #expect(generations[2] > generations[1])
            let bytes = try await reader.value
            #expect(bytes.prefix(1_500_000).allSatisfy { $0 == 1 } && bytes.dropFirst(1_500_000).allSatisfy { $0 == 2 })
        }
    }

    // MARK: Connections

    @Test func `closes all it has, and knows how many there are`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            var clients: [LoopbackSocket] = []
            for count in 1...5 {
                clients.append(try await server.connect(accepted).client)
                #expect(await server.loop.call(\.connectionCount) == count + 1)
                #expect(await server.loop.call { $0.tcpConnections.count } == count)
            }
            await server.loop.run { $0.closeAll() }
            #expect(await server.loop.call(\.connectionCount) == 0)
            for client in clients { #expect(try await client.receiveAll() == []) }
        }
    }
}

/// Suspends, and is resumed by another thread.
@concurrent private func elsewhere() async {
    await withCheckedContinuation { continuation in
        Task.detached { continuation.resume() }
    }
}
