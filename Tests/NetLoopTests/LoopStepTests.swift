import SocketIOWire
import Testing

@testable import NetLoop

/// Loops without a thread, whose time the test moves, and connections without a network.
@Suite struct LoopStepTests {
    private final class Recorder: ConnectionHandler, TimerTarget {
        var text = ""
        var isFinished = false
        var fired: [ContinuousClock.Instant] = []

        func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
            text += String(decoding: Array(bytes.span), as: UTF8.self)
        }

        func peerFinished(_ connection: TCPConnection) { isFinished = true }
        func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {}
        func timerFired(now: ContinuousClock.Instant) { fired.append(now) }
    }

    private func send(_ text: String, over connection: TCPConnection) {
        let start = connection.loop.beginOutput()
        connection.loop.output.append(Array(text.utf8))
        connection.enqueue(start..<connection.loop.output.count)
    }

    @Test func `both ends of a connection can be on one loop that is stepped`() throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        let ends = try DetachedConnection.pair()
        let first = try #require(ends.0.adopt(on: loop))
        let second = try #require(ends.1.adopt(on: loop))
        let (left, right) = (Recorder(), Recorder())
        (first.handler, second.handler) = (left, right)
        send("hello", over: first)
        #expect(right.text == "")
        loop.step()
        loop.step()
        #expect(right.text == "hello")
        send("and back", over: second)
        loop.step()
        loop.step()
        #expect(left.text == "and back")
        first.finish()
        loop.step()
        loop.step()
        #expect(right.isFinished)
        second.close()
        loop.end()
        #expect(loop.connectionCount == 0)
    }

    @Test func `a timer fires when its time is moved there, and not before`() throws {
        let time = ManualTime()
        let loop = try EventLoop(index: 0, time: time)
        loop.step()
        let start = loop.now
        let target = Recorder()
        _ = loop.schedule(target, at: start.advanced(by: .seconds(25)))
        time.advance(by: .milliseconds(24_999))
        loop.step()
        #expect(target.fired == [])
        time.advance(by: .milliseconds(1))
        loop.step()
        #expect(target.fired == [start.advanced(by: .seconds(25))])
        #expect(loop.time == loop.now)
        loop.end()
    }

    @Test func `a loop that has ended adopts nobody, and the peer sees the end`() throws {
        let (loop, other) = (try EventLoop(index: 0), try EventLoop(index: 1))
        let ends = try DetachedConnection.pair()
        loop.end()
        #expect(ends.0.adopt(on: loop) == nil)
        let second = try #require(ends.1.adopt(on: other))
        let handler = Recorder()
        second.handler = handler
        other.step()
        #expect(handler.isFinished)
        other.end()
    }

    @Test func `a loop that ends closes its connections and lets go of its timers`() async throws {
        weak var target: Recorder?
        weak var ended: EventLoop?
        do {
            let loop = try EventLoop(index: 0)
            let ends = try DetachedConnection.pair()
            let connection = try #require(ends.0.adopt(on: loop))
            let recorder = Recorder()
            connection.handler = recorder
            _ = loop.schedule(recorder, at: loop.now.advanced(by: .seconds(60)))
            (target, ended) = (recorder, loop)
            loop.end()
        }
        #expect(target == nil)
        #expect(ended == nil)
    }

    @Test func `a thread that cannot be started ends those that were`() async throws {
        let before = openDescriptorCount()
        var started = 0
        let error = #expect(throws: SystemError.self) {
            _ = try EventLoopGroup(count: 4) { body throws(SystemError) in
                started += 1
                guard started < 4 else { throw SystemError(code: 11, "pthread_create") }
                return try LoopThread.start(body)
            }
        }
        #expect(error != nil)
        #expect(started == 4)
        #expect(await descriptorCount(returnsTo: before))
    }

    /// Some more than one call of the poller returns.
    @Test func `a late turn reads from everybody before a timer fires`() throws {
        final class Pong: ConnectionHandler, TimerTarget {
            var hasArrived = false
            var wasLate = false

            func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) { hasArrived = true }
            func peerFinished(_ connection: TCPConnection) {}
            func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {}
            func timerFired(now: ContinuousClock.Instant) { wasLate = !hasArrived }
        }
        let time = ManualTime()
        let loop = try EventLoop(index: 0, time: time)
        let other = try EventLoop(index: 1, time: time)
        var peers: [TCPConnection] = []
        var waiting: [Pong] = []
        for _ in 0..<Poller.batch + 100 {
            let ends = try DetachedConnection.pair()
            let near = try #require(ends.0.adopt(on: loop))
            let pong = Pong()
            near.handler = pong
            _ = loop.schedule(pong, at: loop.now.advanced(by: .seconds(20)))
            waiting.append(pong)
            peers.append(try #require(ends.1.adopt(on: other)))
        }
        loop.step()
        for peer in peers { send("3", over: peer) }
        other.step()
        time.advance(by: .seconds(30))
        loop.step()
        #expect(waiting.count { $0.wasLate } == 0)
        #expect(waiting.allSatisfy { $0.hasArrived })
        loop.end()
        other.end()
    }

    @Test(arguments: [
        .zero, .nanoseconds(-1), .seconds(Int64.min), .nanoseconds(Int64.max), .seconds(Int64.max),
        Duration(attoseconds: .max), Duration(attoseconds: .min),
    ])
    func `a delay of any length is one`(delay: Duration) throws {
        let time = ManualTime()
        let loop = try EventLoop(index: 0, time: time)
        loop.step()
        let target = Recorder()
        _ = loop.schedule(target, after: delay)
        time.advance(by: .seconds(1))
        loop.step()
        #expect(target.fired.count == (delay <= .zero ? 1 : 0))
        loop.end()
    }

    @Test func `messages that count are refused over the limit, and others are not`() throws {
        struct Message: LoopMessage {
            let byteCount: Int
            func deliver(on loop: EventLoop) {}
        }
        let loop = try EventLoop(index: 0, mailboxBytes: 100)
        #expect(loop.post(Message(byteCount: 60)))
        #expect(loop.post(Message(byteCount: 40)))
        #expect(!loop.post(Message(byteCount: 1)))
        #expect(loop.post(Message(byteCount: 0)))
        loop.step()
        #expect(loop.post(Message(byteCount: 100)))
        #expect(!loop.post(Message(byteCount: .max)))
        loop.end()
    }
}
