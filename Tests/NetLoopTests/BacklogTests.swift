import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct BacklogTests {
    /// Sends through a backlog to a client that reads all the while; the socket is a connection's, detached.
    @Test func `sends what it holds in order, across many chunks, and counts it`() async throws {
        let (stream, continuation) = AsyncStream<Int>.makeStream()
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            var expected: [UInt8] = []
            var chunks: [[UInt8]] = []
            for size in (0..<400).map({ ($0 * 7_919) % 20_000 }) {
                chunks.append(numbered(size))
                expected += chunks.last!
            }
            let (pieces, total) = (chunks, expected.count)
            await end.run { connection in
                // Fills the kernel's buffer, so that all the rest goes to the backlog.
                for piece in pieces { connection.send(piece) }
                continuation.yield(connection.bufferedByteCount)
            }
            let waiting = await stream.first()
            #expect(waiting > 0 && waiting < total)
            #expect(difference(try await client.receive(total), from: expected) == nil)
            #expect(await end.run(\.bufferedByteCount) == 0)
        }
    }

    @Test func `counts what is left, and what is held for it`() {
        let total = UnsentBytes(turnEnd: TurnEnd())
        var backlog = Backlog()
        #expect(backlog.byteCount == 0 && backlog.heldByteCount == 0)
        let shared = SharedBytes([1, 2, 3, 4], countedIn: total)
        backlog.append(shared, from: 1)
        backlog.append(shared, from: 4)
        backlog.append(copying: [5].span)
        #expect(backlog.byteCount == 4)
        #expect(backlog.heldByteCount >= 5 + 2 * Backlog.Chunk.overhead)
        // Its own are the byte, and two places.
        #expect(backlog.ownByteCount < backlog.heldByteCount)
        #expect(backlog.ownByteCount >= 1 + 2 * Backlog.Chunk.overhead)
        // Not a socket: nothing is taken, and nothing is lost.
        #expect(backlog.send(to: -1) != nil)
        #expect(backlog.byteCount == 4)
        let held = backlog.heldByteCount
        backlog.leaveLoop()
        #expect(backlog.ownByteCount == held && backlog.heldByteCount == held)
    }

    @Test func `small pieces share a chunk`() {
        var backlog = Backlog()
        let piece = [UInt8](repeating: 7, count: 17)
        for _ in 0..<10_000 { backlog.append(copying: piece.span) }
        #expect(backlog.byteCount == 170_000)
        #expect(backlog.heldByteCount < 2 * 170_000, "\(backlog.heldByteCount)")
    }
}
