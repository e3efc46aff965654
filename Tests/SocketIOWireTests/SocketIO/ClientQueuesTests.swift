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

    private func words(_ actions: [RetryQueue<String>.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .send(let packet): "send \(packet)"
            case .giveUp(let id): "giveUp \(id)"
            }
        }
    }

    @Test func `sends one at a time, in order`() {
        var queue = RetryQueue<String>(retries: 1, ackTimeout: nil, maxCount: 10)
        _ = queue.append("a", id: 1)
        _ = queue.append("b", id: 2)
        #expect(words(queue.advance(now: start)) == ["send a"])
        #expect(words(queue.advance(now: start)) == [])
        #expect(queue.acknowledged(2) == false)
        #expect(queue.acknowledged(1) == true)
        #expect(words(queue.advance(now: start)) == ["send b"])
        #expect(queue.acknowledged(2) == true)
        #expect(queue.isEmpty)
    }

    @Test func `sends again at the timeout and with the next connection, and then gives up`() {
        var queue = RetryQueue<String>(retries: 2, ackTimeout: .seconds(1), maxCount: 10)
        _ = queue.append("a", id: 1)
        _ = queue.append("b", id: 2)
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
        var queue = RetryQueue<String>(retries: 0, ackTimeout: nil, maxCount: 2)
        #expect([(1, "a"), (2, "b"), (3, "c")].map { queue.append($1, id: $0) } == [true, true, false])
        _ = queue.advance(now: start)
        queue.remove(1)
        #expect(words(queue.advance(now: start)) == ["send b"])
    }
}
