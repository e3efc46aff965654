import Synchronization
import SocketIOWire
import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct OutputDrainedTests {
    private final class Drained: ConnectionHandler, Sendable {
        let count = Mutex(0)

        func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
            connection.write(Array(bytes.span))
        }
        func peerFinished(_ connection: TCPConnection) {}
        func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {}
        func outputDrained(_ connection: TCPConnection) {
            #expect(connection.isWritable)
            count.withLock { $0 += 1 }
        }
    }

    @Test func `a handler hears once that its backlog is with the kernel, whoever sent behind it`() async throws {
        let (accepted, continuation) = AsyncStream<LoopBound<TCPConnection>>.makeStream()
        let handler = Drained()
        let accept: Listener.Accept = { connection in
            connection.handler = handler
            continuation.yield(LoopBound(connection, on: connection.loop))
        }
        try await LoopbackServer.run(accept: accept) { server in
            let client = try LoopbackSocket(to: server.address, receiveBuffer: 65_536)
            let connection = await accepted.first()
            try client.send("small")
            #expect(try await client.receiveText(5) == "small")
            await server.loop.run { _ in }
            // The kernel took it at once.
            #expect(handler.count.withLock { $0 } == 0)
            await server.loop.run { _ in
                connection.value.send(numbered(20_000_000))
                connection.value.write("end")
            }
            #expect(handler.count.withLock { $0 } == 0)
            let bytes = try await client.receive(20_000_003)
            #expect(difference(bytes, from: numbered(20_000_000) + Array("end".utf8)) == nil)
            await server.loop.run { _ in }
            #expect(handler.count.withLock { $0 } == 1)
        }
    }
}
