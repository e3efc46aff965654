import SocketIOWire
import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct TCPConnectionTests {
    // MARK: Both ways

    @Test func `echoes`() async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let client = try LoopbackSocket(to: server.address)
            for text in ["hello", "a", String(repeating: "x", count: 100_000)] {
                try client.send(text)
                #expect(try await client.receiveText(text.utf8.count) == text)
            }
            client.finishSending()
            #expect(try await client.receiveAll() == [])
        }
    }

    @Test func `echoes to many at once`() async throws {
        try await LoopbackServer.run(loops: 2, accept: { $0.handler = EchoHandler() }) { server in
            let clients = try (0..<100).map { _ in try LoopbackSocket(to: server.address) }
            for round in 0..<5 {
                for (number, client) in clients.enumerated() { try client.send("\(number)-\(round);") }
                for (number, client) in clients.enumerated() {
                    let text = "\(number)-\(round);"
                    #expect(try await client.receiveText(text.utf8.count) == text)
                }
            }
        }
    }

    @Test func `knows its peer`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (_, end) = try await server.connect(accepted)
            #expect(await end.run { $0.peer.host } == "127.0.0.1")
        }
    }

    // MARK: Sending

    @Test func `sends what a turn wrote to several connections in pieces, each in its order`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (first, firstEnd) = try await server.connect(accepted)
            let (second, secondEnd) = try await server.connect(accepted)
            await server.loop.run { _ in
                for number in 0..<100 {
                    firstEnd.connection.value.write("\(number),")
                    secondEnd.connection.value.write("\(number);")
                    if number % 3 == 0 { secondEnd.connection.value.write("!") }
                }
            }
            let expected = (0..<100).map { "\($0)," }.joined()
            #expect(try await first.receiveText(expected.utf8.count) == expected)
            let other = (0..<100).map { $0 % 3 == 0 ? "\($0);!" : "\($0);" }.joined()
            #expect(try await second.receiveText(other.utf8.count) == other)
        }
    }

    @Test func `sends the same piece of output to many`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            var ends: [(client: LoopbackSocket, end: Accepted)] = []
            for _ in 0..<10 { ends.append(try await server.connect(accepted)) }
            let connections = ends.map(\.end.connection)
            await server.loop.run { loop in
                connections[0].value.write("before,")
                let start = loop.beginOutput()
                loop.output.append("shared,")
                let range = start..<loop.output.count
                for connection in connections { connection.value.enqueue(range) }
                for connection in connections { connection.value.write("after") }
            }
            #expect(try await ends[0].client.receiveText(19) == "before,shared,after")
            for (client, _) in ends.dropFirst() { #expect(try await client.receiveText(12) == "shared,after") }
        }
    }

    @Test func `keeps the order of enqueue and send`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            await end.run { connection in
                connection.write("a")
                connection.send(Array("b".utf8))
                connection.write("c")
                connection.write("d")
                connection.send([])
                connection.send(Array("e".utf8))
                connection.enqueue(0..<0)
                connection.write("f")
            }
            #expect(try await client.receiveText(6) == "abcdef")
        }
    }

    @Test func `sends more in a turn than the output keeps`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            let (other, otherEnd) = try await server.connect(accepted)
            let bytes = numbered(5_000_000)
            let reader = Task.detached { try await client.receive(bytes.count) }
            await server.loop.run { _ in
                for start in stride(from: 0, to: bytes.count, by: 100_000) {
                    end.connection.value.write(Array(bytes[start..<start + 100_000]))
                    otherEnd.connection.value.write(".")
                }
            }
            #expect(try await difference(reader.value, from: bytes) == nil)
            #expect(try await other.receiveText(50) == String(repeating: ".", count: 50))
        }
    }

    @Test func `what a slow reader does not take waits and arrives in order`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            let bytes = numbered(8_000_000)
            #expect(await end.run { $0.isWritable && $0.bufferedByteCount == 0 })
            await end.run { connection in
                // In turns with what is in the output, what is shared, and what waits already.
                for (index, start) in stride(from: 0, to: bytes.count, by: 16_000).enumerated() {
                    let piece = Array(bytes[start..<start + 16_000])
                    if index % 3 == 0 { connection.send(piece) } else { connection.write(piece) }
                }
            }
            #expect(await end.run { !$0.isWritable && $0.bufferedByteCount > 0 && $0.isOpen })
            let before = await end.run(\.bufferedByteCount)
            await end.run { $0.write("the end") }
            #expect(await end.run(\.bufferedByteCount) <= before + 7)
            #expect(try await difference(client.receive(bytes.count), from: bytes) == nil)
            #expect(try await client.receiveText(7) == "the end")
            #expect(await end.run { $0.isWritable && $0.bufferedByteCount == 0 })
        }
    }

    @Test func `what is written in pieces behind what a slow reader does not take arrives in order`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (slow, first) = try await server.connect(accepted, receiveBuffer: 4096)
            let (other, second) = try await server.connect(accepted)
            let bytes = numbered(6_000_000)
            let otherEnd = second.connection
            for _ in 0..<2 {
                await first.run { connection in
                    connection.send(bytes)
                    #expect(connection.bufferedByteCount > 0)
                    for piece in ["a", "b", "c"] {
                        connection.write(piece)
                        otherEnd.value.write(piece.uppercased())
                    }
                    #expect(!connection.isWritable)
                }
            }
            let expected = bytes + Array("abc".utf8)
            #expect(try await other.receiveText(6) == "ABCABC")
            #expect(difference(try await slow.receive(expected.count * 2), from: expected + expected) == nil)
            #expect(await first.run { $0.isWritable && $0.bufferedByteCount == 0 })
        }
    }

    @Test(arguments: 1...4)
    func `whichever of a turn's pieces the kernel does not take whole, nothing of it is lost`(place: Int) async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (slow, first) = try await server.connect(accepted, receiveBuffer: 4096)
            let (_, second) = try await server.connect(accepted)
            let large = numbered(6_000_000)
            let otherEnd = second.connection
            await first.run { connection in
                for number in 1...4 {
                    connection.write(number == place ? large : [UInt8(number)])
                    otherEnd.value.write("-")
                }
            }
            var expected: [UInt8] = []
            for number in 1...4 { expected += number == place ? large : [UInt8(number)] }
            #expect(difference(try await slow.receive(expected.count), from: expected) == nil)
            #expect(await first.run { $0.isWritable && $0.bufferedByteCount == 0 })
        }
    }

    @Test func `gives up a peer for which more waits than is allowed`() async throws {
        try await LoopbackServer.runListening(prepare: { connection, _ in connection.outputLimit = 1_000_000 }) {
            server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            await end.run { connection in
                for _ in 0..<10_000 where connection.isOpen { connection.send([UInt8](repeating: 7, count: 10_000)) }
            }
            #expect(await end.hearEnd() == .outputLimit)
            #expect(await end.run { !$0.isOpen && $0.bufferedByteCount == 0 })
            // Nothing more can be done with it.
            await end.run { connection in
                connection.write("x")
                connection.send([1])
                connection.finish()
                connection.close()
                connection.setReading(false)
            }
            while try await !client.receiveSome().isEmpty {}
        }
    }

    @Test func `a limit that is not exceeded changes nothing`() async throws {
        try await LoopbackServer.runListening(prepare: { connection, _ in connection.outputLimit = 20_000_000 }) {
            server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            let bytes = numbered(10_000_000)
            await end.run { $0.send(bytes) }
            #expect(try await difference(client.receive(bytes.count), from: bytes) == nil)
            #expect(await end.run(\.isOpen))
        }
    }

    // MARK: Receiving

    @Test func `does not read while it is told not to`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            await end.run { $0.setReading(false) }
            try client.send("hello")
            // A round trip of another connection: the first one's bytes are there by then.
            let (other, otherEnd) = try await server.connect(accepted)
            try other.send("x")
            #expect(await otherEnd.hearText(1) == "x")
            await end.run { connection in
                connection.write("still sends")
                connection.setReading(false)
            }
            #expect(try await client.receiveText(11) == "still sends")
            await end.run { $0.handler = nil }
            let handler = end.handler
            await end.run { connection in
                connection.handler = handler.value
                connection.setReading(true)
            }
            #expect(await end.hearText(5) == "hello")
        }
    }

    @Test func `hears that the peer sends no more, and can still send`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            try client.send("bye")
            client.finishSending()
            #expect(await end.hearText(3) == "bye")
            #expect(await end.hearEnd() == .peerFinished)
            await end.run { $0.write("to you, too") }
            #expect(try await client.receiveText(11) == "to you, too")
            #expect(await end.run(\.isOpen))
            await end.run { $0.close() }
            #expect(try await client.receiveAll() == [])
        }
    }

    @Test func `hears of a reset`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            client.reset()
            #expect(await end.hearEnd() == .failed)
            #expect(await end.run { !$0.isOpen })
        }
    }

    @Test func `hears of a reset behind the end of the peer's bytes`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            client.finishSending()
            #expect(await end.hearEnd() == .peerFinished)
            client.reset()
            #expect([.closedByPeer, .failed].contains(await end.hearEnd()))
        }
    }

    @Test func `a reset while it does not read ends it without a byte more`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted)
            await end.run { $0.setReading(false) }
            try client.send("too late")
            client.reset()
            #expect([.closedByPeer, .failed].contains(await end.heard.first()))
        }
    }

    @Test func `hears of a failure while it sends`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let (client, end) = try await server.connect(accepted, receiveBuffer: 4096)
            await end.run { $0.setReading(false) }
            await end.run { $0.send([UInt8](repeating: 1, count: 10_000_000)) }
            client.reset()
            #expect([.closedByPeer, .failed].contains(await end.hearEnd()))
        }
    }
}
