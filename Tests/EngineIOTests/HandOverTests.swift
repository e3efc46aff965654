import EngineIO
import TestSupport
import Testing

/// A request lands on any loop, its session lives on one: the connection goes there, with all that it brought.
@Suite struct HandOverTests {
    @Test func `200 sessions on four loops poll, post and upgrade on connections of any loop`() async throws {
        try await withServer(loops: 4) { server throws in
            var ids: [String] = []
            for _ in 0..<200 { ids.append(try server.openPolling(on: try server.client())) }
            #expect(Set(ids).count == 200)
            for (number, id) in ids.enumerated() {
                let poller = try server.client()
                try poller.sendRequest("GET", server.polling(id))
                #expect(try server.post(server.polling(id), "4first \(number)").text == "ok")
                #expect(try poller.response().text == "4first \(number)")
            }
            var webSockets: [RawClient] = []
            for (number, id) in ids.enumerated() where number % 2 == 0 {
                let webSocket = try server.client()
                try webSocket.openWebSocket(server.webSocket(id))
                try webSocket.send(
                    RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4\(number)"))
                webSockets.append(webSocket)
            }
            for (index, webSocket) in webSockets.enumerated() {
                #expect(try webSocket.receiveText() == "3probe")
                #expect(try webSocket.receiveText() == "4\(index * 2)")
            }
            for (number, id) in ids.enumerated() where number % 2 == 1 {
                #expect(try server.post(server.polling(id), "4x").text == "ok")
                #expect(try server.get(server.polling(id)).text == "4x")
                #expect(try server.post(server.polling(id), "1").text == "ok")
            }
            try server.expectCensus(sessions: 100, connections: 100)
            for webSocket in webSockets { webSocket.close() }
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `one connection can serve sessions of all loops, one request after the other and pipelined`()
        async throws
    {
        try await withServer(loops: 4) { server throws in
            let ids = try (0..<16).map { _ in try server.openPolling(on: try server.client()) }
            let client = try server.client()
            for (number, id) in ids.enumerated() {
                #expect(try client.post(server.polling(id), "4\(number)").text == "ok")
                #expect(try client.get(server.polling(id)).text == "4\(number)")
            }
            var requests: [UInt8] = []
            for (number, id) in ids.enumerated() {
                requests += RawClient.requestBytes("POST", server.polling(id), body: Array("4\(number)".utf8))
                requests += RawClient.requestBytes("GET", server.polling(id))
                requests += RawClient.requestBytes("GET", "/engine.io/?EIO=4")
            }
            try client.send(requests)
            for number in ids.indices {
                #expect(try client.response().text == "ok")
                #expect(try client.response().text == "4\(number)")
                #expect(try client.response().text == RefusalTests.transportUnknown)
            }
            try server.expectCensus(sessions: 16, connections: 1)
        }
    }

    @Test func `a request that is cut anywhere is put together on the session's loop`() async throws {
        try await withServer(loops: 4) { server throws in
            let id = try server.openPolling(on: try server.client())
            let request = RawClient.requestBytes("POST", server.polling(id), body: Array("4abc\u{1E}bAQ==".utf8))
            for cut in 1..<request.count {
                let client = try server.client()
                try client.send(Array(request[..<cut]))
                try client.send(Array(request[cut...]) + RawClient.requestBytes("GET", server.polling(id)))
                #expect(try client.response().text == "ok", "cut at \(cut)")
                #expect(try client.response().text == "4abc\u{1E}bAQ==", "cut at \(cut)")
            }
        }
    }

    @Test func `a chunked body that is cut anywhere is put together on the session's loop`() async throws {
        try await withServer(loops: 4) { server throws in
            let id = try server.openPolling(on: try server.client())
            let chunks = "3\r\n4ab\r\n2;x=y\r\nc\u{1E}\r\n1\r\n4\r\n0\r\nTrailer: t\r\n\r\n"
            let request = RawClient.requestBytes(
                "POST", server.polling(id), [("Transfer-Encoding", "chunked")], body: Array(chunks.utf8))
            for cut in 1..<request.count {
                let client = try server.client()
                try client.send(Array(request[..<cut]))
                try client.send(Array(request[cut...]) + RawClient.requestBytes("GET", server.polling(id)))
                #expect(try client.response().text == "ok", "cut at \(cut)")
                #expect(try client.response().text == "4abc\u{1E}4", "cut at \(cut)")
            }
        }
    }

    @Test func `an upgrade that is cut anywhere, with its first frames behind it, moves to the session's loop`()
        async throws
    {
        try await withServer(loops: 4) { server throws in
            let size = RawClient.requestBytes(
                "GET", server.webSocket(String(repeating: "a", count: 20)), RawClient.upgradeFields
            ).count
            for cut in stride(from: 1, to: size + 20, by: 3) {
                let id = try server.openPolling(on: try server.client())
                let request =
                    RawClient.requestBytes("GET", server.webSocket(id), RawClient.upgradeFields)
                    + RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4x")
                let client = try server.client()
                try client.send(Array(request[..<cut]))
                try client.send(Array(request[cut...]))
                #expect(try client.response().status == 101)
                #expect(try client.receiveText() == "3probe")
                #expect(try client.receiveText() == "4x")
            }
        }
    }

    @Test func `a client that leaves during a hand-over leaves nothing behind`() async throws {
        try await withServer(loops: 4) { server throws in
            let id = try server.openPolling(on: try server.client())
            for number in 0..<100 {
                let client = try server.client()
                let body = Array("4x".utf8)
                let post = RawClient.requestBytes("POST", server.polling(id + "x"), body: body)
                let upgrade = RawClient.requestBytes("GET", server.webSocket(id + "x"), RawClient.upgradeFields)
                try client.send(number % 2 == 0 ? post : upgrade)
                if number % 4 < 2 { client.abort() } else { client.finish() }
            }
            #expect(try server.post(server.polling(id), "4x\u{1E}1").text == "ok")
            try server.expectUnharmed()
        }
    }
}
