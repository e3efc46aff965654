import SocketIOWire
import Testing

@testable import NetLoop

/// What waits for peers that do not take it: loops that are stepped, connections without a network.
@Suite struct UnsentBytesTests {
    private final class Recorder: ConnectionHandler {
        var outputLimit = Int.max
        var stallTime: Duration?
        var loss: TCPConnection.LossReason?
        var received = 0

        func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) { received += bytes.count }
        func peerFinished(_ connection: TCPConnection) {}
        func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) { loss = reason }

        var isGivenUp: Bool {
            switch loss {
            case .outputLimit: true
            case .closedByPeer, .failed, .insecure, nil: false
            }
        }
    }

    private final class Relief: TurnEndTarget {
        var calls = 0
        func turnEnds() { calls += 1 }
    }

    /// More than the kernel takes for a peer that does not read.
    private let flood = [UInt8](repeating: 1, count: 4_000_000)

    private func pair(on loop: EventLoop) throws -> (near: TCPConnection, far: TCPConnection, Recorder) {
        let ends = try DetachedConnection.pair()
        let near = try #require(ends.0.adopt(on: loop))
        let far = try #require(ends.1.adopt(on: loop))
        let handler = Recorder()
        near.handler = handler
        return (near, far, handler)
    }

    private func append(_ bytes: [UInt8], on loop: EventLoop) -> Range<Int> {
        let start = loop.beginOutput()
        loop.output.append(bytes)
        return start..<loop.output.count
    }

    @Test func `of many that take much, none waits for the others' ends`() throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        // A turn's share is that of some 40 of them, whose kernels take more in each turn.
        let readers = try (0..<120).map { _ in
            let (near, far, _) = try pair(on: loop)
            let reader = Recorder()
            far.handler = reader
            near.send(flood)
            return reader
        }
        for _ in 0..<12 { loop.step() }
        #expect(readers.allSatisfy { $0.received > 0 })
        #expect(readers.contains { $0.received < flood.count / 2 }, "nothing was postponed")
        for _ in 0..<200 where readers.contains(where: { $0.received < flood.count }) { loop.step() }
        #expect(readers.allSatisfy { $0.received == flood.count })
        loop.closeAll()
        loop.end()
    }

    @Test(arguments: [0, 1, 2_048, 10_000, 4_000_000])
    func `a connection that ends waits for a peer that drips, but not for ever`(unsent: Int) {
        var watch = StallWatch(endingWithin: .seconds(2))
        var looks = 0
        while watch.waits(taken: looks, unsent: unsent) { looks += 1 }
        #expect(looks == 15 + unsent / 2_048)
        var idle = StallWatch(endingWithin: .seconds(2))
        looks = 0
        while idle.waits(taken: 0, unsent: unsent) { looks += 1 }
        #expect(looks == 15)
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .seconds(Int64.max), .nanoseconds(1)])
    func `any time is one in which a connection may end`(limit: Duration) {
        var watch = StallWatch(endingWithin: limit)
        let waits = watch.waits(taken: 0, unsent: 1_000)
        #expect(waits)
    }

    @Test func `a turn gives the kernel so much of what is large, and the next ones the rest`() throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        // Each takes the kernel some hundred kilobytes: more than one turn sends, for all of them.
        let pairs = try (0..<120).map { _ in try pair(on: loop) }
        for (near, far, _) in pairs {
            far.setReading(false)
            near.enqueue(append(Array(flood.prefix(400_000)), on: loop))
        }
        loop.step()
        let untouched = { pairs.count { $0.near.bufferedByteCount == 400_000 } }
        let first = untouched()
        #expect(first > 0)
        let small = try pair(on: loop)
        let reader = Recorder()
        small.far.handler = reader
        small.near.enqueue(append([1, 2, 3], on: loop))
        loop.step()
        loop.step()
        // Who sends little does not wait for them.
        #expect(reader.received == 3)
        #expect(untouched() < first)
        for _ in 0..<20 where untouched() > 0 { loop.step() }
        #expect(untouched() == 0)
        let readers = pairs.map { pair in
            let reader = Recorder()
            pair.far.handler = reader
            pair.far.setReading(true)
            return reader
        }
        for _ in 0..<200 where readers.contains(where: { $0.received < 400_000 }) { loop.step() }
        #expect(readers.allSatisfy { $0.received == 400_000 })
        loop.closeAll()
        loop.end()
    }

    @Test func `nobody is given up for what a turn did not offer it`() throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        let relief = Relief()
        loop.unsentBytes.setLimit(6_000_000, relief: relief)
        let pairs = try (0..<120).map { _ in try pair(on: loop) }
        for (near, _, handler) in pairs {
            // Each message alone is within the limit, and the kernel has room for it.
            handler.outputLimit = 150_000
            near.enqueue(append(Array(flood.prefix(100_000)), on: loop))
        }
        loop.step()
        loop.step()
        #expect(pairs.allSatisfy { $0.2.loss == nil })
        #expect(relief.calls == 0)
        loop.closeAll()
        loop.end()
    }

    @Test func `small messages, one a turn, are held in little more than their bytes`() throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        let (near, far, _) = try pair(on: loop)
        far.setReading(false)
        near.send(flood)
        loop.step()
        let (before, waiting) = (near.heldByteCount, near.bufferedByteCount)
        for _ in 0..<5000 {
            near.enqueue(append([UInt8](repeating: 2, count: 17), on: loop))
            loop.step()
        }
        #expect(near.bufferedByteCount - waiting == 5000 * 17)
        #expect(near.heldByteCount - before >= 5000 * 17)
        #expect(near.heldByteCount - before < 2 * 5000 * 17, "\(near.heldByteCount - before)")
        #expect(loop.unsentBytes.count >= near.heldByteCount)
        near.close()
        loop.step()
        #expect(loop.unsentBytes.count == 0)
        far.close()
        loop.end()
    }

    @Test func `what is held for one connection goes over its limit with its overhead`() throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        let (near, far, handler) = try pair(on: loop)
        far.setReading(false)
        near.send(flood)
        loop.step()
        // The bytes alone would be within it.
        handler.outputLimit = near.bufferedByteCount + 1100
        near.enqueue(append([UInt8](repeating: 2, count: 1000), on: loop))
        loop.step()
        #expect(handler.isGivenUp && !near.isOpen)
        #expect(loop.unsentBytes.count == 0)
        far.close()
        loop.end()
    }

    @Test func `what a peer has taken of a large message does not count against it`() throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        let (near, far, handler) = try pair(on: loop)
        far.setReading(false)
        // The kernel takes more than that.
        handler.outputLimit = flood.count - 10_000
        near.send(flood)
        loop.step()
        #expect(near.heldByteCount > handler.outputLimit)
        #expect(near.isOpen && handler.loss == nil)
        loop.closeAll()
        loop.end()
    }

    @Test(arguments: [false, true])
    func `what many wait for is held once`(inOutput: Bool) throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        let pairs = try (0..<20).map { _ in try pair(on: loop) }
        for pair in pairs { pair.far.setReading(false) }
        if inOutput {
            // Some have something before it and after it.
            for pair in pairs.prefix(10) { pair.near.enqueue(append([1, 2, 3], on: loop)) }
            let message = append(flood, on: loop)
            loop.noteShared(message)
            for pair in pairs { pair.near.enqueue(message) }
            for pair in pairs.suffix(5) { pair.near.enqueue(append([4, 5, 6], on: loop)) }
        } else {
            for pair in pairs { pair.near.send(flood) }
        }
        loop.step()
        #expect(pairs.allSatisfy { $0.near.bufferedByteCount > 3_000_000 })
        #expect(pairs.allSatisfy { $0.near.heldByteCount >= flood.count })
        #expect(loop.unsentBytes.count >= flood.count)
        #expect(loop.unsentBytes.count < flood.count + 20 * 1000, "\(loop.unsentBytes.count)")
        for pair in pairs.dropLast() { pair.near.close() }
        #expect(loop.unsentBytes.count >= flood.count)
        // The last one gets all of it.
        let (near, far, _) = try #require(pairs.last)
        let reader = Recorder()
        far.handler = reader
        far.setReading(true)
        for _ in 0..<1000 where reader.received < flood.count { loop.step() }
        #expect(reader.received == flood.count + (inOutput ? 3 : 0))
        #expect(loop.unsentBytes.count == 0)
        near.close()
        for pair in pairs { pair.far.close() }
        loop.end()
    }

    @Test func `a connection that moves takes its count with it`() throws {
        let loops = try (0..<2).map { try EventLoop(index: $0, time: ManualTime()) }
        let (near, far, _) = try pair(on: loops[0])
        near.send(flood)
        let held = loops[0].unsentBytes.count
        #expect(held >= flood.count)
        let moving = try #require(near.detach(unread: []))
        loops[0].step()
        #expect(loops[0].unsentBytes.count == 0)
        let moved = try #require(moving.adopt(on: loops[1]))
        #expect(loops[1].unsentBytes.count >= flood.count)
        moved.close()
        #expect(loops[1].unsentBytes.count == 0)
        far.close()
        for loop in loops { loop.end() }
    }

    @Test func `who makes room is called once, with the turn that brings the total over its limit`() throws {
        let loop = try EventLoop(index: 0, time: ManualTime())
        let (near, far, handler) = try pair(on: loop)
        far.setReading(false)
        let relief = Relief()
        loop.unsentBytes.setLimit(1_000_000, relief: relief)
        near.enqueue(append(flood, on: loop))
        #expect(relief.calls == 0)
        loop.step()
        loop.step()
        #expect(relief.calls == 1)
        #expect(loop.unsentBytes.isOverLimit)
        near.giveUp()
        #expect(handler.isGivenUp)
        #expect(!loop.unsentBytes.isOverLimit)
        far.close()
        loop.end()
    }

    @Test func `a peer that takes nothing is given up in time, and one that takes a little is not`() throws {
        let time = ManualTime()
        let loop = try EventLoop(index: 0, time: time)
        let (near, far, handler) = try pair(on: loop)
        let (slow, reader, patient) = try pair(on: loop)
        let incoming = Recorder()
        reader.handler = incoming
        for (connection, handler) in [(near, handler), (slow, patient)] {
            handler.stallTime = .seconds(60)
            connection.enqueue(append(flood, on: loop))
        }
        far.setReading(false)
        reader.setReading(false)
        loop.step()
        for second in 1...75 {
            if second % 10 == 0 {
                reader.setReading(true)
                loop.step()
                reader.setReading(false)
            }
            time.advance(by: .seconds(1))
            loop.step()
            if second < 60 { #expect(near.isOpen, "after \(second) s") }
        }
        #expect(handler.isGivenUp && !near.isOpen)
        #expect(slow.isOpen && incoming.received > 0 && incoming.received < flood.count)
        for connection in [far, slow, reader] { connection.close() }
        loop.end()
    }

    @Test func `a peer that has taken all is not looked at any more`() throws {
        let time = ManualTime()
        let loop = try EventLoop(index: 0, time: time)
        let (near, far, handler) = try pair(on: loop)
        handler.stallTime = .seconds(1)
        let reader = Recorder()
        far.handler = reader
        near.enqueue(append(flood, on: loop))
        for _ in 0..<1000 where reader.received < flood.count { loop.step() }
        time.advance(by: .seconds(100))
        loop.step()
        loop.step()
        #expect(near.isOpen && handler.loss == nil)
        near.close()
        far.close()
        loop.end()
    }
}
