import EngineIO
import SocketIOWire
import TestSupport
import Testing

/// Server-sent events (WHATWG HTML 9.2).
@Suite(.timeLimit(.minutes(2))) struct EventStreamTests {
    @Test func `events go out as EventSource reads them, and end with their handler`() async throws {
        try await withServer { server throws in
            server.engine.http.events("/progress") { _, stream in
                try await stream.send("half", retry: .milliseconds(2500))
                try await stream.send("whole", event: "progress", id: "7")
                try await stream.send("one\ntwo\r\n\rlast\n")
                try await stream.send(json: ["done": true], id: "")
            }
            let client = try server.client()
            for _ in 0..<2 {
                try client.sendRequest("GET", "/progress", [("Origin", "https://other.example")])
                let head = String(decoding: try client.receive(through: "\r\n\r\n"), as: UTF8.self)
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(head.contains("\r\nContent-Type: text/event-stream\r\n"))
                #expect(head.contains("\r\nCache-Control: no-cache\r\n"))
                #expect(head.contains("\r\nX-Accel-Buffering: no\r\n"))
                #expect(!head.contains("Access-Control"))
                let body = try ResponseStreamTests.chunkedBody(on: client)
                let expected = """
                    retry: 2500
                    data: half

                    event: progress
                    id: 7
                    data: whole

                    data: one
                    data: two
                    data:\u{20}
                    data: last
                    data:\u{20}

                    id:\u{20}
                    data: {"done":true}


                    """
                #expect(String(decoding: body, as: UTF8.self) == expected)
            }
        }
    }

    @Test func `a client that comes back says which event it has had`() async throws {
        try await withServer { server throws in
            server.engine.http.events("/from", cors: .origins("https://your.page")) { request, stream in
                try await stream.send(request.lastEventID ?? "from the beginning")
            }
            for (fields, expected) in [
                ([("Last-Event-ID", "41")], "data: 41\n\n"), ([("Last-Event-ID", "")], "data: from the beginning\n\n"),
                ([], "data: from the beginning\n\n"),
            ] as [([(String, String)], String)] {
                let client = try server.client()
                try client.sendRequest("GET", "/from", fields + [("Origin", "https://your.page")])
                let head = String(decoding: try client.receive(through: "\r\n\r\n"), as: UTF8.self)
                #expect(head.contains("\r\nAccess-Control-Allow-Origin: https://your.page\r\n"))
                #expect(String(decoding: try ResponseStreamTests.chunkedBody(on: client), as: UTF8.self) == expected)
            }
        }
    }

    @Test func `a route can keep EventSource away before it sends anything`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/events") { request in
                request.lastEventID == "last" ? .status(204) : .events { try await $0.send("first", id: "last") }
            }
            #expect(try server.get("/events", [("Last-Event-ID", "last")]).status == 204)
            #expect(try server.request("HEAD", "/events")["content-type"] == "text/event-stream")
        }
    }

    @Test func `a quiet stream sends comments, to whoever is connected`() async throws {
        try await withServer { server throws in
            server.engine.http.events("/quiet", heartbeat: .milliseconds(20)) { _, stream in
                try await stream.send("first")
                try await Task.sleep(for: .seconds(3600))
            }
            let client = try server.client()
            try client.sendRequest("GET", "/quiet")
            _ = try client.receive(through: "data: first\n\n\r\n")
            for _ in 0..<3 { #expect(try client.receive(8) == Array("3\r\n:\n\n\r\n".utf8)) }
            client.close()
        }
    }

    @Test func `a client that leaves cancels the handler, however quiet it is`() async throws {
        try await withServer { server throws in
            server.engine.http.events("/quiet") { _, stream in
                try await stream.send("first")
                try? await Task.sleep(for: .seconds(3600))
                server.journal.append("cancelled \(Task.isCancelled)")
            }
            let client = try server.client()
            try client.sendRequest("GET", "/quiet")
            _ = try client.receive(through: "first")
            client.close()
            #expect(try server.journal.next() == "cancelled true")
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `events are whole, and their connection over, when the server closes`() async throws {
        try await withServer { server throws in
            server.engine.http.events("/quiet") { _, stream in
                try await stream.send("first")
                try? await Task.sleep(for: .seconds(3600))
                server.journal.append("cancelled \(Task.isCancelled)")
                do { try await stream.send("too late") } catch { server.journal.append("\(type(of: error))") }
            }
            let client = try server.client()
            try client.sendRequest("GET", "/quiet")
            _ = try client.receive(through: "\r\n\r\n")
            let engine = server.engine
            _ = try client.receive(through: "first\n\n\r\n")
            startOffPool { await engine.close() }
            #expect(try server.journal.next() == "cancelled true")
            #expect(try server.journal.next() == "CancellationError")
            #expect(try client.receiveToEnd() == Array("0\r\n\r\n".utf8))
        }
    }

    @Test func `an answer that begins after the server was told to close is whole and without events`() async throws {
        let (asked, gate) = (Journal(), Gate())
        try await withServer(loops: 1) { server throws in
            server.engine.http.get("/late") { _ in
                asked.append("asked")
                await gate.wait()
                return .events { stream in
                    try await stream.send("too late")
                    try? await Task.sleep(for: .seconds(3600))
                }
            }
            let poller = try server.client()
            try poller.sendRequest("GET", server.polling(try server.openPolling(on: try server.client())))
            let client = try server.client()
            try client.sendRequest("GET", "/late")
            #expect(try asked.next() == "asked")
            let engine = server.engine
            let closed = Journal()
            startOffPool {
                await engine.close()
                closed.append("closed")
            }
            // The sessions are told in the same step as the streams.
            #expect(try poller.response().text == "1")
            gate.open()
            let head = String(decoding: try client.receive(through: "\r\n\r\n"), as: UTF8.self)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try client.receiveToEnd() == Array("0\r\n\r\n".utf8))
            #expect(try closed.next() == "closed")
        }
    }

    @Test(arguments: ["a\nb", "a\rb", "a\0b"])
    func `a name or an id that would be another field is not sent`(text: String) async throws {
        try await withServer { server throws in
            server.engine.http.events("/injected/:field") { request, stream in
                let isID = request.parameters["field"] == "id"
                try await stream.send("x", event: isID ? nil : text, id: isID ? text : nil)
            }
            for field in ["id", "event"] {
                let client = try server.client()
                try client.sendRequest("GET", "/injected/\(field)")
                _ = try client.receive(through: "\r\n\r\n")
                #expect(try client.receiveToEnd() == [])
            }
            #expect(server.log.lines.contains { $0.hasPrefix("error: GET /injected/:field failed: ") })
        }
    }

    @Test func `whatever an event holds, its lines are what is read`() {
        var random = SeededGenerator(seed: 11)
        let parts = ["\n", "\r", "\r\n", " ", ":", "data", "id: 7", "é", "x"]
        for _ in 0..<2000 {
            let data = (0..<Int.random(in: 0...8, using: &random)).map { _ in parts.randomElement(using: &random)! }
                .joined()
            let writer = ByteWriter()
            let bytes = Array(data.utf8)
            ServerSentEvent.append(bytes.span, event: "e", id: nil, retry: nil, to: writer)
            let (event, read) = Self.read(String(decoding: writer.array(), as: UTF8.self))
            #expect(event == "e")
            #expect(Array(read.utf8) == Self.withPlainLineEnds(bytes))
        }
    }

    /// With `\n` for `\r\n` and for `\r`, told by bytes: to a `String` a pair is one character.
    private static func withPlainLineEnds(_ bytes: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x0D: plain.append(0x0A)
            case 0x0A where index > 0 && bytes[index - 1] == 0x0D: break
            default: plain.append(byte)
            }
        }
        return plain
    }

    /// The only event in `text`, as 9.2.6 says.
    private static func read(_ text: String) -> (event: String?, data: String) {
        var (event, data) = (String?.none, [String]())
        for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            var value = line[line.index(after: colon)...]
            if value.first == " " { value = value.dropFirst() }
            switch String(line[..<colon]) {
            case "data": data.append(String(value))
            case "event": event = String(value)
            default: Issue.record("no such field in \(text.debugDescription)")
            }
        }
        return (event, data.joined(separator: "\n"))
    }
}
