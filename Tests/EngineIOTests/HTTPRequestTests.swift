import EngineIO
import Foundation
import TestSupport
import Testing

/// What a handler sees of a request, and what it can answer with.
@Suite struct HTTPRequestTests {
    @Test func `a field that was sent in several lines is one, in the order sent`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/fields") { request in
                let names = request.query.values(of: "name")
                return .text(names.map { request.headers[$0] ?? "-" }.joined(separator: "\n"))
            }
            let fields = [
                ("Accept", "text/html"), ("Cookie", "a=1"), ("X-One", "1"), ("accept", "*/*"), ("COOKIE", "b=2; c=3"),
                ("x-one", ""), ("X-One", "a,b"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("X-Two", "2"),
            ]
            let text = try server.get(
                "/fields?name=ACCEPT&name=cookie&name=x-one&name=x-two&name=none&name=sec-websocket-key", fields
            ).text
            #expect(
                text.split(separator: "\n") == [
                    "text/html, */*", "a=1; b=2; c=3", "1, , a,b", "2", "-", "dGhlIHNhbXBsZSBub25jZQ==",
                ])
        }
    }

    @Test func `what the request line says is no field`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/fields") { .text($0.headers[$0.query["name"] ?? ""] ?? "-") }
            for name in [":path", ":address", ":query", ""] {
                #expect(try server.get("/fields?name=\(name)").text == "-")
            }
        }
    }

    @Test func `a query has all values of a name, and is there as it was sent`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/q") { request in
                .text(
                    "\(request.query.values(of: "t g")) \(request.query["t g"] ?? "-") \(request.query.raw) \(request.url)"
                )
            }
            for (query, text) in [
                ("?t+g=a&x=1&t%20g=b%26&t+g", #"["a", "b&", ""] a t+g=a&x=1&t%20g=b%26&t+g"#), ("", "[] - "),
                ("?", "[] - "),
                ("?x", "[] - x"),
            ] {
                let url = query == "?" ? "/q" : "/q" + query
                #expect(try server.get("/q" + query).text == text + " " + url)
            }
        }
    }

    @Test func `a status has its usual words`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/:status") { .status(Int($0.parameters["status"] ?? "") ?? 0) }
            for (status, words) in [
                (201, "Created"), (303, "See Other"), (308, "Permanent Redirect"), (409, "Conflict"), (410, "Gone"),
                (422, "Unprocessable Content"), (502, "Bad Gateway"), (504, "Gateway Timeout"), (599, "Unknown"),
            ] {
                #expect(try server.get("/\(status)").text == words)
            }
        }
    }

    @Test func `a handler answers with a file, as folders do`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "file-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("a,b\n".utf8).write(to: folder.appending(path: "table.txt"))
        let path = folder.path()
        try await withServer { server throws in
            server.engine.http.get("/table", cors: .any) { _ in
                var response = HTTPResponse.file("\(path)/table.txt")
                response.fields.append(("content-type", "text/csv"))
                response.fields.append(("Content-Disposition", "attachment"))
                return response
            }
            server.engine.http.post("/table") { _ in .file("\(path)/table.txt") }
            server.engine.http.get("/*path") { _ in .file("\(path)/table.txt", status: 404) }
            server.engine.http.get("/none") { _ in .file("\(path)/none") }
            server.engine.http.get("/folder") { _ in .file(path) }
            let whole = try server.get("/table")
            #expect(whole.status == 200)
            #expect(whole.text == "a,b\n")
            #expect(whole["content-type"] == "text/csv")
            #expect(whole["content-disposition"] == "attachment")
            #expect(whole["cache-control"] == "no-cache")
            #expect(whole["access-control-allow-origin"] == "*")
            let tag = try #require(whole["etag"])
            let part = try server.get("/table", [("Range", "bytes=0-0")])
            #expect(part.status == 206)
            #expect(part.text == "a")
            #expect(part["content-range"] == "bytes 0-0/4")
            #expect(try server.get("/table", [("If-None-Match", tag)]).status == 304)
            #expect(try server.request("HEAD", "/table")["content-length"] == "4")
            // Conditions and ranges are of GET, and of a file that is the answer to it.
            let posted = try server.post("/table", "x", [("If-None-Match", tag), ("Range", "bytes=0-0")])
            #expect(posted.status == 200)
            #expect(posted.text == "a,b\n")
            let other = try server.get("/other", [("If-None-Match", tag), ("Range", "bytes=0-0")])
            #expect(other.status == 404)
            #expect(other.text == "a,b\n")
            #expect(try server.get("/none").status == 404)
            #expect(try server.get("/folder").status == 404)
        }
    }

    @Test func `a folder answers first, and a route for the rest what it has not`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "file-\(UUID().uuidString)")
        let (first, second) = (folder.appending(path: "first"), folder.appending(path: "second"))
        for part in [first, second] {
            try FileManager.default.createDirectory(at: part, withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("a".utf8).write(to: first.appending(path: "a.txt"))
        try Data("b".utf8).write(to: second.appending(path: "a.txt"))
        try Data("b".utf8).write(to: second.appending(path: "b.txt"))
        try await withServer { server throws in
            server.engine.http.get("/*path") { .text("page of \($0.parameters["path"] ?? "")") }
            server.engine.http.folder("/", at: first.path(), cors: .any)
            server.engine.http.folder("/", at: second.path())
            server.engine.http.folder("/sub", at: second.path())
            for (target, text) in [
                ("/a.txt", "a"), ("/b.txt", "b"), ("/c.txt", "page of c.txt"), ("/sub/b.txt", "b"),
                ("/sub/c", "page of sub/c"),
                ("/", "page of "),
            ] {
                #expect(try server.get(target).text == text, "\(target)")
            }
            #expect(try server.get("/sub").status == 301)
            #expect(try server.get("/a.txt")["access-control-allow-origin"] == "*")
            #expect(try server.get("/b.txt")["access-control-allow-origin"] == nil)
            #expect(try server.request("OPTIONS", "/a.txt")["allow"] == "GET, HEAD")
        }
    }
}
