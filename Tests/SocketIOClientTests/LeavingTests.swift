import SocketIO
import SocketIOClient
import TestSupport
import Testing

/// Ends at moments when the server is not done with the beginning.
@Suite struct LeavingTests {
    @Test(arguments: Mode.allCases) func `closed while the handshake is decided, leaves no session to the heartbeat`(
        mode: Mode
    ) async throws {
        let (asked, answer) = (Lines(), Gate())
        try await serve({ configuration in
            configuration.engine.allowRequest = { _ in
                asked.append("asked")
                await answer.wait()
            }
        }) { io, url in
            let manager = ClientManager(url: url, mode.configure)
            manager.socket().open()
            #expect(await asked.wait(for: 1) == ["asked"])
            async let closed: Void = manager.close()
            answer.open()
            await closed
            #expect(await eventually { await io.counts() == SocketIOServer.Holdings(descriptors: 1) })
        }
    }

    @Test(arguments: Mode.allCases) func `disconnected at any moment, leaves no session to the heartbeat`(mode: Mode)
        async throws
    {
        try await serve { io, url in
            try await withManager(url, mode.configure) { manager in
                let socket = manager.socket()
                for delay in 0..<50 {
                    socket.open()
                    try await Task.sleep(for: .microseconds(delay * 60))  // another moment each time
                    socket.disconnect()
                }
                #expect(await eventually { await io.counts() == SocketIOServer.Holdings(descriptors: 1) })
            }
        }
    }

    @Test func `a server that does not answer the handshake delays close by closeTime, no longer`() async throws {
        let asked = Lines()
        let server = try ScriptedServer { connection in
            _ = try connection.readRequest()
            asked.append("asked")
            try connection.readToEnd()
        }
        defer { server.stop() }
        let manager = ClientManager(url: server.url) { configuration in
            configuration.transports = [.polling]
            configuration.limits.closeTime = .milliseconds(50)
        }
        manager.socket().open()
        #expect(await asked.wait(for: 1) == ["asked"])
        let start = ContinuousClock.now
        await manager.close()
        // Far below the 20 seconds that the answer might have taken.
        #expect(start.duration(to: .now) < .seconds(5))
    }
}
