import SocketIOWire
import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct TCPConnectionEndTests {
    @Test(arguments: [0, 1, 100_000, 8_000_000])
    func `finishing delivers everything before the end`(count: Int) async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            let bytes = numbered(count)
            await end.run { connection in
                connection.write(bytes)
                connection.finish()
                connection.write("never sent")
                #expect(!connection.isOpen)
            }
            #expect(try await difference(client.receiveAll(), from: bytes) == nil)
            client.close()
            await end.loop.untilNoConnections()
        }
    }

    @Test func `finishing delivers everything to a peer that sends no more`() async throws {
        let bytes = numbered(8_000_000)
        let prepare: @Sendable (TCPConnection, ListeningHandler) -> Void = { _, handler in
            handler.onPeerFinished = { connection in
                connection.write(bytes)
                connection.finish()
            }
        }
        try await LoopbackServer.runListening(prepare: prepare) { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            client.finishSending()
            _ = await end.hearEnd()
            #expect(try await difference(client.receiveAll(), from: bytes) == nil)
            await end.loop.untilNoConnections()
        }
    }

    @Test func `finishing delivers everything to a peer that stops sending meanwhile`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            let bytes = numbered(8_000_000)
            await end.run { connection in
                connection.write(bytes)
                connection.finish()
            }
            try client.send("what nobody reads")
            client.finishSending()
            // A turn of the loop that sees it.
            await end.loop.run { _ in }
            #expect(try await difference(client.receiveAll(), from: bytes) == nil)
            await end.loop.untilNoConnections()
        }
    }

    @Test func `finishing delivers everything to a peer that goes on sending`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            let bytes = numbered(1_000_000)
            try client.send(numbered(100_000))
            _ = await end.hearText(100_000)
            await end.run { connection in
                connection.write(bytes)
                connection.finish()
            }
            try client.send(numbered(100_000))
            #expect(try await difference(client.receiveAll(), from: bytes) == nil)
            client.close()
            await end.loop.untilNoConnections()
        }
    }

    @Test func `a finished connection waits for a reader that reads, however slowly, and for no other`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            let (silent, silentEnd) = try await server.connect(accepted, receiveBuffer: 4096)
            let bytes = numbered(8_000_000)
            let (started, continuation) = AsyncStream<Void>.makeStream()
            // Far longer than the limit, with bytes taken all the while.
            let reader = Task {
                try await client.receiveAll(
                    slowFor: .seconds(1), pause: .milliseconds(5), atOnce: 20_000, started: continuation)
            }
            await started.first()
            for end in [end, silentEnd] {
                await end.run { connection in
                    connection.write(bytes)
                    connection.finish(waiting: .milliseconds(40))
                }
            }
            #expect(try await difference(reader.value, from: bytes) == nil)
            await server.loop.untilNoConnections()
            silent.close()
        }
    }

    @Test func `closing is the end at once, and the handler hears nothing`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            let counter = ConnectionCount()
            await end.run { connection in
                counter.add(connection)
                connection.close()
                connection.close()
                #expect(!connection.isOpen && !connection.isWritable)
            }
            #expect(try await client.receiveAll() == [])
            #expect(counter.value == 0)
            #expect(await end.run { $0.handler == nil })
            await end.loop.untilNoConnections()
        }
    }

    @Test func `may be closed by its handler while it receives`() async throws {
        let prepare: @Sendable (TCPConnection, ListeningHandler) -> Void = { _, handler in
            handler.onReceive = { connection, bytes in
                connection.write("bye")
                if bytes == Array("finish".utf8) { connection.finish() } else { connection.close() }
            }
        }
        try await LoopbackServer.runListening(prepare: prepare) { server, accepted in
            let (first, _) = try await server.connect(accepted)
            try first.send("finish")
            #expect(String(decoding: try await first.receiveAll(), as: UTF8.self) == "bye")
            first.close()
            let (second, end) = try await server.connect(accepted)
            try second.send("close")
            #expect(try await second.receiveAll() == [])
            await end.loop.untilNoConnections()
        }
    }

    @Test func `what a closed connection had to send is forgotten, however much others send then`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (other, otherEnd) = try await server.connect(accepted)
            let (client, end) = try await server.connect(accepted)
            let (first, second) = (otherEnd.connection, end.handler)
            let large = [UInt8](repeating: 1, count: 2_000_000)
            await end.run { _ in
                second.value.onReceive = { connection, _ in
                    connection.write("for nobody")
                    connection.close()
                    first.value.write(large)
                    first.value.write("end")
                }
            }
            try client.send("go")
            #expect(try await other.receive(large.count + 3) == large + Array("end".utf8))
            #expect(try await client.receiveAll() == [])
        }
    }

    @Test func `is counted out once, however it ends`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let counter = ConnectionCount()
            var clients: [LoopbackSocket] = []
            for ending in 0..<5 {
                let (client, end) = try await server.connect(accepted)
                clients.append(client)
                await end.run { _ = counter.add($0) }
                #expect(counter.value == 1)
                switch ending {
                case 0: await end.run { $0.close() }
                case 1: client.reset()
                case 2:
                    await end.run { $0.finish() }
                    client.close()
                case 3:
                    await end.run { connection in
                        connection.outputLimit = 0
                        connection.send([UInt8](repeating: 0, count: 50_000_000))
                    }
                default:
                    let other = try await server.connect(accepted)
                    await end.run { connection in
                        let moved = connection.detach(unread: [])?.adopt(on: connection.loop)
                        #expect(counter.value == 1 && moved != nil)
                        moved?.close()
                    }
                    other.client.close()
                    await other.end.run { $0.close() }
                }
            }
            await server.loop.untilNoConnections()
            #expect(counter.value == 0)
        }
    }

    @Test func `a handler may write to others when it loses its connection`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            let (losing, losingEnd) = try await server.connect(accepted, receiveBuffer: 4096)
            let connection = end.connection
            let handler = losingEnd.handler
            await losingEnd.run { lost in
                lost.outputLimit = 1_000
                handler.value.onLost = { _ in connection.value.write("it is gone") }
                // The connection is lost while the turn's output is being sent.
                lost.write([UInt8](repeating: 1, count: 20_000_000))
            }
            #expect(await losingEnd.hearEnd() == .outputLimit)
            #expect(try await client.receiveText(10) == "it is gone")
            losing.close()
        }
    }
}

extension EventLoop {
    /// Returns when nothing but the listener is left.
    func untilNoConnections() async {
        while await call({ $0.tcpConnections.count }) > 0 { await Task.yield() }
    }
}
