import Synchronization
import TestSupport
import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct ConnectorTests {
    // MARK: Connecting

    @Test(arguments: ["127.0.0.1", "localhost", "LOCALHOST"])
    func `connects to an address and to this machine's name`(host: String) async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let end = try await server.loop.connect(to: host, port: server.address.port).get()
            #expect(await end.run { $0.peer } == server.address)
            await end.run { $0.write("hello") }
            #expect(await end.hearText(5) == "hello")
            await end.run { $0.finish() }
        }
    }

    @Test func `connects over IPv6`() async throws {
        try await LoopbackServer.run(host: "::1", accept: { $0.handler = EchoHandler() }) { server in
            for host in ["::1", "localhost"] {
                let end = try await server.loop.connect(to: host, port: server.address.port).get()
                await end.run { $0.write("hello") }
                #expect(await end.hearText(5) == "hello")
            }
        }
    }

    @Test func `connects to a name that the system resolves`() async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let asked = Mutex<[String]>([])
            let resolver = Resolver(maxThreads: 1, maxWaiting: 1) { host, port in
                asked.withLock { $0.append(host) }
                return .addresses([SocketAddress(host: "127.0.0.1", port: port)!])
            }
            let end = try await server.loop.connect(
                to: "chat.example", port: server.address.port, resolver: resolver
            ).get()
            #expect(asked.withLock { $0 } == ["chat.example"])
            await end.run { $0.write("hello") }
            #expect(await end.hearText(5) == "hello")
        }
    }

    @Test func `goes on to the next address when one refuses`() async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let refusing = SocketAddress(host: "127.0.0.1", port: try closedPort())!
            let addresses = [SocketAddress(host: "::1", port: refusing.port)!, refusing, server.address]
            let end = try await server.loop.connect(
                to: "chat.example", port: 1, resolver: Resolver(answering: addresses)
            ).get()
            #expect(await end.run { $0.peer } == server.address)
        }
    }

    @Test func `goes on to the next address when one is silent`() async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let silent = try SilentListener()
            let before = openDescriptorCount()
            let begin = ContinuousClock.now
            let end = try await server.loop.connect(
                to: "chat.example", port: 1, resolver: Resolver(answering: [silent.address, server.address])
            ).get()
            #expect(await end.run { $0.peer } == server.address)
            #expect(begin.duration(to: .now) >= Dialer.attemptDelay)
            await end.run { $0.write("hello") }
            #expect(await end.hearText(5) == "hello")
            await end.run { $0.close() }
            // The silent attempt and both ends of the other one.
            #expect(await descriptorCount(returnsTo: before))
        }
    }

    @Test func `two connections at once do not touch each other`() async throws {
        try await LoopbackServer.run(loops: 2, accept: { $0.handler = EchoHandler() }) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let loop = server.group.loops[number % 2]
                        let end = try await loop.connect(to: "127.0.0.1", port: server.address.port).get()
                        await end.run { $0.write("number \(number)") }
                        let text = await end.hearText("number \(number)".utf8.count)
                        #expect(text == "number \(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    // MARK: Failing

    @Test func `says that there is no socket of this machine`() async throws {
        let group = try EventLoopGroup(count: 1)
        for (path, reason) in [
            ("/nowhere/redis.sock", "No such file or directory"),
            ("/" + String(repeating: "x", count: 200), "File name too long"),
        ] {
            let error = await withCheckedContinuation { continuation in
                group.loops[0].post(
                    Run { loop in
                        LocalConnector(to: path, on: loop) { continuation.resume(returning: $0.failure) }
                    })
            }
            #expect(error?.description == "cannot connect to \(path): connect: \(reason)")
        }
        await group.loops[0].call { loop in
            LocalConnector(to: "/nowhere/redis.sock", on: loop) { _ in Issue.record("it was cancelled") }.cancel()
        }
        await group.loops[0].call { _ in }
        group.stop()
    }

    @Test func `says that a port refuses`() async throws {
        try await LoopbackServer.run(accept: { $0.close() }) { server in
            let before = openDescriptorCount()
            let port = try closedPort()
            let error = await server.loop.connect(to: "localhost", port: port).failure
            #expect(error == ConnectError(host: "localhost", port: port, reason: .refused))
            #expect(error?.description.hasPrefix("cannot connect to localhost:\(port): connection refused.") == true)
            #expect(await descriptorCount(returnsTo: before))
            #expect(await server.loop.call { $0.connectionCount } == 1)
        }
    }

    @Test func `says that a name cannot be resolved`() async throws {
        try await LoopbackServer.run(accept: { $0.close() }) { server in
            let error = try #require(await server.loop.connect(to: "nosuch.invalid", port: 80).failure)
            guard case .unresolvable = error.reason else {
                Issue.record(error)
                return
            }
            #expect(error.host == "nosuch.invalid" && error.port == 80)
        }
    }

    @Test func `gives up on a host that is silent`() async throws {
        try await LoopbackServer.run(accept: { $0.close() }) { server in
            let silent = try SilentListener()
            let before = openDescriptorCount()
            let error = await server.loop.connect(
                to: "127.0.0.1", port: silent.address.port, timeout: .milliseconds(50)
            ).failure
            #expect(error?.reason == .timedOut)
            #expect(await descriptorCount(returnsTo: before))
            #expect(await server.loop.call { $0.connectionCount } == 1)
        }
    }

    @Test func `gives up on a resolver that is silent`() async throws {
        try await LoopbackServer.run(accept: { $0.close() }) { server in
            let gate = BlockingGate()
            let resolver = Resolver(maxThreads: 1, maxWaiting: 1) { _, _ in
                gate.wait()
                return .failure("late")
            }
            let error = await server.loop.connect(
                to: "chat.example", port: 1, timeout: .milliseconds(50), resolver: resolver
            ).failure
            #expect(error?.reason == .timedOut)
            gate.open()
        }
    }

    // MARK: Cancelling

    @Test func `cancelled while the name is looked up, it opens nothing and is silent`() async throws {
        try await LoopbackServer.run(accept: { $0.close() }) { server in
            let before = openDescriptorCount()
            let (asked, gate) = (AsyncStream<Void>.makeStream(), BlockingGate())
            let address = server.address
            let resolver = Resolver(maxThreads: 1, maxWaiting: 1) { _, _ in
                asked.continuation.yield()
                gate.wait()
                return .addresses([address])
            }
            let connector = await server.loop.connector(to: "chat.example", port: 1, resolver: resolver)
            await asked.stream.first()
            await server.loop.run { _ in connector.value?.cancel() }
            gate.open()
            #expect(await connector.isGone())
            #expect(openDescriptorCount() == before)
            #expect(await server.loop.call { $0.connectionCount } == 1)
        }
    }

    @Test func `cancelled while it connects, it closes its sockets and is silent`() async throws {
        try await LoopbackServer.run(accept: { $0.close() }) { server in
            let silent = try SilentListener()
            let before = openDescriptorCount()
            let connector = await server.loop.connector(
                to: "chat.example", port: 1, resolver: Resolver(answering: [silent.address, silent.address]))
            // The listener, and two attempts.
            #expect(await eventually { await server.loop.call { $0.connectionCount } == 3 })
            #expect(openDescriptorCount() == before + 2)
            await server.loop.run { _ in connector.value?.cancel() }
            #expect(openDescriptorCount() == before)
            #expect(await server.loop.call { $0.connectionCount } == 1)
            #expect(await connector.isGone())
        }
    }

    @Test func `cancelled before its first turn, it opens nothing`() async throws {
        try await LoopbackServer.run(accept: { $0.close() }) { server in
            let before = openDescriptorCount()
            let port = server.address.port
            await server.loop.run { loop in
                Connector(to: "127.0.0.1", port: port, on: loop) { _ in Issue.record("it was cancelled") }.cancel()
            }
            #expect(await server.loop.call { $0.connectionCount } == 1)
            #expect(openDescriptorCount() == before)
        }
    }

    @Test func `cancelled after the end, nothing happens to the connection`() async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let port = server.address.port
            let end = await withCheckedContinuation { continuation in
                server.loop.post(
                    Run { loop in
                        var connector: Connector?
                        connector = Connector(to: "127.0.0.1", port: port, on: loop) { result in
                            connector?.cancel()
                            connector = nil
                            continuation.resume(returning: result.map(Accepted.init(adopting:)))
                        }
                    })
            }
            let connected = try end.get()
            await connected.run { $0.write("hello") }
            #expect(await connected.hearText(5) == "hello")
        }
    }
}
