import EngineIO
import Synchronization
import TestSupport
import Testing

/// Protocol.md 6: each limit at its value, and one over it.
@Suite struct LimitTests {
    @Test func `bytes of a request's head`() async throws {
        try await withServer {
            $0.limits.headerBytes = 1000
        } _: { server throws in
            let empty = RawClient.requestBytes("GET", "/engine.io/?EIO=4", [("x", "")]).count
            // Around the limit, because whether line ends count is the parser's business.
            let under = try server.get("/engine.io/?EIO=4", [("x", String(repeating: "y", count: 980 - empty))])
            #expect(under.status == 400)
            #expect(under.text == RefusalTests.transportUnknown)
            let over = try server.get("/engine.io/?EIO=4", [("x", String(repeating: "y", count: 1020 - empty))])
            #expect(over.status == 431)
            #expect(over["connection"] == "close")
            #expect(try server.get("/" + String(repeating: "y", count: 1001)).status == 414)
        }
    }

    @Test func `fields of a request`() async throws {
        try await withServer {
            $0.limits.headerCount = 10
        } _: { server throws in
            // `Host` is the tenth.
            let fields = (0..<9).map { ("x\($0)", "y") }
            #expect(try server.get(server.polling, fields).status == 200)
            #expect(try server.get(server.polling, fields + [("x9", "y")]).status == 431)
        }
    }

    @Test func `bytes of a WebSocket message, in one frame or several`() async throws {
        try await withServer {
            $0.maxHttpBufferSize = 1000
        } _: { server throws in
            for isSplit in [false, true] {
                let client = try server.client()
                try server.openWebSocket(on: client)
                func send(_ count: Int) throws {
                    let bytes = Array(repeating: UInt8(7), count: count)
                    guard isSplit else { return try client.sendBinary(bytes) }
                    try client.send(RawClient.frame(firstByte: 0x02, Array(bytes.prefix(600))))
                    try client.send(RawClient.frame(firstByte: 0x80, Array(bytes.dropFirst(600))))
                }
                try send(1000)
                #expect(try client.receiveFrame() == RawFrame(.binary, Array(repeating: 7, count: 1000)))
                try send(1001)
                #expect(try client.receiveClose() == 1009)
                #expect(try client.receiveToEnd() == [])
                #expect(try server.journal.next() == "open")
                #expect(try server.journal.next().hasPrefix("binary"))
                #expect(try server.journal.next() == "close transport error")
            }
        }
    }

    @Test func `frames of a WebSocket message`() async throws {
        try await withServer {
            $0.limits.fragmentsPerMessage = 4
        } _: { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            func send(_ frames: Int) throws {
                try client.send(RawClient.frame(firstByte: 0x01, [0x34]))
                for _ in 0..<frames - 2 { try client.send(RawClient.frame(firstByte: 0x00, [0x61])) }
                try client.send(RawClient.frame(firstByte: 0x80, [0x62]))
            }
            try send(4)
            #expect(try client.receiveText() == "4aab")
            try send(5)
            #expect(try client.receiveClose() == 1009)
        }
    }

    @Test func `packets of a polling body`() async throws {
        try await withServer {
            $0.limits.packetsPerPayload = 4
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.post(server.polling(id), "4a\u{1E}4b\u{1E}4c\u{1E}4d").text == "ok")
            #expect(try client.get(server.polling(id)).text == "4a\u{1E}4b\u{1E}4c\u{1E}4d")
            _ = try client.post(server.polling(id), "4a\u{1E}4b\u{1E}4c\u{1E}4d\u{1E}4e")
            var last = ""
            while !last.hasPrefix("close") { last = try server.journal.next() }
            #expect(last == "close parse error")
            try server.expectCensus(sessions: 0, connections: 1)
        }
    }

    /// Sends itself `count` messages of 10 000 bytes, in turns of their own.
    private static func flood(_ count: Int) -> @Sendable (EngineSocket, Journal) -> Void {
        { socket, journal in
            socket.onClose { journal.append("close \($0)") }
            socket.onMessage { _ in journal.append("heard") }
            startThread {
                for _ in 0..<count { socket.send(.binary(Array(repeating: 7, count: 10_000))) }
                journal.append("sent")
            }
        }
    }

    @Test func `unsent bytes of a WebSocket whose client never reads`() async throws {
        try await withServer {
            $0.limits.bufferedBytes = 500_000
        } onConnection: { socket, journal in
            Self.flood(2000)(socket, journal)
        } _: { server throws in
            let client = try server.client(receiveBuffer: 4096)
            try client.sendRequest("GET", server.webSocket, RawClient.upgradeFields)
            var lines = [try server.journal.next(), try server.journal.next()]
            lines.sort()
            #expect(lines == ["close slow consumer", "sent"])
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `unsent bytes of a polling session whose client never polls`() async throws {
        try await withServer {
            $0.limits.bufferedBytes = 500_000
        } onConnection: { socket, journal in
            Self.flood(40)(socket, journal)
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            var lines = [try server.journal.next(), try server.journal.next()]
            lines.sort()
            #expect(lines == ["close slow consumer", "sent"])
            #expect(try client.get(server.polling(id)).text == RefusalTests.sessionUnknown)
        }
    }

    @Test func `unsent bytes under the limit all arrive`() async throws {
        try await withServer {
            $0.limits.bufferedBytes = 600_000
        } onConnection: { socket, journal in
            Self.flood(40)(socket, journal)
        } _: { server throws in
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            #expect(try server.journal.next() == "sent")
            var packets = 0
            while packets < 40 {
                packets += try poller.get(server.polling(id)).text.split(separator: "\u{1E}").count
            }
            #expect(packets == 40)
            let client = try server.client(receiveBuffer: 4096)
            try server.openWebSocket(on: client)
            #expect(try server.journal.next() == "sent")
            for _ in 0..<40 {
                #expect(try client.receiveFrame() == RawFrame(.binary, Array(repeating: 7, count: 10_000)))
            }
        }
    }

    @Test func `dropVolatile lets a session have four times as much`() async throws {
        try await withServer {
            $0.limits.bufferedBytes = 150_000
            $0.limits.overflow = .dropVolatile
        } onConnection: { socket, journal in
            Self.flood(socket.request.query["n"].flatMap { Int($0) } ?? 0)(socket, journal)
        } _: { server throws in
            // 13 340 bytes each in base64: 40 fit into 600 000, 50 do not.
            let client = try server.client()
            #expect(try client.get(server.polling + "&n=40").status == 200)
            #expect(try server.journal.next() == "sent")
            #expect(server.journal.rest == [])
            #expect(try client.get(server.polling + "&n=50").status == 200)
            var lines = [try server.journal.next(), try server.journal.next()]
            lines.sort()
            #expect(lines == ["close slow consumer", "sent"])
        }
    }

    @Test func `a limit of unsent bytes that is never reached`() async throws {
        try await withServer {
            $0.limits.bufferedBytes = .max
            $0.limits.overflow = .dropVolatile
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            #expect(try client.get(server.polling(id)).text == "4x")
        }
    }

    @Test func `connections in total`() async throws {
        try await withServer(loops: 4) {
            $0.limits.connections = 8
        } _: { server throws in
            var clients = try (0..<8).map { _ in try server.client() }
            for client in clients { try server.openWebSocket(on: client) }
            let ninth = try server.client()
            try? ninth.sendRequest("GET", server.polling)
            #expect(try ninth.receiveToEnd() == [])
            clients.removeLast().close()
            try server.expectCensus(sessions: 7, connections: 7)
            let next = try server.client()
            let id = try server.openPolling(on: next)
            // The count survives a hand-over.
            for _ in 0..<8 {
                next.close()
                try server.expectCensus(sessions: 8, connections: 7)
                #expect(try server.post(server.polling(id), "4x").text == "ok")
            }
        }
    }

    @Test func `sessions in total`() async throws {
        try await withServer(loops: 4) {
            $0.limits.sessions = 8
        } _: { server throws in
            let poller = try server.client()
            let ids = try (0..<4).map { _ in try server.openPolling(on: poller) }
            let webSockets = try (0..<4).map { _ in try server.client() }
            for client in webSockets { try server.openWebSocket(on: client) }
            for _ in 0..<50 {
                let refused = try poller.get(server.polling)
                #expect(refused.status == 503)
                #expect(refused.text == #"{"code":6,"message":"Too many sessions"}"#)
                #expect(refused["content-type"] == "application/json")
            }
            let upgrade = try server.upgrade(server.webSocket)
            #expect(upgrade.status == 503)
            #expect(upgrade.text == "Too many sessions")
            #expect(server.log.lines.filter { $0.contains("`limits.sessions`") }.count == 1)
            try server.expectCensus(sessions: 8, connections: 5)
            // Those that are there are served, and each end makes place for one.
            #expect(try poller.post(server.polling(ids[0]), "4x").text == "ok")
            #expect(try poller.post(server.polling(ids[0]), "1").text == "ok")
            webSockets[0].abort()
            try server.expectCensus(sessions: 6, connections: 4)
            for _ in 0..<2 { _ = try server.openPolling(on: poller) }
            #expect(try poller.get(server.polling).status == 503)
        }
    }

    @Test func `a handshake that fails takes no place`() async throws {
        try await withServer(loops: 4) {
            $0.limits.sessions = 1
            $0.limits.sessionsPerAddress = 1
        } _: { server throws in
            for _ in 0..<8 {
                #expect(try server.upgrade(server.webSocket, [("Sec-WebSocket-Key", "again")]).status == 400)
            }
            try server.expectUnharmed()
        }
    }

    @Test func `sessions of one address`() async throws {
        try await withServer(loops: 4) {
            $0.limits.sessionsPerAddress = 3
        } _: { server throws in
            let client = try server.client()
            let ids = try (0..<3).map { _ in try server.openPolling(on: client) }
            for _ in 0..<20 {
                let refused = try client.get(server.polling)
                #expect(refused.status == 503)
                #expect(refused.text == #"{"code":6,"message":"Too many sessions from this address"}"#)
            }
            #expect(server.log.lines.filter { $0.contains("`limits.sessionsPerAddress`") }.count == 1)
            #expect(try client.post(server.polling(ids[1]), "1").text == "ok")
            _ = try server.openPolling(on: client)
            #expect(try client.get(server.polling).status == 503)
        }
    }

    @Test func `a connection over the limit is one line of the log, however many there are`() async throws {
        try await withServer {
            $0.limits.connections = 1
        } _: { server throws in
            let client = try server.client()
            _ = try server.openPolling(on: client)
            for _ in 0..<20 { #expect(try server.client().receiveToEnd() == []) }
            #expect(server.log.lines.filter { $0.contains("`limits.connections`") }.count == 1)
        }
    }

    @Test func `what happens often is written at once, and then once for each period`() {
        var occurrences = Occurrences()
        #expect(occurrences.endPeriod() == nil)
        #expect(occurrences.note() == true)
        #expect(occurrences.note() == false)
        #expect(occurrences.note() == false)
        #expect(occurrences.endPeriod() == 2)
        #expect(occurrences.note() == false)
        #expect(occurrences.endPeriod() == 1)
        #expect(occurrences.endPeriod() == nil)
        #expect(occurrences.note() == true)
    }

    @Test func `time for a request's head`() async throws {
        try await withServer {
            $0.limits.requestHeadTime = .milliseconds(250)
        } _: { server throws in
            for text in ["G", "GET / HTTP/1.1\r\nHost: x\r\nX:", "\r\n"] {
                let client = try server.client()
                let start = ContinuousClock.now
                try client.send(text)
                let end = String(decoding: try client.receiveToEnd(), as: UTF8.self)
                #expect(text == "\r\n" || end.hasPrefix("HTTP/1.1 408 "), "\(text.debugDescription): \(end)")
                #expect(.now - start > .milliseconds(200))
                #expect(.now - start < .seconds(2))
            }
            let silent = try server.client()
            #expect(try silent.receiveToEnd() == [])
            // After a request as well: a head that began has that time, not a connection's idle time.
            let client = try server.client()
            _ = try client.get("/none")
            let start = ContinuousClock.now
            try client.send("GET / HT")
            #expect(try client.response().status == 408)
            #expect(.now - start < .seconds(2))
        }
    }

    @Test func `time for a request's body`() async throws {
        try await withServer(loops: 4) {
            $0.limits.requestBodyTime = .milliseconds(80)
        } _: { server throws in
            server.engine.http.post("/p") { _ in .text("ok") }
            for isSecond in [false, true] {
                let client = try server.client()
                if isSecond { #expect(try client.post("/p", "x").text == "ok") }
                let start = ContinuousClock.now
                try client.sendRequest("POST", "/p", [("Content-Length", "10")], body: [1, 2])
                #expect(try client.response().status == 408)
                #expect(.now - start > .milliseconds(60))
                #expect(.now - start < .seconds(2))
            }
            // Whichever loop the session lives on.
            for _ in 0..<4 {
                let poller = try server.client()
                let id = try server.openPolling(on: poller)
                let client = try server.client()
                let start = ContinuousClock.now
                try client.sendRequest("POST", server.polling(id), [("Content-Length", "10")], body: Array("4x".utf8))
                #expect(try client.response().status == 408)
                #expect(.now - start < .seconds(2))
                #expect(try server.journal.next() == "open")
                #expect(try server.journal.next() == "close transport error")
            }
        }
    }

    @Test func `a slow body that arrives in time is taken, though a head may not take as long`() async throws {
        try await withServer(loops: 4) {
            $0.limits.requestHeadTime = .milliseconds(250)
        } _: { server throws in
            let clients = try (0..<8).map { _ in
                let id = try server.openPolling(on: try server.client())
                let client = try server.client()
                try client.sendRequest("POST", server.polling(id), [("Content-Length", "2")], body: Array("4".utf8))
                return client
            }
            #expect(try clients[0].isSilent(for: .milliseconds(400)))
            for client in clients {
                try client.send("x")
                #expect(try client.response().text == "ok")
            }
        }
    }

    @Test func `time between requests`() async throws {
        try await withServer {
            $0.limits.keepAliveTime = .milliseconds(80)
        } _: { server throws in
            let client = try server.client()
            let start = ContinuousClock.now
            let id = try server.openPolling(on: client)
            #expect(try client.receiveToEnd() == [])
            #expect(.now - start > .milliseconds(60))
            #expect(.now - start < .seconds(2))
            // A poll that waits is not idle.
            let poller = try server.client()
            try poller.sendRequest("GET", server.polling(id))
            #expect(try poller.isSilent(for: .milliseconds(200)))
            #expect(try server.post(server.polling(id), "4y").text == "ok")
            #expect(try poller.response().text == "4y")
        }
    }

    @Test func `time for the answer to a close frame`() async throws {
        try await withServer {
            $0.limits.closeTime = .milliseconds(80)
        } onConnection: { socket, _ in
            socket.onMessage { _ in socket.close() }
        } _: { server throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            let start = ContinuousClock.now
            try client.sendText("4x")
            #expect(try client.receiveClose() == 1000)
            #expect(try client.receiveToEnd() == [])
            #expect(.now - start > .milliseconds(60))
            #expect(.now - start < .seconds(2))
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `time for the last poll of a closed session`() async throws {
        try await withServer {
            $0.limits.pollingCloseTime = .milliseconds(80)
        } onConnection: { socket, _ in
            socket.onMessage { _ in socket.close() }
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let start = ContinuousClock.now
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            try server.expectCensus(sessions: 0, connections: 1)
            #expect(.now - start > .milliseconds(60))
            #expect(try client.get(server.polling(id)).text == RefusalTests.sessionUnknown)
        }
    }
}
