import EngineIO
import SocketIOWire
import TestSupport
import Testing

/// Protocol.md 3.9: requests that come to another node than that of their session.
@Suite struct ForwardingTests {
    @Test func `polls and POSTs come to the session, whichever node they are sent to`() async throws {
        try await withNodes { nodes throws in
            let client = try nodes.second.client()
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            for number in 0..<20 {
                #expect(try client.post(nodes.second.polling(id), "4\(number)").text == "ok")
                let answer = try client.get(nodes.second.polling(id))
                #expect(answer.status == 200)
                #expect(answer.text == "4\(number)")
                #expect(answer["content-type"] == "text/plain; charset=UTF-8")
            }
            // One connection of the client, and one between the nodes, serve all of them.
            try nodes.first.expectCensus(sessions: 1, connections: 1)
            try nodes.second.expectCensus(sessions: 0, connections: 2)
        }
    }

    @Test func `a head as large as the limit is passed on, one that is larger is not`() async throws {
        try await withNodes { configuration in
            configuration.limits.headerBytes = 2_000
        } _: { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let target = nodes.second.polling(id)
            func status(_ bytes: Int) throws -> Int {
                let others = RawClient.requestBytes("POST", target, [("X-Long", "")], body: Array("4x".utf8)).count - 2
                let long = String(repeating: "a", count: bytes - others)
                let client = try nodes.second.client()
                defer { client.close() }
                return try client.post(target, "4x", [("X-Long", long)]).status
            }
            #expect(try status(2_000) == 200)
            #expect(try status(2_001) == 431)
            #expect(try status(2_900) == 431)
            #expect(try nodes.first.get(nodes.first.polling(id)).text == "4x")
        }
    }

    @Test func `as many headers as the limit are passed on, one more is not`() async throws {
        try await withNodes { configuration in
            configuration.limits.headerCount = 20
        } _: { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let target = nodes.second.polling(id)
            func status(_ count: Int) throws -> Int {
                let request = RawClient.requestBytes("POST", target, [], body: Array("4x".utf8))
                // The line of the request, and the end of the head.
                let others = request.count { $0 == UInt8(ascii: "\n") } - 2
                let client = try nodes.second.client()
                defer { client.close() }
                return try client.post(target, "4x", (0..<count - others).map { ("X-\($0)", "") }).status
            }
            #expect(try status(20) == 200)
            #expect(try status(21) == 431)
            #expect(try nodes.first.get(nodes.first.polling(id)).text == "4x")
        }
    }

    @Test func `as many headers as one likes may be allowed`() async throws {
        try await withNodes { configuration in
            configuration.limits.headerCount = 60_000
        } _: { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            #expect(try nodes.second.post(nodes.second.polling(id), "4x").status == 200)
        }
    }

    @Test func `a poll waits on another node as it does on its own`() async throws {
        try await withNodes { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let poller = try nodes.second.client()
            try poller.sendRequest("GET", nodes.second.polling(id))
            #expect(try nodes.second.post(nodes.second.polling(id), "4later").text == "ok")
            #expect(try poller.response().text == "4later")
            #expect(try nodes.first.post(nodes.first.polling(id), "4again").text == "ok")
            #expect(try nodes.second.get(nodes.second.polling(id)).text == "4again")
        }
    }

    @Test func `a WebSocket comes to the session over another node, with what was sent at once`() async throws {
        try await withNodes { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let request = RawClient.requestBytes("GET", nodes.second.webSocket(id), RawClient.upgradeFields)
            let frames = RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4early")
            let client = try nodes.second.client()
            try client.send(request + frames)
            let answer = try client.response()
            #expect(answer.status == 101)
            #expect(answer["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(answer["connection"] == "Upgrade")
            #expect(try client.receiveText() == "3probe")
            #expect(try client.receiveText() == "4early")
            for number in 0..<100 {
                try client.sendText("4\(number)")
                #expect(try client.receiveText() == "4\(number)")
            }
            try client.sendClose(1000)
            #expect(try client.receiveClose() == 1000)
            _ = try client.receiveToEnd()
            client.close()
            try nodes.first.expectCensus(sessions: 0, connections: 0)
            try nodes.second.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a request that is cut anywhere comes whole`() async throws {
        try await withNodes { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let target = nodes.second.polling(id)
            let chunks = Array("3\r\n4ab\r\n2;x=y\r\nc\u{1E}\r\n1\r\n4\r\n0\r\nTrailer: t\r\n\r\n".utf8)
            let request =
                RawClient.requestBytes("POST", target, [("Transfer-Encoding", "chunked")], body: chunks)
                + RawClient.requestBytes("GET", target)
            for cut in stride(from: 1, to: request.count, by: 3) {
                let client = try nodes.second.client()
                try client.send(Array(request[..<cut]))
                try client.send(Array(request[cut...]))
                #expect(try client.response().text == "ok", "cut at \(cut)")
                #expect(try client.response().text == "4abc\u{1E}4", "cut at \(cut)")
            }
        }
    }

    @Test func `large bodies come whole both ways, and one over the limit is refused with the session kept`()
        async throws
    {
        try await withNodes { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let client = try nodes.second.client()
            let text = "4" + String(repeating: "0123456789", count: 99_990)
            #expect(try client.post(nodes.second.polling(id), text).text == "ok")
            #expect(try client.get(nodes.second.polling(id)).text == text)
            let over = try nodes.second.post(nodes.second.polling(id), "4" + String(repeating: "a", count: 1_000_000))
            #expect(over.status == 413)
            #expect(try client.post(nodes.second.polling(id), "4x").text == "ok")
            #expect(try client.get(nodes.second.polling(id)).text == "4x")
        }
    }

    @Test func `the session's node says what is wrong, in its own words`() async throws {
        try await withNodes { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            #expect(try nodes.second.get(nodes.second.webSocket(id)).text == RefusalTests.badRequest)
            #expect(
                try nodes.second.get("/engine.io/?EIO=4&transport=x&sid=\(id)").text == RefusalTests.transportUnknown)
            // Same as there: 400 and a page's origin that may not connect.
            let upgrade = try nodes.second.upgrade(
                nodes.second.webSocket(id), [("Origin", "https://elsewhere.example")])
            #expect(upgrade.status == 403)
            #expect(upgrade.text == "Forbidden")
            #expect(nodes.first.log.lines.contains { $0.contains("page of another origin refused") })
        }
    }

    @Test func `a session knows its node, and the address of its client is that of the request`() async throws {
        let seen = Journal()
        try await withNodes {
            $0.trustedProxies = ["127.0.0.1"]
            $0.middlewares.append { request in
                let secrets = request.headers.all.filter { $0.value.contains("secret") || $0.name == "socket-io-node" }
                seen.append("\(request.remoteAddress) \(request.isSecure) \(request.host ?? "") \(secrets.count)")
                return [("X-Seen", "once")]
            }
        } _: { nodes throws in
            let fields = [
                ("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "a.example"),
            ]
            let opened = try nodes.first.get(nodes.first.polling, fields)
            let id = try #require(TestServer.sessionID(in: opened.text))
            #expect(id.count == 20)
            #expect(nodes.directory.all[String(id.prefix(6))] == "http://127.0.0.1:\(nodes.first.port)")
            #expect(try seen.next() == "192.0.2.7 true a.example 0")
            let answer = try nodes.second.post(nodes.second.polling(id), "4x", fields)
            #expect(answer.text == "ok")
            #expect(answer["x-seen"] == "once")
            #expect(try seen.next() == "192.0.2.7 true a.example 0")
            #expect(seen.rest == [])
        }
    }

    @Test func `an id of the application has its node in front`() async throws {
        try await withNodes {
            $0.generateID = { _ in "mine-\(UInt64.random(in: 0 ... .max))" }
        } _: { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            #expect(id.dropFirst(6).hasPrefix("mine-"))
            #expect(try nodes.second.post(nodes.second.polling(id), "4x").text == "ok")
            #expect(try nodes.second.get(nodes.second.polling(id)).text == "4x")
        }
    }

    @Test func `without it an id has no node, and is looked for here`() async throws {
        try await withServer { server throws in
            let id = try server.openPolling(on: try server.client())
            #expect(id.count == 20)
            #expect(try server.get(server.polling("AAAAAA" + id.dropFirst(6))).text == RefusalTests.sessionUnknown)
        }
    }

    // MARK: What does not work

    @Test func `a session of a node that is gone is unknown`() async throws {
        try await withNodes { nodes throws in
            let client = try nodes.second.client()
            // Of no node; of one that has ended; of one that answers no more; of one that nobody can be reached at.
            nodes.directory.set("http://127.0.0.1:1", of: "gone--")
            nodes.directory.set("no address", of: "no----")
            nodes.directory.set("http://127.0.0.1:\(nodes.first.port)", of: "before")
            for node in ["never-", "gone--", "no----", "before"] {
                let id = node + "0123456789abcd"
                let answer = try client.get(nodes.second.polling(id))
                #expect(answer.status == 400)
                #expect(answer.text == RefusalTests.sessionUnknown)
                let upgrade = try nodes.second.upgrade(nodes.second.webSocket(id))
                #expect(upgrade.status == 400)
                #expect(upgrade.text == "Session ID unknown")
            }
            #expect(nodes.second.log.lines.filter { $0.contains("a node cannot be reached") }.count == 1)
            // One and the same is told that it is not known each time.
            #expect(try client.get(nodes.second.polling("x")).text == RefusalTests.sessionUnknown)
        }
    }

    @Test func `a node that has no TLS says its secret to none that is reached with it`() async throws {
        try await withNodes { nodes throws in
            nodes.directory.set("https://127.0.0.1:\(nodes.first.port)", of: "secure")
            #expect(
                try nodes.second.get(nodes.second.polling("secure0123456789abcd")).text == RefusalTests.sessionUnknown)
            let said = "this node cannot connect to 'https://127.0.0.1:\(nodes.first.port)'"
            #expect(nodes.second.log.lines.contains { $0.contains(said) })
        }
    }

    @Test func `a directory that fails harms nobody but the sessions of nodes that are not known yet`() async throws {
        try await withNodes { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let other = try nodes.second.openPolling(on: try nodes.second.client())
            #expect(try nodes.second.post(nodes.second.polling(id), "4x").text == "ok")
            nodes.directory.fail()
            // The other loop has yet to ask.
            var known = 0
            for _ in 0..<4 {
                let answer = try nodes.second.post(nodes.second.polling(id), "4x").text
                if answer == "ok" { known += 1 } else { #expect(answer == RefusalTests.sessionUnknown) }
            }
            #expect(known == 2)
            #expect(try nodes.second.post(nodes.second.polling(other), "4x").text == "ok")
            #expect(nodes.second.log.lines.filter { $0.contains("the directory of nodes does not answer") }.count == 1)
        }
    }

    @Test func `who does not know the secret is a client`() async throws {
        let seen = Journal()
        try await withNodes(secrets: [Nodes.secret, "another secret, as long"]) {
            $0.middlewares.append { request in
                seen.append("\(request.remoteAddress) \(request.headers["Socket-IO-Node"] ?? "-")")
                return []
            }
        } _: { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            #expect(try seen.next() == "127.0.0.1 -")
            let forged = NodeProof(secret: "guessed").value(for: RequestSource(address: "192.0.2.1", isSecure: true))
            #expect(try nodes.first.post(nodes.first.polling(id), "4x", [(NodeProof.field, forged)]).text == "ok")
            #expect(try seen.next() == "127.0.0.1 -")
            #expect(try nodes.second.post(nodes.second.polling(id), "4x").text == "ok")
            #expect(try seen.next() == "127.0.0.1 -")
            #expect(nodes.first.log.lines.filter { $0.contains("does not know the secret") }.count == 1)
        }
    }

    @Test func `what has been passed on is not passed on again`() async throws {
        try await withNodes { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let proof = NodeProof(secret: Nodes.secret).value(for: RequestSource(address: "192.0.2.1", isSecure: true))
            let fields = [(NodeProof.field, proof)]
            #expect(try nodes.second.get(nodes.second.polling(id), fields).text == RefusalTests.sessionUnknown)
            // A directory that sends a node to itself is found out as well.
            nodes.directory.set("http://127.0.0.1:\(nodes.second.port)", of: "circle")
            let circle = try nodes.second.get(nodes.second.polling("circle0123456789abcd"))
            #expect(circle.text == RefusalTests.sessionUnknown)
        }
    }

    @Test func `a secret that is too short, and a host that is none, are said at once`() async throws {
        for (host, secret) in [("127.0.0.1", "short"), ("", Nodes.secret), ("a b", Nodes.secret)] {
            var configuration = EngineIOServer.Configuration()
            configuration.forwarding = NodeForwarding(host: host, secret: secret, directory: ProcessDirectory())
            let engine = EngineIOServer(configuration)
            await #expect(throws: ListenError.self) { try await engine.listen(host: "127.0.0.1", port: 0) }
        }
    }
}
