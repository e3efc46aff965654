import EngineIO
import TestSupport
import Testing

@Suite struct ServerLifeTests {
    private static func quietEngine(loops: Int = 2) -> EngineIOServer {
        var configuration = EngineIOServer.Configuration()
        configuration.logger = LogLines()
        configuration.loops = loops
        return EngineIOServer(configuration)
    }

    @Test func `close ends all sessions, their transports and the listener`() async throws {
        let engine = Self.quietEngine(loops: 4)
        let journal = Journal()
        engine.onConnection { echo($0, journal) }
        let port = try await engine.listen(host: "127.0.0.1", port: 0).port
        let server = TestServer(engine: engine, port: port, journal: journal, log: LogLines())
        try await offPool {
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            try poller.sendRequest("GET", server.polling(id))
            let unpolled = try server.client()
            _ = try server.openPolling(on: unpolled)
            let webSocket = try server.client()
            try server.openWebSocket(on: webSocket)
            let probe = try server.client()
            let probed = try server.openPolling(on: try server.client())
            try probe.openWebSocket(server.webSocket(probed))
            let idle = try server.client()
            #expect(try idle.get("/none").status == 404)
            for _ in 0..<4 { #expect(try journal.next() == "open") }

            Task { await engine.close() }
            let last = try poller.response()
            #expect(last.text == "1")
            #expect(last["connection"] == "close")
            #expect(try poller.receiveToEnd() == [])
            #expect(try webSocket.receiveFrame().closeCode == 1001)
            try webSocket.sendClose(1001)
            #expect(try webSocket.receiveToEnd() == [])
            #expect(try probe.receiveFrame().opcode == .close)
            try probe.sendClose()
            #expect(try probe.receiveToEnd() == [])
            #expect(try unpolled.receiveToEnd() == [])
            #expect(try idle.receiveToEnd() == [])
            for _ in 0..<4 { #expect(try journal.next() == "close server shutting down") }
        }
        await engine.close()
        await #expect(throws: RawClientError.self) { try await offPool { _ = try RawClient(port: port) } }
    }

    @Test func `close does not wait for clients that do not answer`() async throws {
        let engine = Self.quietEngine()
        engine.onConnection { _ in }
        let port = try await engine.listen(host: "127.0.0.1", port: 0).port
        let server = TestServer(engine: engine, port: port, journal: Journal(), log: LogLines())
        let start = try await offPool {
            let webSocket = try server.client()
            try server.openWebSocket(on: webSocket)
            let start = ContinuousClock.now
            Task { await engine.close() }
            #expect(try webSocket.receiveFrame().opcode == .close)
            #expect(try webSocket.receiveToEnd() == [])
            return start
        }
        await engine.close()
        #expect(.now - start < .seconds(10))
    }

    @Test func `run serves until its task is cancelled`() async throws {
        let engine = Self.quietEngine()
        let journal = Journal()
        engine.onConnection { echo($0, journal) }
        // `run` does not tell its port.
        let probe = Self.quietEngine()
        let port = try await probe.listen(host: "127.0.0.1", port: 0).port
        await probe.close()
        let running = Task { try await engine.run(host: "127.0.0.1", port: port) }
        let server = TestServer(engine: engine, port: port, journal: journal, log: LogLines())
        try await offPool {
            let deadline = ContinuousClock.now.advanced(by: .seconds(10))
            var client = try? server.client()
            while client == nil, ContinuousClock.now < deadline { client = try? server.client() }
            let connected = try #require(client)
            try server.openWebSocket(on: connected)
            #expect(try journal.next() == "open")
            running.cancel()
            #expect(try connected.receiveFrame().closeCode == 1001)
            connected.close()
            #expect(try journal.next() == "close server shutting down")
        }
        try await running.value
    }

    @Test func `run returns at once in a task that is cancelled already`() async throws {
        let engine = Self.quietEngine()
        let running = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            try await engine.run(host: "127.0.0.1", port: 0)
        }
        try await running.value
    }

    @Test func `close while listen is under way closes`() async throws {
        for _ in 0..<20 {
            let engine = Self.quietEngine()
            let running = Task { try? await engine.run(host: "127.0.0.1", port: 0) }
            await Task.yield()
            await engine.close()
            running.cancel()
            _ = await running.value
        }
    }

    @Test func `close of a server that does not listen returns`() async throws {
        let engine = Self.quietEngine()
        await engine.close()
        try await engine.listen(host: "127.0.0.1", port: 0)
        await engine.close()
        await engine.close()
    }

    @Test func `a port in use is told`() async throws {
        let first = Self.quietEngine()
        let port = try await first.listen(host: "127.0.0.1", port: 0).port
        let second = Self.quietEngine()
        let error = await #expect(throws: ListenError.self) {
            try await second.listen(host: "127.0.0.1", port: port)
        }
        #expect(error?.code == .addressInUse)
        #expect(error?.address == "127.0.0.1:\(port)")
        #expect(
            error?.description == "cannot listen on 127.0.0.1:\(port): the port is in use. Stop the other program, or "
                + "choose another port.")
        await first.close()
        // The one that failed can try again.
        #expect(try await second.listen(host: "127.0.0.1", port: port).port == port)
        await second.close()
    }

    @Test(arguments: [
        ("", 3000), ("example.com", 3000), ("1.2.3", 3000), ("256.0.0.1", 3000), ("127.0.0.1", -1),
        ("127.0.0.1", 65_536),
        ("127.0.0.1", Int.max),
    ])
    func `an address that is none is told`(_ host: String, _ port: Int) async throws {
        let engine = Self.quietEngine()
        let error = await #expect(throws: ListenError.self) { try await engine.listen(host: host, port: port) }
        #expect(error?.code == .invalidAddress)
        #expect(
            error?.description
                == "cannot listen on \(host):\(port): give a numeric address and a port from 0 to 65535.")
    }

    @Test func `an address of another machine is told`() async throws {
        let engine = Self.quietEngine()
        let error = await #expect(throws: ListenError.self) { try await engine.listen(host: "192.0.2.1", port: 0) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.description.hasPrefix("cannot listen on 192.0.2.1:0: ") == true)
    }

    @Test func `listening twice is told`() async throws {
        let engine = Self.quietEngine()
        try await engine.listen(host: "127.0.0.1", port: 0)
        let error = await #expect(throws: ListenError.self) { try await engine.listen(host: "127.0.0.1", port: 0) }
        #expect(error?.code == .alreadyListening)
        #expect(error?.description == "the server listens already, or is still closing.")
        await engine.close()
    }

    @Test func `a server that was closed can listen again`() async throws {
        let engine = Self.quietEngine()
        let journal = Journal()
        engine.onConnection { echo($0, journal) }
        for _ in 0..<3 {
            let port = try await engine.listen(host: "127.0.0.1", port: 0).port
            let server = TestServer(engine: engine, port: port, journal: journal, log: LogLines())
            try await offPool {
                let client = try server.client()
                try server.openWebSocket(on: client)
                #expect(try journal.next() == "open")
                try client.sendText("4hello")
                #expect(try journal.next() == "text hello")
            }
            await engine.close()
            #expect(try await offPool { try journal.next() }.hasPrefix("close "))
        }
    }

    @Test func `IPv6 works, and its address is written with brackets`() async throws {
        let engine = Self.quietEngine()
        let journal = Journal()
        engine.onConnection { journal.append($0.request.remoteAddress) }
        let address = try await engine.listen(host: "::", port: 0)
        #expect(address.host == "::")
        #expect(address.description == "[::]:\(address.port)")
        try await offPool {
            let client = try RawClient(port: address.port)
            #expect(try client.get("/engine.io/?EIO=4&transport=polling").status == 200)
            #expect(try journal.next() == "127.0.0.1")
        }
        await engine.close()
    }
}
