import EngineIO
import TestSupport
import Testing

@Suite struct HTTPRoutesTests {
    private struct Sum: Codable {
        var a: Int
        var b: Int
    }

    @Test func `a route answers GET, and HEAD without the body`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/hello") { .text("hello \($0.query["name"] ?? "")") }
            let client = try server.client()
            let got = try client.get("/hello?name=w%C3%B6rld")
            #expect(got.status == 200)
            #expect(got.text == "hello wörld")
            #expect(got["content-type"] == "text/plain; charset=utf-8")
            try client.sendRequest("HEAD", "/hello?name=x")
            let head = try client.response(toHead: true)
            #expect(head.status == 200)
            #expect(head["content-length"] == "7")
            #expect(try client.get("/hello").text == "hello ")
        }
    }

    @Test(arguments: [204, 304]) func `a status that has no body sends none, however large`(status: Int) async throws {
        try await withServer { server throws in
            server.engine.http.get("/none") { _ in
                HTTPResponse(status: status, body: [UInt8](repeating: 7, count: 100_000))
            }
            server.engine.http.get("/next") { _ in .text("next") }
            let client = try server.client()
            #expect(try client.get("/none").status == status)
            #expect(try client.get("/next").text == "next")
        }
    }

    @Test func `a route answers POST with JSON both ways`() async throws {
        try await withServer { server throws in
            server.engine.http.post("/sum") { request in
                let sum = try request.json(as: Sum.self)
                return try .json(["sum": sum.a + sum.b], status: 201)
            }
            let client = try server.client()
            let response = try client.post("/sum", #" {"a":1, "b":2} "#)
            #expect(response.status == 201)
            #expect(response.text == #"{"sum":3}"#)
            #expect(response["content-type"] == "application/json")
            for body in ["", "{", #"{"a":1}"#, #"{"a":1,"b":"x"}"#, #"{"a":1,"b":2}x"#, "\u{0}"] {
                #expect(try client.post("/sum", body).status == 400, "\(body)")
            }
            #expect(try client.post("/sum", [0x22, 0xFF, 0x22]).status == 400)
        }
    }

    @Test func `what is wrong with a body is said`() async throws {
        try await withServer { server throws in
            server.engine.http.post("/sum") { request in try .json(request.json(as: Sum.self)) }
            let client = try server.client()
            for (body, words) in [
                (#"{"a":1}"#, #""b" is missing"#), (#"{"a":1,"b":"x"}"#, ".b"), ("{", "not JSON"), ("", "not JSON"),
            ] {
                let response = try client.post("/sum", body)
                #expect(response.status == 400)
                #expect(response["content-type"] == "text/plain; charset=utf-8")
                #expect(response.text.hasPrefix("The body is not what is expected here: "))
                #expect(response.text.contains(words), "\(response.text)")
            }
            let long = "{\"" + String(repeating: "\u{1}x", count: 2000) + "\":"
            #expect(try client.post("/sum", long).text.utf8.count < 2000)
            #expect(!server.log.lines.contains { $0.hasPrefix("error") })
        }
    }

    @Test func `a body nests as deep as is configured`() async throws {
        try await withServer {
            $0.jsonDepth = 3
        } _: { server throws in
            server.engine.http.post("/value") { request in try .json(request.json(as: JSONValue.self)) }
            let client = try server.client()
            #expect(try client.post("/value", "[[[1]]]").text == "[[[1]]]")
            #expect(try client.post("/value", "[[[[1]]]]").status == 400)
        }
    }

    @Test func `paths are compared by their bytes`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/caf\u{E9}") { _ in .text("composed") }
            server.engine.http.get("/K") { _ in .text("K") }
            server.engine.http.get("/a/b") { _ in .text("a, b") }
            let client = try server.client()
            #expect(try client.get("/caf%C3%A9").text == "composed")
            #expect(try client.get("/cafe%CC%81").status == 404)
            #expect(try client.get("/%E2%84%AA").status == 404)
            #expect(try client.get("/a%2Fb").status == 404)
            server.engine.http.get("/cafe\u{301}") { _ in .text("decomposed") }
            #expect(try client.get("/cafe%CC%81").text == "decomposed")
            #expect(try client.get("/caf%C3%A9").text == "composed")
        }
    }

    @Test func `every response says what time it is, and an application may say so itself`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/page") { _ in .text("x") }
            server.engine.http.get("/own") { _ in HTTPResponse(fields: [("DATE", "never")]) }
            let client = try server.client()
            for target in ["/page", "/none", server.polling] {
                let date = try #require(try client.get(target)["date"], "\(target)")
                #expect(date.utf8.count == 29 && date.hasSuffix(" GMT"), "\(date)")
            }
            #expect(try client.get("/own").fields.filter { $0.name == "date" }.map(\.value) == ["never"])
            try client.send("GET  / HTTP/1.1\r\n\r\n")
            #expect(try client.response()["date"] != nil)
        }
    }

    @Test func `a path without a route is 404, another method 405`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/page") { _ in .html("<p>") }
            server.engine.http.post("/form") { _ in .text("x") }
            let client = try server.client()
            #expect(try client.get("/none").status == 404)
            #expect(try client.post("/none", "body").status == 404)
            #expect(try client.get("/page/").status == 404)
            let wrong = try client.post("/page", "body")
            #expect(wrong.status == 405)
            #expect(wrong["allow"] == "GET, HEAD")
            let form = try client.get("/form")
            #expect(form.status == 405)
            #expect(form["allow"] == "POST")
            try client.sendRequest("DELETE", "/page")
            #expect(try client.response().status == 405)
            #expect(try client.get("/page").text == "<p>")
        }
    }

    @Test func `a handler that throws is 500, and its words are logged, not sent`() async throws {
        struct Secret: Error {}
        try await withServer { server throws in
            server.engine.http.get("/fails") { _ in throw Secret() }
            let client = try server.client()
            let response = try client.get("/fails")
            #expect(response.status == 500)
            #expect(!response.text.contains("Secret"))
            #expect(server.log.lines.contains { $0.hasPrefix("error: GET /fails failed: Secret") })
            #expect(try client.get("/fails").status == 500)
        }
    }

    @Test(arguments: [0, -1, 99, 100, 101, 600, 1000])
    func `a status that no response can have is 500`(_ status: Int) async throws {
        try await withServer { server throws in
            server.engine.http.get("/odd") { _ in HTTPResponse(status: status) }
            let client = try server.client()
            #expect(try client.get("/odd").status == 500)
            #expect(try client.get("/odd").status == 500)
        }
    }

    @Test func `fields that would change where the response ends are not sent`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/fields") { _ in
                HTTPResponse(
                    fields: [
                        ("Content-Length", "100"), ("Transfer-Encoding", "chunked"), ("X-Bad", "a\r\nX-Split: b"),
                        ("X Bad", "a"), ("Connection", "close"), ("X-Good", "é"),
                    ], body: [0x61])
            }
            let client = try server.client()
            let response = try client.get("/fields")
            #expect(response.fields.map(\.name) == ["x-good", "date", "content-length"])
            #expect(response.text == "a")
            #expect(try client.get("/fields").text == "a")
            let lines = server.log.lines.filter { $0.contains("is not sent") }
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix("warning: a field of a response is not sent: ") == true)
            #expect(lines.first?.hasSuffix(": Connection") == true)
        }
    }

    @Test func `a redirect to a location that is none is said`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/old") { .redirect(to: $0.query["to"] ?? "") }
            #expect(try server.get("/old?to=/a%0D%0ASet-Cookie:x")["location"] == nil)
            #expect(server.log.lines.filter { $0.hasSuffix(": Location") }.count == 1)
        }
    }

    @Test func `a route can be added while the server listens`() async throws {
        try await withServer { server throws in
            #expect(try server.get("/x").status == 404)
            server.engine.http.get("/x") { _ in .text("one") }
            #expect(try server.get("/x").text == "one")
            #expect(try server.get("/%78").text == "one")
        }
    }

    @Test func `a redirect has its location`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/old") { _ in .redirect(to: "/new") }
            let response = try server.get("/old")
            #expect(response.status == 302)
            #expect(response["location"] == "/new")
        }
    }

    @Test(arguments: [true, false])
    func `a handler whose client leaves is cancelled`(abort: Bool) async throws {
        try await withServer { server throws in
            server.engine.http.post("/slow") { _ in
                server.journal.append("begun")
                do {
                    try await Task.sleep(for: .seconds(600))
                } catch {
                    server.journal.append("cancelled")
                    throw error
                }
                return .text("late")
            }
            let client = try server.client()
            try client.sendRequest("POST", "/slow", body: [1])
            #expect(try server.journal.next() == "begun")
            if abort { client.abort() } else { client.close() }
            #expect(try server.journal.next() == "cancelled")
            try server.expectCensus(sessions: 0, connections: 0)
            // The client's leaving is no fault of the application.
            #expect(!server.log.lines.contains { $0.hasPrefix("error") })
        }
    }

    @Test func `a handler that answers nevertheless, to a client that has only closed its side, is heard`() async throws
    {
        try await withServer { server throws in
            server.engine.http.get("/slow") { _ in
                server.journal.append("begun")
                // Ends when it is cancelled.
                while !Task.isCancelled { await Task.yield() }
                return .text("late")
            }
            let client = try server.client()
            try client.sendRequest("GET", "/slow")
            #expect(try server.journal.next() == "begun")
            client.finish()
            #expect(try client.response().text == "late")
            #expect(try client.receiveToEnd() == [])
        }
    }

    @Test func `of a client that has closed its side every request is answered, and each handler is told`() async throws
    {
        try await withServer { server throws in
            server.engine.http.get("/slow") { request in
                // Ends when it is cancelled.
                while !Task.isCancelled { await Task.yield() }
                return .text("late \(request.query["n"] ?? "")")
            }
            let client = try server.client()
            let requests = (1...3).flatMap { RawClient.requestBytes("GET", "/slow?n=\($0)") }
            try client.send(requests)
            client.finish()
            for number in 1...3 { #expect(try client.response().text == "late \(number)") }
            #expect(try client.receiveToEnd() == [])
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a request of another loop is answered to a client that has closed its side, too`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/slow") { _ in
                while !Task.isCancelled { await Task.yield() }
                return .text("late")
            }
            for _ in 0..<4 {
                let id = try server.openPolling(on: try server.client())
                let client = try server.client()
                try client.send(
                    RawClient.requestBytes("GET", "/slow")
                        + RawClient.requestBytes("POST", server.polling(id), body: Array("4x".utf8)))
                client.finish()
                #expect(try client.response().text == "late")
                #expect(try client.response().text == "ok")
                #expect(try client.receiveToEnd() == [])
            }
        }
    }

    @Test func `allowRequest is cancelled when its client leaves`() async throws {
        let journal = Journal()
        try await withServer {
            $0.allowRequest = { _ in
                journal.append("asked")
                do {
                    try await Task.sleep(for: .seconds(600))
                } catch {
                    journal.append("cancelled")
                    throw error
                }
            }
        } _: { server throws in
            let client = try server.client()
            try client.sendRequest("GET", server.polling)
            #expect(try journal.next() == "asked")
            client.close()
            #expect(try journal.next() == "cancelled")
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }
}
