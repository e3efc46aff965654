import EngineIO
import TestSupport
import Testing

/// Each leaves the server serving others, with no session and no connection of the attacker's left.
@Suite struct HostileTests {
    @Test func `a session id of a megabyte is refused before it is looked up`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            try? client.sendRequest("GET", server.polling(String(repeating: "a", count: 1_000_000)))
            #expect(try client.response().status == 414)
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test func `a POST that ends too early is not used`() async throws {
        try await withServer { server throws in
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            let client = try server.client()
            try client.sendRequest("POST", server.polling(id), [("Content-Length", "100")], body: Array("4abc".utf8))
            client.finish()
            _ = try client.receiveToEnd()
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close transport error")
            poller.close()
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test(arguments: [
        ([("Content-Length", "3"), ("Content-Length", "2")], 400), ([("Content-Length", "-1")], 400),
        ([("Content-Length", "+2")], 400), ([("Content-Length", "0x2")], 400), ([("Content-Length", "2 2")], 400),
        ([("Content-Length", "99999999999999999999")], 413), ([("Content-Length", "9223372036854775807")], 413),
        ([("Transfer-Encoding", "gzip")], 501), ([("Transfer-Encoding", "chunked, gzip")], 501),
        ([("Transfer-Encoding", "chunked"), ("Content-Length", "2")], 400),
    ])
    func `a length that lies is refused`(_ fields: [(String, String)], _ status: Int) async throws {
        try await withServer { server throws in
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            let client = try server.client()
            try client.sendRequest("POST", server.polling(id), fields, body: Array("4x".utf8))
            let response = try client.response()
            #expect(response.status == status || (status == 413 && response.status == 400))
            #expect(response["connection"] == "close")
            #expect(try poller.post(server.polling(id), "4y\u{1E}1").text == "ok")
            poller.close()
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test(arguments: ["", "text/html", "application/x-www-form-urlencoded", "application/json"])
    func `a POST of another content type is a payload like any other`(_ type: String) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.post(server.polling(id), "4x", [("Content-Type", type)]).text == "ok")
            #expect(try client.get(server.polling(id)).text == "4x")
        }
    }

    @Test func `a million separators in one body end the session`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let start = ContinuousClock.now
            #expect(try client.post(server.polling(id), Array(repeating: 0x1E, count: 1_000_000)).status == 200)
            #expect(.now - start < .seconds(5))
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close parse error")
            client.close()
            try server.expectUnharmed()
        }
    }

    /// RSV bits, no mask, an opcode that there is not, a fragmented ping: in the segment of the handshake itself.
    @Test(
        arguments: [
            [0xF1, 0x80, 0, 0, 0, 0], [0x81, 0x01, 0x34], [0x83, 0x80, 0, 0, 0, 0], [0x09, 0x80, 0, 0, 0, 0],
        ] as [[UInt8]])
    func `what breaks the rules right behind a handshake ends the session, or the probe alone`(
        _ bytes: [UInt8]
    ) async throws {
        try await withServer(loops: 4) { server throws in
            for _ in 0..<4 {
                let client = try server.client()
                try client.send(RawClient.requestBytes("GET", server.webSocket, RawClient.upgradeFields) + bytes)
                #expect(try client.response().status == 101)
                #expect(TestServer.sessionID(in: try client.receiveText()) != nil)
                #expect(try client.receiveClose() == 1002)
                #expect(try server.journal.next() == "open")
                #expect(try server.journal.next() == "close transport error")

                let poller = try server.client()
                let id = try server.openPolling(on: poller)
                let probe = try server.client()
                try probe.send(RawClient.requestBytes("GET", server.webSocket(id), RawClient.upgradeFields) + bytes)
                #expect(try probe.response().status == 101)
                #expect(try probe.receiveClose() == 1002)
                #expect(try poller.post(server.polling(id), "4x\u{1E}1").text == "ok")
                for line in ["open", "text x", "close transport close"] {
                    #expect(try server.journal.next() == line)
                }
            }
            try server.expectUnharmed()
        }
    }

    @Test func `two upgrades at once, of which one wins`() async throws {
        try await withServer(loops: 4) { server throws in
            for _ in 0..<20 {
                let poller = try server.client()
                let id = try server.openPolling(on: poller)
                let pair = [try server.client(), try server.client()]
                for client in pair {
                    try client.send(
                        RawClient.requestBytes("GET", server.webSocket(id), RawClient.upgradeFields)
                            + RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4x"))
                }
                var winners = 0
                for client in pair {
                    #expect(try client.response().status == 101)
                    let frame = try client.receiveFrame()
                    if frame.text == "3probe" {
                        winners += 1
                        #expect(try client.receiveText() == "4x")
                    } else {
                        #expect(frame.opcode == .close)
                    }
                }
                #expect(winners == 1)
            }
            try server.expectUnharmed()
        }
    }

    @Test func `an upgrade by 5 without a probe is one, as with the official server`() async throws {
        try await withServer(loops: 4) { server throws in
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            let client = try server.client()
            try client.openWebSocket(server.webSocket(id))
            try client.send(RawClient.textFrame("5") + RawClient.textFrame("4x"))
            #expect(try client.receiveText() == "4x")
            #expect(try poller.get(server.polling(id)).text == RefusalTests.badRequest)
            poller.close()
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test func `a flood of pings is answered or dropped, and the session lives`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            let ping = RawClient.frame(firstByte: 0x89, Array(repeating: 7, count: 125))
            for _ in 0..<100 { try client.send(Array(repeating: ping, count: 100).flatMap { $0 }) }
            try client.sendText("4x")
            var pongs = 0
            var frame = try client.receiveFrame()
            while frame.opcode == .pong {
                pongs += 1
                frame = try client.receiveFrame()
            }
            #expect(frame.text == "4x")
            #expect(pongs > 0 && pongs <= 10_000)
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test func `a flood of pings by a client that never reads ends at the limit`() async throws {
        try await withServer {
            $0.limits.bufferedBytes = 200_000
        } _: { server throws in
            let client = try server.client(receiveBuffer: 4096)
            try server.openWebSocket(on: client)
            let ping = RawClient.frame(firstByte: 0x89, Array(repeating: 7, count: 125))
            let burst = Array(repeating: ping, count: 1000).flatMap { $0 }
            #expect(throws: RawClientError.self) { while true { try client.send(burst) } }
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close slow consumer")
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test func `empty messages without number are parse errors, empty fragments end at the limit`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            let start = RawClient.frame(firstByte: 0x01, [])
            let more = Array(repeating: RawClient.frame(firstByte: 0x00, []), count: 20_000).flatMap { $0 }
            try? client.send(start + more)
            #expect(try client.receiveClose() == 1009)
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "close transport error")
            client.close()
            let empty = try server.client()
            try server.openWebSocket(on: empty)
            let messages = Array(repeating: RawClient.frame(firstByte: 0x82, []), count: 100_000).flatMap { $0 }
            startThread { while let line = try? server.journal.next(), !line.hasPrefix("close") {} }
            try empty.send(messages)
            for _ in 0..<100_000 {
                guard try empty.receiveFrame() == RawFrame(.binary, []) else {
                    Issue.record("another frame")
                    break
                }
            }
            empty.close()
            try server.expectUnharmed()
        }
    }

    @Test func `ten thousand header fields and a header of a megabyte are refused`() async throws {
        try await withServer { server throws in
            for target in ["/", server.polling, server.webSocket] {
                let many = try server.client()
                let fields = (0..<10_000).map { ("x\($0)", "y") }
                try? many.sendRequest("GET", target, RawClient.upgradeFields + fields)
                #expect(try many.response().status == 431)
                let large = try server.client()
                let field = ("x", String(repeating: "y", count: 1_000_000))
                try? large.sendRequest("GET", target, RawClient.upgradeFields + [field])
                #expect(try large.response().status == 431)
            }
            try server.expectUnharmed()
        }
    }

    @Test func `an upgrade that drips in byte by byte ends when its time is up`() async throws {
        try await withServer {
            $0.limits.requestHeadTime = .milliseconds(150)
        } _: { server throws in
            let client = try server.client()
            let request = RawClient.requestBytes("GET", server.webSocket, RawClient.upgradeFields)
            let start = ContinuousClock.now
            var sent = 0
            while try client.isSilent(for: .milliseconds(5)), sent < request.count - 1 {
                try client.send([request[sent]])
                sent += 1
            }
            #expect(try client.response().status == 408)
            #expect(.now - start < .seconds(2))
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test(arguments: [true, false])
    func `a client that goes away at any byte of a handshake leaves nothing`(abort: Bool) async throws {
        try await withServer(loops: 4) { server throws in
            let frames = RawClient.textFrame("4x") + RawClient.frame(firstByte: 0x88, [])
            let requests = [
                RawClient.requestBytes("GET", server.webSocket, RawClient.upgradeFields) + frames,
                RawClient.requestBytes("GET", "/engine.io/?EIO=4") + [],
            ]
            for request in requests {
                for count in 0...request.count {
                    let client = try server.client()
                    try client.send(Array(request[..<count]))
                    if abort { client.abort() } else { client.close() }
                }
            }
            try server.expectUnharmed()
        }
    }

    @Test(arguments: [true, false])
    func `a client that goes away at any byte of a POST leaves nothing`(abort: Bool) async throws {
        try await withServer(loops: 4) { server throws in
            let size = RawClient.requestBytes(
                "POST", server.polling(String(repeating: "a", count: 20)), body: Array("4hello".utf8)
            ).count
            for count in 0...size {
                let poller = try server.client()
                let id = try server.openPolling(on: poller)
                let request = RawClient.requestBytes("POST", server.polling(id), body: Array("4hello".utf8))
                let client = try server.client()
                try client.send(Array(request[..<count]))
                if abort { client.abort() } else { client.close() }
                // Ends the session if the broken POST did not.
                _ = try poller.post(server.polling(id), "1")
            }
            try server.expectUnharmed()
        }
    }

    @Test(arguments: [true, false])
    func `a client that goes away at any byte of an upgrade leaves the session on polling`(abort: Bool) async throws {
        try await withServer(loops: 4) { server throws in
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            let request =
                RawClient.requestBytes("GET", server.webSocket(id), RawClient.upgradeFields)
                + RawClient.textFrame("2probe")
            for count in 0...request.count {
                let client = try server.client()
                try client.send(Array(request[..<count]))
                if abort { client.abort() } else { client.close() }
            }
            #expect(try poller.post(server.polling(id), "4still here").text == "ok")
            var text = "6"
            while text == "6" { text = try poller.get(server.polling(id)).text }
            #expect(text == "4still here")
            #expect(try poller.post(server.polling(id), "1").text == "ok")
            poller.close()
            try server.expectUnharmed()
        }
    }

    @Test func `random bytes and mutated requests are refused or served, and nothing is left`() async throws {
        try await withServer {
            $0.limits.requestHeadTime = .milliseconds(300)
            $0.limits.requestBodyTime = .milliseconds(300)
            $0.limits.keepAliveTime = .milliseconds(300)
            $0.limits.pollingCloseTime = .milliseconds(300)
            $0.pingInterval = .milliseconds(200)
            $0.pingTimeout = .milliseconds(200)
        } _: { server throws in
            var random = SeededGenerator(seed: 7)
            let seeds = [
                RawClient.requestBytes("GET", server.webSocket, RawClient.upgradeFields)
                    + RawClient.textFrame("4x") + RawClient.frame(firstByte: 0x89, [1, 2]),
                RawClient.requestBytes("GET", server.polling),
                RawClient.requestBytes("POST", server.polling("unknown"), body: Array("4x".utf8)),
                random.bytes(200),
            ]
            for round in 0..<400 {
                let client = try server.client()
                try? client.send(random.mutate(seeds[round % seeds.count]))
                client.close()
            }
            try server.expectUnharmed()
        }
    }
}
