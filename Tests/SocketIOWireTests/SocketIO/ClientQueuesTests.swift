import Testing

@testable import SocketIOWire

@Suite struct OfflineBufferTests {
    @Test func `drops the newest at the limit, or the oldest`() {
        var newest = OfflineBuffer<Int>(maxCount: 2, maxBytes: 100, dropsOldest: false)
        #expect((1...3).flatMap { newest.append($0, byteCount: 1) } == [3])
        #expect(newest.takeAll() == [1, 2])
        var oldest = OfflineBuffer<Int>(maxCount: 2, maxBytes: 100, dropsOldest: true)
        #expect((1...3).flatMap { oldest.append($0, byteCount: 1) } == [1])
        #expect(oldest.takeAll() == [2, 3])
    }

    @Test func `counts bytes, and never keeps what is larger than all of it`() {
        var buffer = OfflineBuffer<Int>(maxCount: 10, maxBytes: 10, dropsOldest: true)
        #expect(buffer.append(1, byteCount: 6) == [])
        #expect(buffer.append(2, byteCount: 5) == [1])
        #expect(buffer.append(3, byteCount: 11) == [2, 3])
        #expect(buffer.append(4, id: 4, byteCount: 10) == [])
        buffer.remove(4)
        #expect(buffer.append(5, byteCount: 10) == [])
        #expect(buffer.count == 1)
    }

    @Test func `keeps nothing with a limit of zero`() {
        var buffer = OfflineBuffer<Int>(maxCount: 0, maxBytes: 10, dropsOldest: true)
        #expect(buffer.append(1, byteCount: 1) == [1])
    }
}

@Suite struct RetryQueueTests {
    private let start = ContinuousClock.Instant.now
    private let many = BufferLimits(maxCount: 100, maxBytes: 100, dropsOldest: false)

    private func words(_ actions: [RetryQueue<String>.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .send(let packet): "send \(packet)"
            case .giveUp(let id): "giveUp \(id)"
            }
        }
    }

    @Test func `sends one at a time, in order`() {
        var queue = RetryQueue<String>(retries: 1, ackTimeout: nil)
        _ = queue.append("a", id: 1, byteCount: 1, within: many)
        _ = queue.append("b", id: 2, byteCount: 1, within: many)
        #expect(words(queue.advance(now: start)) == ["send a"])
        #expect(words(queue.advance(now: start)) == [])
        #expect(queue.acknowledged(2) == false)
        #expect(queue.acknowledged(1) == true)
        #expect(words(queue.advance(now: start)) == ["send b"])
        #expect(queue.acknowledged(2) == true)
        #expect(queue.isEmpty)
    }

    @Test func `sends again at the timeout and with the next connection, and then gives up`() {
        var queue = RetryQueue<String>(retries: 2, ackTimeout: .seconds(1))
        _ = queue.append("a", id: 1, byteCount: 1, within: many)
        _ = queue.append("b", id: 2, byteCount: 1, within: many)
        _ = queue.advance(now: start)
        #expect(queue.deadline == start + .seconds(1))
        #expect(words(queue.handleTimeout(now: start)) == [])
        #expect(words(queue.handleTimeout(now: start + .seconds(1))) == ["send a"])
        queue.connectionClosed()
        #expect(queue.deadline == nil)
        #expect(words(queue.advance(now: start)) == ["send a"])
        #expect(words(queue.handleTimeout(now: start + .seconds(1))) == ["giveUp 1", "send b"])
    }

    @Test func `takes no more than its limit, and forgets what nobody waits for`() {
        var queue = RetryQueue<String>(retries: 0, ackTimeout: nil)
        let two = BufferLimits(maxCount: 2, maxBytes: 100, dropsOldest: false)
        let dropped = [(1, "a"), (2, "b"), (3, "c")].map { queue.append($1, id: $0, byteCount: 1, within: two) }
        #expect(dropped == [[], [], ["c"]])
        _ = queue.advance(now: start)
        queue.remove(1)
        #expect(words(queue.advance(now: start)) == ["send b"])
    }

    @Test func `counts bytes, and drops the oldest if it is to`() {
        var queue = RetryQueue<String>(retries: 0, ackTimeout: nil)
        let limits = BufferLimits(maxCount: 10, maxBytes: 10, dropsOldest: true)
        #expect(queue.append("a", id: 1, byteCount: 6, within: limits) == [])
        #expect(queue.append("b", id: 2, byteCount: 5, within: limits) == ["a"])
        queue.remove(2)
        #expect(queue.append("c", id: 3, byteCount: 10, within: limits) == [])
        #expect(queue.append("d", id: 4, byteCount: 11, within: limits) == ["c", "d"])
        #expect(queue.isEmpty)
    }

    @Test func `what is under way neither counts nor goes`() {
        var queue = RetryQueue<String>(retries: 0, ackTimeout: nil)
        let none = BufferLimits(maxCount: 0, maxBytes: 100, dropsOldest: true)
        _ = queue.append("a", id: 1, byteCount: 100, within: many)
        _ = queue.advance(now: start)
        #expect(queue.append("b", id: 2, byteCount: 1, within: none) == ["b"])
        #expect(queue.append("c", id: 3, byteCount: 100, within: many) == [])
        #expect(queue.acknowledged(1) == true)
        #expect(words(queue.advance(now: start)) == ["send c"])
    }
}
