import EngineIO
import Synchronization
import TestSupport
import Testing

/// Protocol.md 3.6.
@Suite struct UpgradeTests {
    @Test func `a session moves to WebSocket`() async throws {
        try await withServer(loops: 4) { server throws in
            for _ in 0..<4 {
                let poller = try server.client()
                let id = try server.openPolling(on: poller)
                try server.beginPoll(id, on: poller)
                let webSocket = try server.client()
                try webSocket.openWebSocket(server.webSocket(id))
                try webSocket.sendText("2probe")
                #expect(try webSocket.receiveText() == "3probe")
                #expect(try poller.response().text == "6")
                // Packets still travel by polling.
                #expect(try poller.post(server.polling(id), "4before").text == "ok")
                #expect(try poller.get(server.polling(id)).text == "4before")
                try webSocket.sendText("5")
                try webSocket.sendText("4after")
                #expect(try webSocket.receiveText() == "4after")
                #expect(try poller.get(server.polling(id)).text == RefusalTests.badRequest)
                #expect(try poller.post(server.polling(id), "4x").text == RefusalTests.badRequest)
                for expected in ["open", "text before", "text after"] {
                    #expect(try server.journal.next() == expected)
                }
                try webSocket.sendClose(1000)
                #expect(try webSocket.receiveClose() == 1000)
                #expect(try server.journal.next() == "close transport close")
            }
        }
    }

    @Test func `a poll that opens while the client is about to switch is answered with a noop`() async throws {
        try await withServer { server throws in
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.sendText("2probe")
            #expect(try webSocket.receiveText() == "3probe")
            for _ in 0..<2 {
                let start = ContinuousClock.now
                #expect(try poller.get(server.polling(id)).text == "6")
                #expect(.now - start < .seconds(3))
            }
            // One that is open when the switch comes ends as well.
            try poller.sendRequest("GET", server.polling(id))
            try webSocket.sendText("5")
            #expect(try poller.response().text == "6")
        }
    }

    @Test func `messages that wait for a poll are flushed on the WebSocket, in order, binary too`() async throws {
        let sockets = Mutex<[EngineSocket]>([])
        try await withServer(onConnection: { socket, journal in
            sockets.withLock { $0.append(socket) }
            journal.append("open")
            socket.onMessage { _ in
                for number in 0..<100 { socket.send(.text("\(number)")) }
                socket.send(.binary([1, 2, 3]))
                socket.send(.text(""))
            }
        }) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.sendText("2probe")
            #expect(try webSocket.receiveText() == "3probe")
            #expect(try client.post(server.polling(id), "4go").text == "ok")
            try webSocket.sendText("5")
            for number in 0..<100 { #expect(try webSocket.receiveText() == "4\(number)") }
            #expect(try webSocket.receiveFrame() == RawFrame(.binary, [1, 2, 3]))
            #expect(try webSocket.receiveText() == "4")
        }
    }

    @Test func `no message is lost, doubled or reordered by an upgrade under load, both ways`() async throws {
        let count = 2000
        try await withServer(
            loops: 4,
            onConnection: { socket, journal in
                let next = Mutex(0)
                socket.onMessage { message in
                    let expected = next.withLock { next in
                        defer { next += 1 }
                        return next
                    }
                    if message != .text("\(expected)") { journal.append("got \(message), expected \(expected)") }
                    if expected == count - 1 { journal.append("all") }
                }
                startThread {
                    for number in 0..<count { socket.send(.text("\(number)")) }
                }
            }
        ) { server throws in
            let poller = try server.client()
            let poster = try server.client()
            let id = try server.openPolling(on: poller)
            let webSocket = try server.client()
            var received: [String] = []
            var sent = 0
            func post(_ amount: Int) throws {
                let body = (sent..<sent + amount).map { "4\($0)" }.joined(separator: "\u{1E}")
                sent += amount
                #expect(try poster.post(server.polling(id), body).text == "ok")
            }
            func poll() throws {
                received += try poller.get(server.polling(id)).text.split(separator: "\u{1E}").map(String.init)
            }
            try post(500)
            try poll()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.sendText("2probe")
            try post(500)
            try poll()
            #expect(try webSocket.receiveText() == "3probe")
            try post(500)
            try poll()
            var frames = RawClient.textFrame("5")
            while sent < count {
                frames += RawClient.textFrame("4\(sent)")
                sent += 1
            }
            try webSocket.send(frames)
            received = received.filter { $0 != "6" }
            while received.count < count { received.append(try webSocket.receiveText()) }
            #expect(received == (0..<count).map { "4\($0)" })
            #expect(try server.journal.next() == "all")
        }
    }

    @Test func `a probe that says nothing is closed in time, and the session stays`() async throws {
        try await withServer(loops: 4) {
            $0.upgradeTimeout = .milliseconds(600)
        } _: { server throws in
            for isProbed in [false, true] {
                let client = try server.client()
                let id = try server.openPolling(on: client)
                let start = ContinuousClock.now
                let webSocket = try server.client()
                try webSocket.openWebSocket(server.webSocket(id))
                if isProbed {
                    try webSocket.sendText("2probe")
                    #expect(try webSocket.receiveText() == "3probe")
                }
                #expect(try webSocket.receiveFrame().opcode == .close)
                #expect(.now - start > .milliseconds(600))
                try webSocket.sendClose()
                #expect(try webSocket.receiveToEnd() == [])
                #expect(try client.post(server.polling(id), "4x").text == "ok")
                #expect(try client.get(server.polling(id)).text == "4x")
                try Self.expectUpgradable(id, server)
            }
        }
    }

    @Test(arguments: [
        [RawClient.textFrame("2")], [RawClient.textFrame("4x")], [RawClient.textFrame("")],
        [RawClient.frame(firstByte: 0x82, Array("2probe".utf8))], [RawClient.frame(firstByte: 0x88, [])],
        [RawClient.textFrame("2probe"), RawClient.textFrame("4x")],
        [RawClient.textFrame("2probe"), RawClient.frame(firstByte: 0x82, [1])],
        [RawClient.textFrame("2probe"), RawClient.frame(firstByte: 0x88, [])],
        [RawClient.textFrame("2probe"), RawClient.frame(firstByte: 0xC1, [])],
    ])
    func `a probe that says something else is closed, and the session stays`(_ frames: [[UInt8]]) async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.send(frames.flatMap { $0 })
            if frames.count > 1 { #expect(try webSocket.receiveText() == "3probe") }
            #expect(try webSocket.receiveFrame().opcode == .close)
            webSocket.close()
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            #expect(try client.get(server.polling(id)).text == "4x")
            try Self.expectUpgradable(id, server)
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "text x")
            #expect(try server.journal.next() == "text upgraded")
        }
    }

    @Test func `a probe that breaks off leaves the session on polling`() async throws {
        try await withServer(loops: 4) { server throws in
            for isProbed in [false, true] {
                for abort in [false, true] {
                    let client = try server.client()
                    let id = try server.openPolling(on: client)
                    let webSocket = try server.client()
                    try webSocket.openWebSocket(server.webSocket(id))
                    if isProbed {
                        try webSocket.sendText("2probe")
                        #expect(try webSocket.receiveText() == "3probe")
                    }
                    if abort { webSocket.abort() } else { webSocket.close() }
                    #expect(try client.post(server.polling(id), "4x").text == "ok")
                    #expect(try client.get(server.polling(id)).text == "4x")
                    try server.expectCensus(sessions: try server.census().sessions, connections: 1)
                    try Self.expectUpgradable(id, server)
                }
            }
        }
    }

    @Test func `a second WebSocket is accepted and closed, and the session does not notice`() async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            func expectClosed() throws {
                let second = try server.client()
                try second.openWebSocket(server.webSocket(id))
                try second.sendText("2probe")
                #expect(try second.receiveFrame().opcode == .close)
                try second.sendClose()
                #expect(try second.receiveToEnd() == [])
            }
            try expectClosed()
            try webSocket.sendText("2probe")
            #expect(try webSocket.receiveText() == "3probe")
            try expectClosed()
            try webSocket.sendText("5")
            try webSocket.sendText("4x")
            #expect(try webSocket.receiveText() == "4x")
            try expectClosed()
            try webSocket.sendText("4y")
            #expect(try webSocket.receiveText() == "4y")
        }
    }

    @Test func `a session that is over WebSocket from the beginning does not upgrade`() async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            let id = try server.openWebSocket(on: client)
            let second = try server.client()
            try second.openWebSocket(server.webSocket(id))
            #expect(try second.receiveFrame().opcode == .close)
            try client.sendText("4x")
            #expect(try client.receiveText() == "4x")
        }
    }

    @Test func `a session that closes takes its probe with it`() async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.sendText("2probe")
            #expect(try webSocket.receiveText() == "3probe")
            #expect(try client.post(server.polling(id), "1").text == "ok")
            #expect(try webSocket.receiveFrame().opcode == .close)
            try webSocket.sendClose()
            _ = try webSocket.receiveToEnd()
            client.close()
            webSocket.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a session that waits for its last poll can be fetched over an upgrade, and is over then`() async throws
    {
        try await withServer(onConnection: { socket, journal in
            socket.onMessage { _ in
                socket.send(.text("last"))
                socket.close()
            }
            socket.onClose { journal.append("close \($0)") }
        }) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            #expect(try server.journal.next() == "close forced close")
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.send(RawClient.textFrame("2probe") + RawClient.textFrame("5"))
            #expect(try webSocket.receiveText() == "3probe")
            #expect(try webSocket.receiveText() == "4last")
            #expect(try webSocket.receiveFrame().opcode == .close)
            try webSocket.sendClose()
            _ = try webSocket.receiveToEnd()
            client.close()
            webSocket.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a session that closes while the client is about to switch lets it switch, and is over then`()
        async throws
    {
        try await withServer(onConnection: { socket, journal in
            socket.onMessage { _ in
                socket.send(.text("last"))
                socket.close()
            }
            socket.onClose { journal.append("close \($0)") }
        }) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.sendText("2probe")
            #expect(try webSocket.receiveText() == "3probe")
            // The client polls no more once it has the answer: what is left reaches it over the WebSocket or never.
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            #expect(try server.journal.next() == "close forced close")
            try webSocket.sendText("5")
            #expect(try webSocket.receiveText() == "4last")
            #expect(try webSocket.receiveFrame().opcode == .close)
            try webSocket.sendClose()
            _ = try webSocket.receiveToEnd()
            client.close()
            webSocket.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    /// Whether a session on polling can still upgrade.
    private static func expectUpgradable(_ id: String, _ server: TestServer) throws {
        let webSocket = try server.client()
        try webSocket.openWebSocket(server.webSocket(id))
        try webSocket.sendText("2probe")
        #expect(try webSocket.receiveText() == "3probe")
        try webSocket.sendText("5")
        try webSocket.sendText("4upgraded")
        #expect(try webSocket.receiveText() == "4upgraded")
    }
}
