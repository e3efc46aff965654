import EngineIO
import TestSupport
import Testing

/// Protocol.md 3.5. Deadlines are measured from outside, so they carry what a loaded machine adds.
@Suite(.serialized) struct HeartbeatTests {
    /// How late a loaded CI may make things; how early nothing may be.
    private static let slack = Duration.seconds(3)

    private static func expect(
        _ elapsed: Duration, isAbout due: Duration, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        print("due after \(due), seen after \(elapsed)")
        #expect(elapsed >= due, sourceLocation: sourceLocation)
        #expect(elapsed < due + slack, sourceLocation: sourceLocation)
    }

    @Test func `a ping comes every interval after the pong, although the timeout is longer`() async throws {
        try await withServer {
            $0.pingInterval = .milliseconds(60)
            $0.pingTimeout = .seconds(20)
        } _: { server throws in
            let client = try server.client()
            // Before the server's clock starts, so that nothing can be early.
            var last = ContinuousClock.now
            try server.openWebSocket(on: client)
            for _ in 0..<4 {
                #expect(try client.receiveText() == "2")
                Self.expect(.now - last, isAbout: .milliseconds(60))
                last = .now
                try client.sendText("3")
            }
        }
    }

    @Test func `a ping over polling ends the poll`() async throws {
        try await withServer {
            $0.pingInterval = .milliseconds(60)
            $0.pingTimeout = .seconds(20)
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            for _ in 0..<3 {
                #expect(try client.get(server.polling(id)).text == "2")
                #expect(try client.post(server.polling(id), "3").text == "ok")
            }
        }
    }

    @Test func `a silent WebSocket is closed when its pong is due`() async throws {
        try await withServer {
            $0.pingInterval = .milliseconds(50)
            $0.pingTimeout = .milliseconds(100)
        } _: { server throws in
            let client = try server.client()
            let start = ContinuousClock.now
            try server.openWebSocket(on: client)
            #expect(try client.receiveText() == "2")
            #expect(try client.receiveFrame().opcode == .close)
            Self.expect(.now - start, isAbout: .milliseconds(150))
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close ping timeout")
            try client.sendClose()
            _ = try client.receiveToEnd()
            client.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a silent polling session ends, and its poll with a close packet`() async throws {
        try await withServer {
            $0.pingInterval = .milliseconds(50)
            $0.pingTimeout = .milliseconds(100)
        } _: { server throws in
            let client = try server.client()
            let start = ContinuousClock.now
            let id = try server.openPolling(on: client)
            #expect(try client.get(server.polling(id)).text == "2")
            #expect(try client.get(server.polling(id)).text == "1")
            Self.expect(.now - start, isAbout: .milliseconds(150))
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close ping timeout")
            try server.expectCensus(sessions: 0, connections: 1)
        }
    }

    @Test func `a session that never polls ends as well`() async throws {
        try await withServer {
            $0.pingInterval = .milliseconds(20)
            $0.pingTimeout = .milliseconds(40)
        } _: { server throws in
            _ = try server.openPolling(on: try server.client())
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close ping timeout")
        }
    }

    @Test func `messages, pings of WebSocket and pongs that nobody asked for do not count as pongs`() async throws {
        try await withServer {
            $0.pingInterval = .milliseconds(60)
            $0.pingTimeout = .milliseconds(100)
        } _: { server throws in
            let client = try server.client()
            let start = ContinuousClock.now
            try server.openWebSocket(on: client)
            try client.send(Array(repeating: RawClient.textFrame("3"), count: 1000).flatMap { $0 })
            #expect(try client.receiveText() == "2")
            for number in 0..<20 {
                try client.sendText("4\(number)")
                try client.send(RawClient.frame(firstByte: 0x89, [UInt8(number)]))
                try client.send(RawClient.frame(firstByte: 0x8A, []))
            }
            _ = try client.receiveClose()
            Self.expect(.now - start, isAbout: .milliseconds(160))
        }
    }

    @Test func `a peer that upgrades between ping and pong and is silent then is found`() async throws {
        try await withServer(loops: 4) {
            $0.pingInterval = .milliseconds(50)
            $0.pingTimeout = .milliseconds(400)
        } _: { server throws in
            let client = try server.client()
            let start = ContinuousClock.now
            let id = try server.openPolling(on: client)
            #expect(try client.get(server.polling(id)).text == "2")
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.sendText("2probe")
            #expect(try webSocket.receiveText() == "3probe")
            try webSocket.sendText("5")
            #expect(try webSocket.receiveFrame().opcode == .close)
            Self.expect(.now - start, isAbout: .milliseconds(450))
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close ping timeout")
        }
    }

    @Test func `the pong may come over the new transport`() async throws {
        try await withServer(loops: 4) {
            $0.pingInterval = .milliseconds(50)
            $0.pingTimeout = .milliseconds(500)
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.get(server.polling(id)).text == "2")
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.send(
                RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("3"))
            #expect(try webSocket.receiveText() == "3probe")
            #expect(try webSocket.receiveText() == "2")
        }
    }
}
