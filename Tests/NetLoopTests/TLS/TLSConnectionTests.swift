import Synchronization
import TestSupport
import Testing

@testable import NetLoop

@Suite(.withCertificates, .timeLimit(.minutes(1))) struct TLSConnectionTests {
    private func server(_ identity: String = "good") throws -> TLSContext {
        let certificates = try testCertificates()
        return try .server(certificate: certificates.certificate(identity), key: certificates.key(identity))
    }

    private func client() throws -> TLSContext {
        try .client(extraRoots: try testCertificates().authority)
    }

    // MARK: Both ways

    @Test(arguments: ["localhost", "127.0.0.1"]) func `echoes`(host: String) async throws {
        try await LoopbackServer.run(tls: server(), accept: { $0.handler = EchoHandler() }) { server in
            let end = try await server.loop.connect(to: host, port: server.address.port, tls: client()).get()
            #expect(await end.run { $0.isSecure })
            for text in ["hello", "a", String(repeating: "x", count: 100_000)] {
                await end.run { $0.write(text) }
                #expect(await end.hearText(text.utf8.count) == text)
            }
            await end.run { $0.finish() }
        }
    }

    @Test func `echoes to many at once, on several loops`() async throws {
        let context = try client()
        try await LoopbackServer.run(loops: 2, tls: server(), accept: { $0.handler = EchoHandler() }) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let loop = server.group.loops[number % 2]
                        let end = try await loop.connect(to: "localhost", port: server.address.port, tls: context).get()
                        for round in 0..<5 {
                            await end.run { $0.write("\(number)-\(round);") }
                            let text = await end.hearText("\(number)-\(round);".utf8.count)
                            #expect(text == "\(number)-\(round);")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `what the kernel does not take at once follows in order`() async throws {
        try await LoopbackServer.runListening(tls: server()) { server, accepted in
            let end = try await server.loop.connect(to: "localhost", port: server.address.port, tls: client()).get()
            let other = await accepted.first()
            // Before the server's end has shaken hands, it keeps only so much.
            await end.run { $0.write("ready") }
            _ = await other.hearText(5)
            let bytes = numbered(20_000_000)
            await other.run { connection in
                connection.send(Array(bytes[..<9_000_000]))
                connection.write(Array(bytes[9_000_000..<9_000_100]))
                connection.send(Array(bytes[9_000_100...]))
                connection.finish()
            }
            #expect(difference(await end.hearBytes(), from: bytes) == nil)
        }
    }

    @Test func `a peer that does not read is given up at the limit`() async throws {
        try await LoopbackServer.runListening(
            tls: server(), prepare: { connection, _ in connection.outputLimit = 1_000_000 }
        ) { server, accepted in
            let end = try await server.loop.connect(to: "localhost", port: server.address.port, tls: client()).get()
            let other = await accepted.first()
            await end.run { $0.write("ready") }
            _ = await other.hearText(5)
            await end.run { $0.setReading(false) }
            await other.run { $0.write(numbered(30_000_000)) }
            #expect(await other.hearEnd() == .outputLimit)
        }
    }

    // MARK: Ending

    @Test func `finishing tells the peer, after everything else`() async throws {
        try await LoopbackServer.runListening(tls: server()) { server, accepted in
            let end = try await server.loop.connect(to: "localhost", port: server.address.port, tls: client()).get()
            let other = await accepted.first()
            await other.run { connection in
                connection.write("the last words")
                connection.finish()
            }
            #expect(await end.hearText(14) == "the last words")
            #expect(await end.hearEnd() == .peerFinished)
            await end.run { $0.finish() }
            #expect(await eventually { await server.loop.call { $0.connectionCount } == 1 })
        }
    }

    @Test func `finishing during the handshake sends what was written, once it is over`() async throws {
        try await LoopbackServer.runListening(
            tls: server(),
            prepare: { connection, _ in
                connection.write("too early")
                connection.finish()
            }
        ) { server, _ in
            let end = try await server.loop.connect(to: "localhost", port: server.address.port, tls: client()).get()
            #expect(await end.hearText(9) == "too early")
            #expect(await end.hearEnd() == .peerFinished)
            await end.run { $0.finish() }
            #expect(await eventually { await server.loop.call { $0.connectionCount } == 1 })
        }
    }

    @Test func `finishing during a handshake that fails closes the connection`() async throws {
        try await LoopbackServer.runListening(tls: server(), prepare: { connection, _ in connection.finish() }) {
            server, _ in
            let client = try LoopbackSocket(to: server.address)
            try client.send("no TLS")
            _ = try await client.receiveAll()
            #expect(await eventually { await server.loop.call { $0.connectionCount } == 1 })
        }
    }

    @Test func `an end that the peer did not announce is a loss`() async throws {
        try await LoopbackServer.runListening(tls: server()) { server, accepted in
            let end = try await server.loop.connect(to: "localhost", port: server.address.port, tls: client()).get()
            let other = await accepted.first()
            await end.run { $0.write("hello") }
            #expect(await other.hearText(5) == "hello")
            await other.run { $0.close() }
            #expect(await end.hearEnd() == .closedByPeer)
        }
    }

    @Test func `nothing is left of connections that ended`() async throws {
        let weakEngines = Mutex<[WeakEngine]>([])
        let before = openDescriptorCount()
        try await LoopbackServer.run(
            tls: server(),
            accept: { connection in
                connection.handler = EchoHandler()
                weakEngines.withLock { $0.append(WeakEngine(connection.tls)) }
            }
        ) { server in
            for number in 0..<20 {
                let end = try await server.loop.connect(
                    to: "localhost", port: server.address.port, tls: client()
                ).get()
                await end.run { connection in
                    weakEngines.withLock { $0.append(WeakEngine(connection.tls)) }
                    if number % 2 == 0 { connection.finish() } else { connection.close() }
                }
            }
            #expect(await eventually { await server.loop.call { $0.connectionCount } == 1 })
        }
        #expect(weakEngines.withLock { $0.count } == 40)
        #expect(await eventually { weakEngines.withLock { $0.allSatisfy { $0.engine == nil } } })
        #expect(await descriptorCount(returnsTo: before))
    }

    // MARK: From loop to loop

    @Test func `goes back and forth between loops, in the middle of records`() async throws {
        try await LoopbackServer.runListening(loops: 2, tls: server()) { server, accepted in
            let client = try await server.loop.connect(to: "localhost", port: server.address.port, tls: client()).get()
            var end = await accepted.first()
            for round in 0..<20 {
                let loop = server.group.loops[round % 2]
                let moving = try #require(await end.run { $0.detach(unread: []) })
                await client.run { $0.write("to \(round),") }
                let moved = await loop.call { loop in moving.adopt(on: loop).map(Accepted.init(adopting:)) }
                end = try #require(moved)
                #expect(await end.hearText("to \(round),".utf8.count) == "to \(round),")
                await end.run { $0.write("from \(round),") }
                #expect(await client.hearText("from \(round),".utf8.count) == "from \(round),")
                #expect(await end.run { $0.isSecure && $0.loop.isCurrent })
            }
        }
    }

    @Test func `takes what the kernel did not take along to another loop`() async throws {
        try await LoopbackServer.runListening(loops: 2, tls: server()) { server, accepted in
            let client = try await server.loop.connect(to: "localhost", port: server.address.port, tls: client()).get()
            let end = await accepted.first()
            await client.run { $0.setReading(false) }
            let bytes = numbered(9_000_000)
            let moving = try #require(
                await end.run { connection in
                    connection.write(bytes)
                    return connection.detach(unread: [])
                })
            let other = server.group.loops[1 - end.loop.index]
            await client.run { $0.setReading(true) }
            let moved = try #require(
                await other.call { loop in moving.adopt(on: loop).map(Accepted.init(adopting:)) })
            await moved.run { $0.finish() }
            #expect(difference(await client.hearBytes(), from: bytes) == nil)
        }
    }

    // MARK: No secure connection

    @Test func `connecting says what is wrong with a certificate`() async throws {
        for (identity, expected) in [
            ("elsewhere", TLSError.wrongHost("localhost")), ("expired", .expired), ("selfsigned", .selfSigned),
        ] {
            try await LoopbackServer.runListening(tls: server(identity)) { server, accepted in
                let before = openDescriptorCount()
                let port = server.address.port
                let error = await server.loop.connect(to: "localhost", port: port, tls: try client()).failure
                #expect(error == ConnectError(host: "localhost", port: port, reason: .insecure(expected)))
                #expect(error?.description == "cannot connect to localhost:\(port): \(expected)")
                guard case .insecure = await accepted.first().hearEnd() else {
                    Issue.record("the server does not hear why")
                    return
                }
                #expect(await descriptorCount(returnsTo: before))
            }
        }
    }

    @Test func `connecting to a server that does not speak TLS fails`() async throws {
        try await LoopbackServer.run(accept: { $0.handler = EchoHandler() }) { server in
            let error = await server.loop.connect(to: "localhost", port: server.address.port, tls: try client()).failure
            guard case .insecure(.failed) = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `connecting to a server that ends the connection fails`() async throws {
        try await LoopbackServer.run(accept: { $0.close() }) { server in
            let error = await server.loop.connect(to: "localhost", port: server.address.port, tls: try client()).failure
            #expect(error != nil)
        }
    }

    @Test func `a client that does not speak TLS is lost`() async throws {
        try await LoopbackServer.runListening(tls: server()) { server, accepted in
            let client = try LoopbackSocket(to: server.address)
            try client.send("GET / HTTP/1.1\r\n\r\n")
            #expect(await accepted.first().hearEnd() == .insecure(.failed("http request")))
            #expect(await eventually { await server.loop.call { $0.connectionCount } == 1 })
        }
    }

    @Test func `gives up on a server that does not shake hands`() async throws {
        try await LoopbackServer.runListening { server, _ in
            let before = openDescriptorCount()
            let error = await server.loop.connect(
                to: "127.0.0.1", port: server.address.port, tls: try client(), timeout: .milliseconds(100)
            ).failure
            #expect(error?.reason == .timedOut)
            await server.loop.run { loop in for connection in loop.tcpConnections { connection.close() } }
            #expect(await descriptorCount(returnsTo: before))
        }
    }

    @Test func `cancelled during the handshake, it closes its socket and is silent`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let before = openDescriptorCount()
            let connector = await server.loop.connector(to: "127.0.0.1", port: server.address.port, tls: try client())
            // The server has the client's first words.
            let end = await accepted.first()
            guard case .bytes = await end.heard.first() else {
                Issue.record("nothing came")
                return
            }
            await server.loop.run { _ in connector.value?.cancel() }
            #expect(await end.hearEnd() == .peerFinished)
            await end.run { $0.close() }
            #expect(await connector.isGone())
            #expect(await descriptorCount(returnsTo: before))
        }
    }
}

private struct WeakEngine: @unchecked Sendable {
    weak var engine: TLSEngine?

    init(_ engine: TLSEngine?) { self.engine = engine }
}
