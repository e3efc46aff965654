import SocketIO
import SocketIOClient
import SocketIOTesting
import Testing

@Suite struct ReconnectTests {
    @Test(arguments: Mode.allCases) func `comes back after the server is restarted, and sends what waited`(mode: Mode)
        async throws
    {
        let lines = Lines()
        let io = SocketIOServer(serverConfiguration())
        io.onConnection { socket in socket.on("note") { (text: String) in lines.append(text) } }
        try await TestServer.run(io) { app in
            let ada = app.makeClient(transports: [], mode.configure)
            let (life, socket) = (Lines(), ada.socket)
            socket.manager.onReconnectAttempt { _ in life.append("attempt") }
            socket.manager.onReconnectError { _ in life.append("error") }
            socket.manager.onReconnect { _ in life.append("reconnect") }
            socket.onDisconnect { reason in life.append("disconnect \(reason) \(socket.isActive)") }
            socket.onConnect { life.append("connect") }
            try await ada.connect()
            ada.emit("note", "before")
            try await app.settle()
            #expect(lines.all == ["before"])
            await app.stop()
            _ = try await ada.disconnected()
            for number in 0..<10 { ada.emit("note", "\(number)") }
            try await app.advance(by: .seconds(4))
            try await app.start()
            try await app.advance(by: .seconds(5))
            #expect(lines.all == ["before"] + (0..<10).map(String.init))
            // A poll that the server cuts off or answers with 503, because it arrives while the server closes, is a
            // transport error, as in the official client.
            let reasons = mode == .webSocket ? ["transport close"] : ["transport close", "transport error"]
            let rest = ["attempt", "error", "attempt", "error", "attempt", "reconnect", "connect"]
            #expect(reasons.map { ["connect", "disconnect \($0) true"] + rest }.contains(life.all))
        }
    }

    @Test func `leaves a server that goes away for the next one within a tenth of the wait`() async throws {
        try await TestServer.run(SocketIOServer(serverConfiguration())) { app in
            let ada = try await app.client(transports: [.webSocket])
            let life = Lines()
            ada.socket.onDisconnect { reason in life.append("\(reason)") }
            ada.socket.onConnect { life.append("connect") }
            try await app.advance(by: .seconds(1))
            await app.stop()
            _ = try await ada.disconnected()
            try await app.start()
            try await app.advance(by: .milliseconds(100))
            #expect(life.all == ["transport close", "connect"])
            // The next one goes away before the wait would be over.
            await app.stop()
            _ = try await ada.disconnected()
            try await app.start()
            try await app.advance(by: .milliseconds(999))
            #expect(life.all.count == 3)
            try await app.advance(by: .milliseconds(1))
            #expect(life.all == ["transport close", "connect", "transport close", "connect"])
        }
    }

    @Test func `gives up after the attempts that are allowed`() async throws {
        try await TestServer.run(SocketIOServer(serverConfiguration())) { app in
            let ada = try await app.client { $0.reconnection.attempts = 3 }
            let life = Lines()
            ada.socket.manager.onReconnectAttempt { attempt in life.append("\(attempt)") }
            ada.socket.manager.onReconnectFailed { life.append("failed") }
            try await ada.setNetwork(.down)
            // After 1, 2 and 4 seconds.
            try await app.advance(by: .milliseconds(6_999))
            #expect(life.all == ["1", "2"] && ada.socket.isActive)
            try await app.advance(by: .milliseconds(1))
            #expect(life.all == ["1", "2", "3", "failed"] && !ada.socket.isActive)
            // It can be asked again, and then counts anew.
            let again = Task { try await ada.socket.connect(timeout: nil) }
            while !ada.socket.isActive { await Task.yield() }
            try await app.advance(by: .seconds(7))
            let error = await #expect(throws: ClientError.self) { try await again.value }
            #expect(error?.code == .attemptsUsedUp)
        }
    }

    @Test func `stays away after disconnect, also while it waits to reconnect`() async throws {
        try await TestServer.run(SocketIOServer(serverConfiguration())) { app in
            let ada = try await app.client()
            let life = Lines()
            ada.socket.manager.onReconnectAttempt { _ in life.append("attempt") }
            try await ada.setNetwork(.down)
            try await app.advance(by: .seconds(2))
            #expect(life.all == ["attempt"] && ada.socket.isActive)
            ada.disconnect()
            try await app.advance(by: .seconds(3600))
            #expect(life.all == ["attempt"] && !ada.socket.isActive)
        }
    }

    @Test func `stays away when the server disconnects it, and can be asked to come back`() async throws {
        try await serve { io, url in
            io.onConnection { socket in socket.on("out") { () in socket.disconnect() } }
            try await withManager(url) { manager in
                let life = Lines()
                let socket = manager.socket()
                socket.onDisconnect { reason in life.append("\(reason) \(socket.isActive)") }
                try await socket.connect()
                socket.emit("out")
                #expect(await life.wait(for: 1) == ["io server disconnect false"])
                #expect(await eventually { await io.counts().sessions == 0 })
                try await socket.connect()
                #expect(socket.isConnected)
            }
        }
    }

    @Test func `emitWithAck fails at once when the connection is lost, and acked events are handled once`() async throws
    {
        let lines = Lines()
        let io = SocketIOServer(serverConfiguration())
        io.onConnection { socket in
            socket.on("silent") { (_: Ack<>) in lines.append("silent") }
        }
        try await TestServer.run(io) { app in
            let ada = try await app.client()
            async let answer: Result<Int, AckError> = {
                do throws(AckError) {
                    return .success(try await ada.socket.emitWithAck("silent"))
                } catch {
                    return .failure(error)
                }
            }()
            #expect(await lines.wait(for: 1) == ["silent"])
            try await ada.cut()
            #expect(await answer == .failure(AckError(.disconnected)))
            try await app.advance(by: .seconds(1))
            #expect(ada.isConnected && lines.all == ["silent"])
        }
    }

    @Test(arguments: Mode.allCases) func `close leaves nothing behind, whatever it interrupts`(mode: Mode) async throws
    {
        // With the default heartbeat, which takes longer than the test waits: nothing is left to it.
        try await serve { io, url in
            io.onConnection { _ in }
            func interrupt(after delay: Duration) async throws {
                try await withManager(url, mode.configure) { manager in
                    let socket = manager.socket()
                    socket.open()
                    socket.emit("x")
                    try await Task.sleep(for: delay)
                }
            }
            // The first client starts the loops that all share, and the first sleep the runtime's timer: both stay.
            try await interrupt(after: .milliseconds(10))
            #expect(await eventually { await io.counts().sessions == 0 })
            let before = Descriptors.count
            // Into each phase of the handshake, the upgrade and after it.
            for delay in 0..<40 { try await interrupt(after: .microseconds(delay * 100)) }
            #expect(await eventually { await io.counts().sessions == 0 })
            #expect(await eventually { Descriptors.count <= before })
        }
    }
}
