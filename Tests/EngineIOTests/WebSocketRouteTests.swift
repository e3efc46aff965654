import SocketIOWire
import TestSupport
import Testing

@testable import EngineIO

/// WebSockets that an application speaks itself.
@Suite(.timeLimit(.minutes(2))) struct WebSocketRouteTests {
    private static func serveEcho(on server: TestServer, maxMessageBytes: Int? = nil) {
        server.engine.http.webSocket("/echo", maxMessageBytes: maxMessageBytes) { socket in
            for await message in socket { try await socket.send(message) }
            server.journal.append("over \(Task.isCancelled)")
        }
    }

    @Test func `texts and bytes go both ways, whole and in order`() async throws {
        try await withServer { server throws in
            Self.serveEcho(on: server)
            let client = try server.client()
            try client.openWebSocket("/echo")
            try client.send(
                RawClient.textFrame("a") + RawClient.frame(firstByte: 0x82, [1, 2]) + RawClient.textFrame("é")
                    + RawClient.frame(firstByte: 0x01, Array("fr".utf8))
                    + RawClient.frame(firstByte: 0x89, [7]) + RawClient.frame(firstByte: 0x80, Array("ag".utf8)))
            // A pong does not wait for the application.
            var frames: [RawFrame] = []
            for _ in 0..<5 { frames.append(try client.receiveFrame()) }
            #expect(frames.filter { $0.opcode == .pong } == [RawFrame(.pong, [7])])
            #expect(
                frames.filter { $0.opcode != .pong } == [
                    RawFrame(.text, Array("a".utf8)), RawFrame(.binary, [1, 2]), RawFrame(.text, Array("é".utf8)),
                    RawFrame(.text, Array("frag".utf8)),
                ])
            let large = Array(repeating: UInt8(5), count: 900_000)
            try client.sendBinary(large)
            #expect(try client.receiveFrame() == RawFrame(.binary, large))
            try client.sendClose(1000)
            #expect(try client.receiveClose() == 1000)
            #expect(try server.journal.next() == "over true")
            try server.expectUnharmed()
        }
    }

    @Test func `messages come through however their frames are split`() async throws {
        try await withServer { server throws in
            Self.serveEcho(on: server)
            let bytes = RawClient.textFrame("one") + RawClient.frame(firstByte: 0x82, Array(repeating: 9, count: 200))
            let client = try server.client()
            try client.openWebSocket("/echo")
            for split in 1..<bytes.count {
                try client.send(Array(bytes[..<split]))
                try client.send(Array(bytes[split...]))
                #expect(try client.receiveText() == "one")
                #expect(try client.receiveFrame() == RawFrame(.binary, Array(repeating: 9, count: 200)))
            }
        }
    }

    @Test func `what follows the handshake at once is read, and what the handler says first is sent`() async throws {
        try await withServer { server throws in
            server.engine.http.webSocket("/rooms/:id") { socket in
                try await socket.send("room \(socket.request.parameters["id"] ?? "")")
                for await message in socket { try await socket.send(message) }
            }
            let client = try server.client()
            try client.send(
                RawClient.requestBytes("GET", "/rooms/7%2F8", RawClient.upgradeFields) + RawClient.textFrame("hi"))
            #expect(try client.response().status == 101)
            #expect(try client.receiveText() == "room 7/8")
            #expect(try client.receiveText() == "hi")
        }
    }

    @Test func `a handler that ends closes with 1000, and one that fails with 1011, which the log says`() async throws {
        struct Failure: Error {}
        try await withServer { server throws in
            server.engine.http.webSocket("/once") { socket in try await socket.send("bye") }
            server.engine.http.webSocket("/broken") { _ in throw Failure() }
            server.engine.http.webSocket("/own") { socket in
                socket.close(WebSocketCloseCode(rawValue: 4001), reason: "no more")
                do { try await socket.send("late") } catch { server.journal.append("\(type(of: error))") }
                var rest = 0
                for await _ in socket { rest += 1 }
                server.journal.append("\(rest) \(Task.isCancelled)")
            }
            server.engine.http.webSocket("/never") { socket in socket.close(WebSocketCloseCode(rawValue: 1006)) }
            let once = try server.client()
            try once.openWebSocket("/once")
            #expect(try once.receiveText() == "bye")
            #expect(try once.receiveClose() == 1000)
            let broken = try server.client()
            try broken.openWebSocket("/broken")
            #expect(try broken.receiveClose() == 1011)
            let own = try server.client()
            try own.openWebSocket("/own")
            #expect(try own.receiveFrame() == RawFrame(.close, [0x0F, 0xA1] + Array("no more".utf8)))
            #expect(try server.journal.next() == "CancellationError")
            #expect(try server.journal.next() == "0 false")
            let never = try server.client()
            try never.openWebSocket("/never")
            #expect(try never.receiveClose() == 1011)
            let lines = server.log.lines
            #expect(lines.contains("error: WebSocket /broken failed: Failure()"))
            #expect(lines.contains { $0.hasPrefix("warning: a WebSocket is closed with 1011") && $0.contains("1006") })
        }
    }

    @Test func `how the client closed is known afterwards`() async throws {
        try await withServer { server throws in
            server.engine.http.webSocket("/closed") { socket in
                for await _ in socket {}
                let close = await socket.clientClose
                server.journal.append(close.map { "\($0.code?.rawValue ?? 0) \($0.reason)" } ?? "none")
            }
            let said = try server.client()
            try said.openWebSocket("/closed")
            try said.send(RawClient.frame(firstByte: 0x88, [0x0F, 0xA2] + Array("tired".utf8)))
            #expect(try server.journal.next() == "4002 tired")
            #expect(try said.receiveClose() == 4002)
            let bare = try server.client()
            try bare.openWebSocket("/closed")
            try bare.sendClose()
            #expect(try server.journal.next() == "0 ")
            let gone = try server.client()
            try gone.openWebSocket("/closed")
            gone.close()
            #expect(try server.journal.next() == "none")
        }
    }

    @Test(arguments: [true, false])
    func `a client that leaves ends who sends and who waits`(abort: Bool) async throws {
        try await withServer { server throws in
            server.engine.http.webSocket("/both") { socket in
                try? await socket.send("first")
                do {
                    while true { try await socket.send(Array(repeating: 0, count: 100_000)) }
                } catch {
                    server.journal.append("\(type(of: error)) \(Task.isCancelled)")
                }
            }
            server.engine.http.webSocket("/quiet") { socket in
                try? await socket.send("first")
                try? await Task.sleep(for: .seconds(3600))
                server.journal.append("cancelled \(Task.isCancelled)")
            }
            for (path, line) in [("/both", "CancellationError true"), ("/quiet", "cancelled true")] {
                let client = try server.client(receiveBuffer: 8192)
                try client.openWebSocket(path)
                #expect(try client.receiveText() == "first")
                if abort { client.abort() } else { client.close() }
                #expect(try server.journal.next() == line)
            }
            try server.expectUnharmed()
        }
    }

    @Test func `a handler that does not read stops the reading, and goes on where it was`() async throws {
        try await withServer({ $0.limits.webSocketInboxBytes = 10_000 }) { server throws in
            let gate = Gate()
            server.engine.http.webSocket("/late") { socket in
                await gate.wait()
                var count = 0
                for await message in socket {
                    guard case .text(let text) = message else { continue }
                    if text.utf8.count == 1000 { count += 1 } else { try await socket.send("\(count) \(text)") }
                }
            }
            let client = try server.client(patience: .seconds(2))
            try client.openWebSocket("/late")
            let message = RawClient.textFrame(String(repeating: "x", count: 1000))
            var sent = 0
            // Until the buffers of the kernel are full.
            while sent < 100_000, (try? client.send(message)) != nil { sent += 1 }
            #expect(sent < 100_000)
            #expect(try server.inboxBytes().reduce(0, +) < 10_000 + 1064 + 300_000)
            client.close()
            gate.open()
        }
    }

    @Test func `what is sent while nobody reads arrives once somebody does`() async throws {
        try await withServer({
            $0.limits.webSocketInboxBytes = 1000
            $0.limits.webSocketInboxBytesTotal = 2000
        }) { server throws in
            let gate = Gate()
            server.engine.http.webSocket("/late") { socket in
                await gate.wait()
                var next = 0
                for await message in socket {
                    if message != .text("\(next)") { server.journal.append("not \(next): \(message)") }
                    next += 1
                    if next == 5000 { try await socket.send("all") }
                }
                server.journal.append("\(next)")
            }
            let clients = try (0..<5).map { _ in try server.client() }
            for client in clients {
                try client.openWebSocket("/late")
                for number in 0..<5000 { try client.sendText("\(number)") }
            }
            gate.open()
            for client in clients {
                #expect(try client.receiveText() == "all")
                try client.sendClose(1000)
                #expect(try client.receiveClose() == 1000)
                #expect(try server.journal.next() == "5000")
            }
            #expect(try server.inboxBytes().allSatisfy { $0 == 0 })
            try server.expectUnharmed()
        }
    }

    @Test func `who sends waits for a client that does not read, and leaves the loop to others`() async throws {
        try await withServer(loops: 1) { server throws in
            let made = Count()
            server.engine.http.webSocket("/endless") { socket in
                while true {
                    try await socket.send(Array(repeating: 1, count: 5000))
                    made.add()
                }
            }
            let slow = try server.client(receiveBuffer: 8192)
            try slow.openWebSocket("/endless")
            var seen = -1
            while seen != made.value {
                seen = made.value
                _ = try server.client().isSilent(for: .milliseconds(100))
            }
            #expect(try server.unsent().allSatisfy { $0 <= 64 * 1024 + 5010 })
            let (port, isOver) = (server.port, Count())
            startThread {
                guard let reader = try? RawClient(port: port) else { return }
                try? reader.openWebSocket("/endless")
                while isOver.value == 0, (try? reader.receive(100_000)) != nil {}
            }
            for _ in 0..<50 { #expect(try server.get("/none").status == 404) }
            isOver.add()
        }
    }

    @Test func `a task that is cancelled waits neither for a message nor for room`() async throws {
        try await withServer { server throws in
            server.engine.http.webSocket("/clock") { socket in
                await withThrowingTaskGroup { group in
                    group.addTask {
                        while true { try await socket.send(Array(repeating: 1, count: 50_000)) }
                    }
                    group.addTask {
                        for await _ in socket { server.journal.append("message") }
                        server.journal.append("read \(Task.isCancelled)")
                    }
                    group.addTask(executorPreference: globalConcurrentExecutor) {
                        for await _ in socket { server.journal.append("message") }
                        server.journal.append("read \(Task.isCancelled)")
                    }
                    await Task.yield()
                    group.cancelAll()
                }
                server.journal.append("all")
            }
            let client = try server.client(receiveBuffer: 8192)
            try client.openWebSocket("/clock")
            #expect(try server.journal.next() == "read true")
            #expect(try server.journal.next() == "read true")
            #expect(try server.journal.next() == "all")
            #expect(try client.receiveClose() == 1000)
        }
    }

    @Test func `a server that closes says 1001, and the handler is cancelled`() async throws {
        try await withServer { server throws in
            Self.serveEcho(on: server)
            let client = try server.client()
            try client.openWebSocket("/echo")
            try client.sendText("x")
            #expect(try client.receiveText() == "x")
            let engine = server.engine
            startOffPool { await engine.close() }
            #expect(try client.receiveClose() == 1001)
            #expect(try server.journal.next() == "over true")
        }
    }

    @Test func `the first subprotocol of the client that the route knows is spoken`() async throws {
        try await withServer { server throws in
            server.engine.http.webSocket("/names", subprotocols: ["chat.v2", "chat.v1"]) { socket in
                try await socket.send(socket.subprotocol ?? "none")
            }
            for (offer, chosen) in [
                ("other, chat.v1, chat.v2", "chat.v1"), ("chat.v2", "chat.v2"), ("Chat.v2", nil), ("other", nil),
                (nil, nil),
            ] as [(String?, String?)] {
                let client = try server.client()
                let response = try client.upgrade("/names", offer.map { [("Sec-WebSocket-Protocol", $0)] } ?? [])
                #expect(response.status == 101)
                #expect(response["sec-websocket-protocol"] == chosen)
                #expect(try client.receiveText() == chosen ?? "none")
            }
            #expect(try server.upgrade("/names", [("Sec-WebSocket-Protocol", "a, a")]).status == 400)
        }
    }

    @Test func `pages of other origins are refused, unless the route or the server lets them`() async throws {
        try await withServer({ $0.cors = .origins("https://known.example") }) { server throws in
            server.engine.http.webSocket("/own") { _ in }
            server.engine.http.webSocket("/open", cors: .any) { _ in }
            func status(_ path: String, _ origin: String) throws -> Int {
                try server.upgrade(path, [("Origin", origin)]).status
            }
            #expect(try status("/own", "https://evil.example") == 403)
            #expect(try status("/own", "https://known.example") == 101)
            #expect(try status("/own", "http://localhost") == 101)
            #expect(try status("/open", "https://evil.example") == 101)
            #expect(server.log.lines.contains { $0.contains("page of another origin refused") })
        }
    }

    @Test func `who asks for no WebSocket is told to, unless there is a page`() async throws {
        try await withServer { server throws in
            Self.serveEcho(on: server)
            server.engine.http.webSocket("/page") { _ in }
            server.engine.http.get("/page") { _ in .text("page") }
            let response = try server.get("/echo")
            #expect(response.status == 426)
            #expect(response["upgrade"] == "websocket")
            #expect(try server.get("/page").text == "page")
            #expect(try server.upgrade("/page").status == 101)
            #expect(try server.upgrade("/none").status == 404)
            #expect(try server.upgrade("/echo/").status == 404)
        }
    }

    @Test(arguments: [
        (RawClient.frame(firstByte: 0x81, Array("x".utf8), mask: nil), 1002),
        (RawClient.frame(firstByte: 0x81, [0xFF]), 1007),
        (RawClient.frame(firstByte: 0x82, Array(repeating: 0, count: 1001)), 1009),
        (RawClient.frame(firstByte: 0x88, [0x03, 0xEE]), 1002),
    ])
    func `a client that breaks a rule or a limit is closed, and nobody else harmed`(bytes: [UInt8], code: Int)
        async throws
    {
        try await withServer { server throws in
            Self.serveEcho(on: server, maxMessageBytes: 1000)
            let client = try server.client()
            try client.openWebSocket("/echo")
            try client.sendBinary(Array(repeating: 0, count: 1000))
            #expect(try client.receiveFrame().payload.count == 1000)
            try client.send(bytes)
            #expect(try client.receiveClose() == code)
            #expect(try server.journal.next() == "over true")
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test func `a silent client is pinged, and closed if it stays silent`() async throws {
        try await withServer({
            $0.pingInterval = .milliseconds(50)
            $0.pingTimeout = .seconds(1)
        }) { server throws in
            Self.serveEcho(on: server)
            let client = try server.client()
            try client.openWebSocket("/echo")
            for _ in 0..<3 {
                #expect(try client.receiveFrame() == RawFrame(.ping, []))
                try client.send(RawClient.frame(firstByte: 0x8A, []))
            }
            #expect(try client.receiveClose() == 1008)
            #expect(try server.journal.next() == "over true")
        }
    }

    @Test func `a message over bufferedBytes reaches a client that reads it slowly`() async throws {
        try await withServer({ $0.limits.bufferedBytes = 100_000 }) { server throws in
            let count = 8_000_000
            server.engine.http.webSocket("/large") { socket in
                try await socket.send([UInt8](repeating: 1, count: count))
            }
            let client = try server.client(receiveBuffer: 8192)
            try client.openWebSocket("/large")
            let frame = try client.receiveFrame()
            #expect(frame.payload.count == count && frame.payload.allSatisfy { $0 == 1 })
            #expect(try client.receiveClose() == 1000)
        }
    }

    @Test func `a client that takes nothing for stallTime is given up`() async throws {
        try await withServer({ $0.limits.stallTime = .milliseconds(100) }) { server throws in
            server.engine.http.webSocket("/endless") { socket in
                do {
                    while true { try await socket.send(Array(repeating: 1, count: 50_000)) }
                } catch {
                    server.journal.append("\(type(of: error)) \(Task.isCancelled)")
                }
            }
            let client = try server.client(receiveBuffer: 8192)
            try client.openWebSocket("/endless")
            #expect(try server.journal.next() == "CancellationError true")
            client.close()
        }
    }

    @Test func `webSocketInboxBytesTotal holds for all clients, whatever each may have`() async throws {
        try await withServer(loops: 1) {
            $0.limits.webSocketInboxBytes = 10_000_000
            $0.limits.webSocketInboxBytesTotal = 2000
        } _: { server throws in
            let gate = Gate()
            server.engine.http.webSocket("/late") { socket in
                await gate.wait()
                for await _ in socket {}
            }
            let message = RawClient.textFrame(String(repeating: "x", count: 1000))
            let clients = try (0..<2).map { _ in try server.client(patience: .seconds(2)) }
            for client in clients {
                try client.openWebSocket("/late")
                var sent = 0
                while sent < 20_000, (try? client.send(message)) != nil { sent += 1 }
            }
            #expect(try server.inboxBytes().reduce(0, +) < 2000 + 2 * (1064 + 300_000))
            for client in clients { client.close() }
            gate.open()
        }
    }
}

extension TestServer {
    /// What waits on each loop for the handlers of WebSocket routes.
    fileprivate func inboxBytes() throws -> [Int] {
        try onEachShard { $0.inboxes.byteCount }
    }
}
