import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct DetachedConnectionTests {
    /// Adopts `connection` on `loop` with a handler that listens.
    private func adopt(_ connection: DetachedConnection, on loop: EventLoop) async -> Accepted? {
        await loop.call { loop in
            guard let adopted = connection.adopt(on: loop) else { return nil }
            let handler = ListeningHandler()
            adopted.handler = handler
            return Accepted(
                connection: LoopBound(adopted, on: loop), handler: LoopBound(handler, on: loop), heard: handler.heard)
        }
    }

    @Test func `a connection goes to another loop with what is unsent and what is unread`() async throws {
        try await LoopbackServer.runListening(loops: 2) { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            let other = server.group.loops[1 - end.loop.index]
            let counter = ConnectionCount()
            let bytes = numbered(6_000_000)
            try client.send("consumed,")
            #expect(await end.hearText(9) == "consumed,")
            let detached = await end.run { connection -> DetachedConnection? in
                counter.add(connection)
                connection.send(Array(bytes[..<3_000_000]))
                connection.write(Array(bytes[3_000_000...]))
                return connection.detach(unread: Array("unread,".utf8))
            }
            let moving = try #require(detached)
            #expect(moving.unread == Array("unread,".utf8))
            // What it does now has no effect on the socket.
            await end.run { connection in
                #expect(!connection.isOpen && connection.bufferedByteCount == 0)
                connection.write("lost")
                connection.finish()
                connection.close()
            }
            #expect(await end.loop.call { $0.tcpConnections.count } == 0)
            try client.send("sent meanwhile")
            let moved = try #require(await adopt(moving, on: other))
            #expect(await moved.run { $0.peer.host == "127.0.0.1" && $0.loop.isCurrent && $0.bufferedByteCount > 0 })
            await moved.run { $0.write("the end") }
            #expect(await moved.hearText(14) == "sent meanwhile")
            #expect(difference(try await client.receive(bytes.count), from: bytes) == nil)
            #expect(try await client.receiveText(7) == "the end")
            #expect(await moved.run { $0.isWritable })
            #expect(counter.value == 1)
            await moved.run { $0.close() }
            #expect(counter.value == 0)
            #expect(try await client.receiveAll() == [])
        }
    }

    @Test func `goes back and forth`() async throws {
        try await LoopbackServer.runListening(loops: 2) { server, accepted in
            var (client, end) = try await server.connect(accepted)
            for round in 0..<20 {
                let detached = try #require(await end.run { $0.detach(unread: []) })
                end = try #require(await adopt(detached, on: server.group.loops[round % 2]))
                try client.send("\(round)")
                #expect(await end.hearText("\(round)".utf8.count) == "\(round)")
                await end.run { $0.write("ok") }
                #expect(try await client.receiveText(2) == "ok")
            }
            client.close()
        }
    }

    @Test func `is adopted once`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            let detached = try #require(await end.run { $0.detach(unread: []) })
            let moved = try #require(await adopt(detached, on: server.loop))
            #expect(await adopt(detached, on: server.loop) == nil)
            await moved.run { $0.write("mine") }
            #expect(try await client.receiveText(4) == "mine")
        }
    }

    @Test func `one that nobody adopts is closed and counted out`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            let counter = ConnectionCount()
            await end.run { connection in
                counter.add(connection)
                _ = connection.detach(unread: [])
            }
            #expect(try await client.receiveAll() == [])
            #expect(counter.value == 0)
        }
    }

    @Test func `one whose peer sends nothing more is still answered, and does not hear it again`() async throws {
        try await LoopbackServer.runListening(loops: 2) { server, accepted in
            let (client, halfClosed) = try await server.connect(accepted)
            client.finishSending()
            #expect(await halfClosed.hearEnd() == .peerFinished)
            let detached = try #require(await halfClosed.run { $0.detach(unread: []) })
            let moved = try #require(await adopt(detached, on: server.group.loops[1]))
            await moved.run { $0.write("last") }
            #expect(try await client.receiveText(4) == "last")
            #expect(await moved.run { $0.isOpen })
            await moved.run { $0.close() }
            #expect(try await client.receiveAll() == [])
        }
    }

    @Test func `what has ended cannot be detached`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (first, closed) = try await server.connect(accepted)
            #expect(
                await closed.run {
                    $0.close(); return $0.detach(unread: []) == nil
                })
            let (second, finished) = try await server.connect(accepted)
            #expect(
                await finished.run {
                    $0.finish(); return $0.detach(unread: []) == nil
                })
            let (third, moved) = try await server.connect(accepted)
            let detached = await moved.run { $0.detach(unread: []) }
            #expect(detached != nil)
            #expect(await moved.run { $0.detach(unread: []) == nil })
            for client in [first, second, third] { client.close() }
        }
    }
}
