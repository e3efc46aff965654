import EngineIO
import TestSupport
import Testing

/// Protocol.md 2.3 and 3.3.
@Suite struct PollingTests {
    @Test func `a poll waits until there is something to say`() async throws {
        try await withServer { server throws in
            let poller = try server.client()
            let poster = try server.client()
            let id = try server.openPolling(on: poller)
            try server.beginPoll(id, on: poller)
            let posted = try poster.post(server.polling(id), "4hello")
            #expect(posted.text == "ok")
            #expect(posted["content-type"] == "text/html")
            #expect(posted["cache-control"] == "no-store")
            let polled = try poller.response()
            #expect(polled.text == "4hello")
            #expect(polled["content-type"] == "text/plain; charset=UTF-8")
            #expect(polled["cache-control"] == "no-store")
        }
    }

    @Test func `each request may have a connection of its own, and end it`() async throws {
        try await withServer(loops: 4) { server throws in
            let close = [("Connection", "close")]
            let opened = try server.get(server.polling, close)
            #expect(opened["connection"] == "close")
            let id = try #require(TestServer.sessionID(in: opened.text))
            for number in 0..<8 {
                let poller = try server.client()
                try poller.sendRequest("GET", server.polling(id), close)
                #expect(try server.post(server.polling(id), "4\(number)", close).text == "ok")
                let polled = try poller.response()
                #expect((polled.text, polled["connection"]) == ("4\(number)", "close"))
                #expect(try poller.receiveToEnd() == [])
            }
            #expect(try server.post(server.polling(id), "1", close).text == "ok")
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `the packets of one payload are answered in one`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(
                try client.post(server.polling(id), "4a\u{1E}4\u{1E}4é\u{1F600}\u{1E}bAQID\u{1E}4\u{0}").text == "ok")
            #expect(try client.get(server.polling(id)).text == "4a\u{1E}4\u{1E}4é\u{1F600}\u{1E}bAQID\u{1E}4\u{0}")
            for expected in ["open", "text a", "text ", "text é\u{1F600}", "binary [1, 2, 3]", "text \u{0}"] {
                #expect(try server.journal.next() == expected)
            }
        }
    }

    @Test(
        arguments: [
            ("b", []), ("bAA==", [0]), ("bAA", [0]), ("b+/8=", [0xFB, 0xFF]), ("bAAECAw==", [0, 1, 2, 3]),
        ] as [(String, [UInt8])])
    func `binary messages travel as base64`(_ packet: String, _ bytes: [UInt8]) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.post(server.polling(id), packet).text == "ok")
            _ = try server.journal.next()
            #expect(try server.journal.next() == "binary \(bytes)")
            #expect(try client.get(server.polling(id)).text.hasPrefix(packet))
        }
    }

    @Test(
        arguments: [
            ("bAP8F\n", [0, 255, 5]), ("b*", []), ("bA", []), ("b====", []), ("bAA=A", [0]), ("b-_8", [0xFB, 0xFF]),
        ] as [(String, [UInt8])])
    func `base64 is read as the official server reads it`(_ packet: String, _ bytes: [UInt8]) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.post(server.polling(id), "\(packet)\u{1E}4x").text == "ok")
            for line in ["open", "binary \(bytes)", "text x"] { #expect(try server.journal.next() == line) }
        }
    }

    @Test func `a second poll is refused, ends the first with a close packet and the session`() async throws {
        try await withServer(loops: 4) { server throws in
            let first = try server.client()
            let id = try server.openPolling(on: first)
            try server.beginPoll(id, on: first)
            let refused = try server.get(server.polling(id))
            #expect(refused.status == 400)
            #expect(refused.body == [])
            #expect(try first.response().text == "1")
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close transport error")
            #expect(try server.get(server.polling(id)).text == RefusalTests.sessionUnknown)
        }
    }

    @Test func `a second POST is refused and ends the session`() async throws {
        try await withServer(loops: 4) { server throws in
            let first = try server.client()
            let id = try server.openPolling(on: first)
            try first.sendRequest("POST", server.polling(id), [("Content-Length", "10")], body: Array("4abc".utf8))
            let poller = try server.client()
            try server.beginPoll(id, on: poller)
            let refused = try server.post(server.polling(id), "4x")
            #expect(refused.status == 400)
            #expect(refused.body == [])
            #expect(try poller.response().text == "1")
            #expect(try first.response().status == 400)
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close transport error")
            first.close()
            poller.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a POST of octets is refused and ends the session`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let refused = try client.post(server.polling(id), "4x", [("Content-Type", "application/octet-stream")])
            #expect(refused.status == 400)
            #expect(refused.body == [])
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close transport error")
        }
    }

    @Test func `a body at the limit is taken, one over it is refused and the session stays`() async throws {
        try await withServer(loops: 4) {
            $0.maxHttpBufferSize = 1000
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let most = "4" + String(repeating: "a", count: 999)
            #expect(try client.post(server.polling(id), most).text == "ok")
            #expect(try client.get(server.polling(id)).text == most)
            let refused = try server.post(server.polling(id), most + "a")
            #expect(refused.status == 413)
            #expect(refused["connection"] == "close")
            // The length is not announced, and known only when the chunks are there.
            let chunked = try server.client()
            try chunked.sendRequest(
                "POST", server.polling(id), [("Transfer-Encoding", "chunked")],
                body: Array("1F4\r\n\(most.prefix(500))\r\n1F5\r\n".utf8) + Array(repeating: 0x61, count: 501))
            #expect(try chunked.response().status == 413)
            #expect(try client.post(server.polling(id), "4still here").text == "ok")
            #expect(try client.get(server.polling(id)).text == "4still here")
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next().hasPrefix("text aaa"))
            #expect(try server.journal.next() == "text still here")
        }
    }

    @Test func `a client that asks before it sends a large body is told not to`() async throws {
        try await withServer {
            $0.maxHttpBufferSize = 1000
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            try client.sendRequest(
                "POST", server.polling(id), [("Expect", "100-continue"), ("Content-Length", "1001")])
            #expect(try client.response().status == 413)
            let other = try server.client()
            try other.sendRequest("POST", server.polling(id), [("Expect", "100-continue"), ("Content-Length", "2")])
            #expect(try other.response().status == 100)
            try other.send("4x")
            #expect(try other.response().text == "ok")
        }
    }

    @Test(arguments: [
        "", "\u{1E}", "4a\u{1E}", "\u{1E}4a", "4a\u{1E}\u{1E}4b", "7", "a", "4a\u{1E}x", "B", " bAQID",
    ])
    func `a malformed payload ends the session`(_ payload: String) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let poller = try server.client()
            try server.beginPoll(id, on: poller)
            #expect(try client.post(server.polling(id), payload).status == 200)
            _ = try poller.response()
            var last = ""
            while !last.hasPrefix("close") { last = try server.journal.next() }
            #expect(last == "close parse error")
            try server.expectCensus(sessions: 0, connections: 2)
        }
    }

    @Test func `a payload that is not UTF-8 ends the session before any of it is used`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            _ = try client.post(server.polling(id), Array("4a\u{1E}4".utf8) + [0xC3, 0x28])
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close parse error")
        }
    }

    @Test func `what follows a close packet in the same payload is void`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let poller = try server.client()
            try server.beginPoll(id, on: poller)
            #expect(try client.post(server.polling(id), "4a\u{1E}1\u{1E}4b").text == "ok")
            // Protocol.md 3.3: the client's own poll ends at once.
            let last = try poller.response().text
            #expect(last == "4a\u{1E}6" || last == "6", "\(last)")
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "text a")
            #expect(try server.journal.next() == "close transport close")
            try server.expectCensus(sessions: 0, connections: 2)
            #expect(server.journal.rest == [])
        }
    }

    @Test func `close by the application answers an open poll at once, after what was sent`() async throws {
        try await withServer(onConnection: { socket, journal in
            socket.onMessage { _ in
                socket.send(.text("last"))
                socket.close()
                socket.send(.text("too late"))
            }
            socket.onClose { journal.append("close \($0)") }
        }) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let poller = try server.client()
            try server.beginPoll(id, on: poller)
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            #expect(try poller.response().text == "4last")
            #expect(try server.journal.next() == "close forced close")
            // In a response of its own: the official client acts on it before the messages beside it.
            #expect(try poller.get(server.polling(id)).text == "1")
            try server.expectCensus(sessions: 0, connections: 2)
        }
    }

    @Test func `close by the application with no poll open waits for the next one`() async throws {
        try await withServer(onConnection: { socket, journal in
            socket.onMessage { _ in socket.close() }
            socket.onClose { journal.append("close \($0)") }
        }) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            #expect(try server.journal.next() == "close forced close")
            try server.expectCensus(sessions: 1, connections: 1)
            #expect(try client.get(server.polling(id)).text == "1")
            try server.expectCensus(sessions: 0, connections: 1)
            #expect(try client.get(server.polling(id)).text == RefusalTests.sessionUnknown)
        }
    }

    @Test func `a poll that is aborted ends the session`() async throws {
        try await withServer(loops: 4) { server throws in
            for abort in [true, false] {
                let client = try server.client()
                let id = try server.openPolling(on: client)
                let poller = try server.client()
                try server.beginPoll(id, on: poller)
                if abort { poller.abort() } else { poller.close() }
                #expect(try server.journal.next() == "open")
                #expect(try server.journal.next() == "close transport error")
                client.close()
                try server.expectCensus(sessions: 0, connections: 0)
            }
        }
    }

    @Test func `a POST that is aborted ends the session, and none of it is used`() async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            try client.sendRequest(
                "POST", server.polling(id), [("Content-Length", "9")], body: Array("4a\u{1E}4b".utf8))
            client.finish()
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close transport error")
            client.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a body of no bytes changes nothing, whatever loop the request arrives at`() async throws {
        try await withServer(loops: 4) { server throws in
            let id = try server.openPolling(on: try server.client())
            for _ in 0..<8 {
                #expect(try server.post(server.polling(id), "4a").text == "ok")
                let client = try server.client()
                let get = RawClient.requestBytes("GET", server.polling(id), [("Content-Length", "0")])
                try client.send(get + RawClient.requestBytes("GET", "/none"))
                #expect(try client.response().text == "4a")
                #expect(try client.response().status == 404)
            }
        }
    }

    @Test func `requests can be pipelined, also behind a poll that waits`() async throws {
        try await withServer(loops: 4) { server throws in
            for _ in 0..<8 {
                let client = try server.client()
                let id = try server.openPolling(on: client)
                let target = server.polling(id)
                let post = RawClient.requestBytes("POST", target, body: Array("4a".utf8))
                let get = RawClient.requestBytes("GET", target)
                try client.send(post + get + post + get + get)
                #expect(try client.response().text == "ok")
                #expect(try client.response().text == "4a")
                #expect(try client.response().text == "ok")
                #expect(try client.response().text == "4a")
                #expect(try client.isSilent(for: .milliseconds(5)))
                #expect(try server.post(target, "4b").text == "ok")
                #expect(try client.response().text == "4b")
            }
        }
    }
}
