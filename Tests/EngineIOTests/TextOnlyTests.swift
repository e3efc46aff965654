import EngineIO
import TestSupport
import Testing

/// Protocol.md 2.2: clients that write bytes as text, and want to read them so (`forceBase64`).
@Suite struct TextOnlyTests {
    @Test func `bytes written as text are a binary message on a WebSocket`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            for text in ["bAQID", "bAQ\nID\n", "b"] { try client.sendText(text) }
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "binary [1, 2, 3]")
            #expect(try server.journal.next() == "binary [1, 2, 3]")
            #expect(try server.journal.next() == "binary []")
            for bytes in [[1, 2, 3], [1, 2, 3], []] as [[UInt8]] {
                #expect(try client.receiveFrame() == RawFrame(.binary, bytes))
            }
        }
    }

    @Test func `such a message may come in any pieces`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            let frame = RawClient.textFrame("bAQID")
            for cut in 1..<frame.count {
                for piece in frame.cut(at: [cut]) { try client.send(piece) }
                #expect(try client.receiveFrame() == RawFrame(.binary, [1, 2, 3]))
            }
            for (first, second) in [("b", "AQID"), ("bA", "QID"), ("bAQID", "")] {
                try client.send(RawClient.frame(firstByte: 0x01, Array(first.utf8)))
                try client.send(RawClient.frame(firstByte: 0x80, Array(second.utf8)))
                #expect(try client.receiveFrame() == RawFrame(.binary, [1, 2, 3]))
            }
        }
    }

    @Test func `with b64 in the query bytes go out as text, small and large`() async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            try client.openWebSocket("\(server.webSocket)&b64=1")
            _ = try client.receiveText()
            try client.sendBinary([1, 2, 3])
            #expect(try client.receiveText() == "bAQID")
            try client.sendText("b")
            #expect(try client.receiveText() == "b")
            try client.sendText("4text")
            #expect(try client.receiveText() == "4text")
            try client.sendBinary(Array(repeating: 0, count: 90_000))
            #expect(try client.receiveText() == "b" + String(repeating: "A", count: 120_000))
        }
    }

    @Test(arguments: ["", "&b64", "&b64=", "&B64=1"])
    func `without it they go out as they are`(_ query: String) async throws {
        try await withServer { server throws in
            let client = try server.client()
            try client.openWebSocket(server.webSocket + query)
            _ = try client.receiveText()
            try client.sendText("bAQID")
            #expect(try client.receiveFrame() == RawFrame(.binary, [1, 2, 3]))
        }
    }

    @Test(arguments: [true, false])
    func `an upgrade says it for the WebSocket`(_ wantsText: Bool) async throws {
        try await withServer(loops: 4) { server throws in
            for _ in 0..<4 {
                let poller = try server.client()
                let id = try #require(TestServer.sessionID(in: try poller.get(server.polling + "&b64=1").text))
                #expect(try poller.post(server.polling(id), "bAQID").text == "ok")
                let client = try server.client()
                try client.openWebSocket(server.webSocket(id) + (wantsText ? "&b64=1" : ""))
                // A second one is closed, and says nothing about the first.
                let second = try server.client()
                try second.openWebSocket(server.webSocket(id) + (wantsText ? "" : "&b64=1"))
                _ = try second.receiveClose()
                try client.sendText("2probe")
                #expect(try client.receiveText() == "3probe")
                try client.sendText("5")
                // What waited comes first.
                for _ in 0..<2 {
                    let frame = try client.receiveFrame()
                    #expect(frame == (wantsText ? RawFrame(.text, Array("bAQID".utf8)) : RawFrame(.binary, [1, 2, 3])))
                    try client.sendText("bAQID")
                }
            }
        }
    }
}
