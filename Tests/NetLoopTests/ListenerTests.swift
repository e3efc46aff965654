import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct ListenerTests {
    @Test func `deals connections out to the loops in turn`() async throws {
        try await LoopbackServer.runListening(loops: 3) { server, accepted in
            var clients: [LoopbackSocket] = []
            var indices: [Int] = []
            for _ in 0..<9 {
                let (client, end) = try await server.connect(accepted)
                clients.append(client)
                indices.append(end.loop.index)
                #expect(await end.run { $0.loop.isCurrent })
            }
            #expect(Set(indices) == [0, 1, 2])
            #expect(indices[3...] == indices[..<6])
        }
    }

    @Test func `says which port it got`() async throws {
        try await LoopbackServer.runListening { server, _ in
            #expect(server.address.port != 0)
            #expect(server.address.host == "127.0.0.1")
        }
    }

    @Test(arguments: [("::1", "::1"), ("::", "127.0.0.1"), ("::", "::1"), ("0.0.0.0", "127.0.0.1")])
    func `listens on either family, and on both`(host: String, target: String) async throws {
        try await LoopbackServer.run(host: host, accept: { $0.handler = EchoHandler() }) { server in
            let client = try LoopbackSocket(to: SocketAddress(host: target, port: server.address.port)!)
            try client.send("hello")
            #expect(try await client.receiveText(5) == "hello")
        }
    }

    @Test func `says that an address is taken`() async throws {
        try await LoopbackServer.runListening { server, _ in
            let error = await server.loop.call { loop in
                do throws(SystemError) {
                    _ = try Listener(on: server.address, loop: loop, group: server.group) { _ in }
                    return SystemError?.none
                } catch {
                    return error
                }
            }
            #expect(error?.isAddressInUse == true)
            #expect(await server.loop.call(\.connectionCount) == 1)
        }
    }

    @Test func `says that an address is not this machine's`() async throws {
        let group = try EventLoopGroup(count: 1)
        let failed = await group.loops[0].call { loop in
            (try? Listener(on: SocketAddress(host: "192.0.2.1", port: 0)!, loop: loop, group: group) { _ in }) == nil
        }
        #expect(failed)
        group.stop()
    }

    @Test func `once closed it accepts nothing, and what it accepted stays`() async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let client = try LoopbackSocket(to: server.address)
            try client.send("a")
            #expect(try await client.receiveText(1) == "a")
            let listener = server.listener
            await server.loop.run { _ in
                listener.value.close()
                listener.value.close()
                listener.value.timerFired(now: .now)
                listener.value.becameReady(.readable)
            }
            #expect(throws: LoopbackSocket.Failure.self) { try LoopbackSocket(to: server.address) }
            try client.send("b")
            #expect(try await client.receiveText(1) == "b")
            #expect(await server.loop.call(\.connectionCount) == 1)
        }
    }

    @Test func `may be closed by what it accepts`() async throws {
        let group = try EventLoopGroup(count: 1)
        let box = await group.loops[0].call { LoopBound(Box(), on: $0) }
        let address = try await group.loops[0].call { loop in
            Result { () throws(SystemError) in
                let listener = try Listener(on: SocketAddress(host: "127.0.0.1", port: 0)!, loop: loop, group: group) {
                    $0.handler = EchoHandler()
                    box.value.listener?.close()
                }
                box.value.listener = listener
                return listener.address
            }
        }.get()
        // On the loop, so that it finds several to accept.
        let clients = try await group.loops[0].call { _ in
            Result { try (0..<5).map { _ in try LoopbackSocket(to: address) } }
        }.get()
        try clients[0].send("hello")
        #expect(try await clients[0].receiveText(5) == "hello")
        #expect(await group.loops[0].call(\.connectionCount) == 1)
        for client in clients.dropFirst() {
            await #expect(throws: LoopbackSocket.Failure.self) { _ = try await client.receive(1) }
        }
        await group.loops[0].run { loop in
            loop.closeAll()
            #expect(loop.connectionCount == 0)
        }
        group.stop()
    }

    private final class Box {
        var listener: Listener?
    }
}
