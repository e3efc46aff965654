import EngineIO
import TestSupport
import Testing

/// Protocol.md 3.7, and the close codes of 1.5.
@Suite struct CloseReasonTests {
    private static func expectClosed(
        _ reason: String, code: Int?, after bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withServer { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            try client.send(bytes)
            #expect(try client.receiveClose() == code, sourceLocation: sourceLocation)
            var last = ""
            while !last.hasPrefix("close") { last = try server.journal.next() }
            #expect(last == "close \(reason)", sourceLocation: sourceLocation)
            try client.sendClose()
            _ = try client.receiveToEnd()
            client.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a close frame is answered with its own code`() async throws {
        try await Self.expectClosed("transport close", code: 1000, after: RawClient.frame(firstByte: 0x88, [3, 0xE8]))
        try await Self.expectClosed("transport close", code: 4321, after: RawClient.frame(firstByte: 0x88, [16, 225]))
        try await Self.expectClosed("transport close", code: nil, after: RawClient.frame(firstByte: 0x88, []))
    }

    @Test func `a ping from the client has the wrong direction`() async throws {
        try await Self.expectClosed("transport error", code: 1002, after: RawClient.textFrame("2"))
    }

    @Test(arguments: ["", "7", "B", "x4"])
    func `a message that is no packet is a parse error`(_ text: String) async throws {
        try await Self.expectClosed("parse error", code: 1002, after: RawClient.textFrame(text))
    }

    @Test(
        arguments: [
            ([0xC1, 0x80, 0, 0, 0, 0], 1002), ([0x81, 0x01, 0x34], 1002), ([0x83, 0x80, 0, 0, 0, 0], 1002),
            ([0x09, 0x80, 0, 0, 0, 0], 1002), ([0x80, 0x80, 0, 0, 0, 0], 1002), ([0x88, 0x81, 0, 0, 0, 0, 3], 1002),
            ([0x88, 0x82, 0, 0, 0, 0, 3, 0xEC], 1002), ([0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007),
            ([0x81, 0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0], 1009),
        ] as [([UInt8], Int)])
    func `a violation of RFC 6455 is a transport error`(_ bytes: [UInt8], _ code: Int) async throws {
        try await Self.expectClosed("transport error", code: code, after: bytes)
    }

    @Test func `a connection that breaks is a transport error, one that ends a transport close`() async throws {
        try await withServer { server throws in
            for (abort, reason) in [(true, "transport error"), (false, "transport close")] {
                let client = try server.client()
                try server.openWebSocket(on: client)
                if abort { client.abort() } else { client.close() }
                #expect(try server.journal.next() == "open")
                #expect(try server.journal.next() == "close \(reason)")
                try server.expectCensus(sessions: 0, connections: 0)
            }
        }
    }

    @Test func `packets that mean nothing from a client are ignored`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            for text in ["0", "1", "5", "6", "3probe", "0{}", "4x"] { try client.sendText(text) }
            #expect(try client.receiveText() == "4x")
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            #expect(try poller.post(server.polling(id), "0\u{1E}5\u{1E}6\u{1E}4y").text == "ok")
            #expect(try poller.get(server.polling(id)).text == "4y")
        }
    }

    @Test func `the application's close ends a WebSocket in order, after what was sent`() async throws {
        try await withServer(onConnection: { socket, journal in
            socket.onMessage { _ in
                socket.send(.text("last"))
                socket.close()
                socket.send(.text("too late"))
                socket.close()
            }
            socket.onClose { journal.append("close \($0)") }
        }) { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            try client.send(RawClient.textFrame("4x") + RawClient.textFrame("4y"))
            #expect(try client.receiveText() == "4last")
            #expect(try client.receiveFrame().closeCode == 1000)
            #expect(try server.journal.next() == "close forced close")
            try client.sendText("4ignored")
            try client.sendClose(1000)
            #expect(try client.receiveToEnd() == [])
            client.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a close within onConnection works on both transports`() async throws {
        try await withServer(onConnection: { socket, journal in
            socket.onClose { journal.append("close \($0)") }
            socket.send(.text("bye"))
            socket.close()
        }) { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            #expect(try client.receiveText() == "4bye")
            #expect(try client.receiveFrame().opcode == .close)
            #expect(try server.journal.next() == "close forced close")
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            #expect(try poller.get(server.polling(id)).text == "4bye")
            #expect(try poller.get(server.polling(id)).text == "1")
            #expect(try server.journal.next() == "close forced close")
            client.close()
            poller.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }
}
