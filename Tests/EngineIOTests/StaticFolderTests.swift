import EngineIO
import Foundation
import TestSupport
import Testing

@Suite struct StaticFolderTests {
    /// A folder with files, one beside it, links, and hidden ones.
    private struct Files {
        let root: URL
        var folder: String { root.appending(path: "public").path() }

        init() throws {
            root = FileManager.default.temporaryDirectory.appending(path: "engine-\(UUID().uuidString)")
            let folder = root.appending(path: "public")
            try FileManager.default.createDirectory(
                at: folder.appending(path: "sub"), withIntermediateDirectories: true)
            try FileManager.default.createDirectory(
                at: root.appending(path: "public-not"), withIntermediateDirectories: true)
            for (name, text) in [
                ("secret.txt", "secret"), ("public-not/x.txt", "secret"), ("public/index.html", "<h1>index</h1>"),
                ("public/a.js", "let a"), ("public/a.css", "a {}"), ("public/a b.txt", "spaced"),
                ("public/x.unknown", "?"), ("public/none", "?"), ("public/.hidden", "secret"),
                ("public/sub/index.html", "sub index"), ("public/sub/b.json", "{}"), ("public/empty.txt", ""),
            ] {
                try Data(text.utf8).write(to: root.appending(path: name))
            }
            for (link, target) in [
                ("out.txt", "../secret.txt"), ("outside", ".."), ("in.txt", "a b.txt"), ("loop", "loop"),
                ("dangling", "nowhere"), ("device", "/dev/zero"),
            ] {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.appending(path: link).path(), withDestinationPath: target)
            }
        }

        func remove() {
            try? FileManager.default.removeItem(at: root)
        }
    }

    private static func withFiles(_ body: @escaping @Sendable (TestServer) throws -> Void) async throws {
        let files = try Files()
        defer { files.remove() }
        try await withServer { server throws in
            server.engine.http.folder("/assets", at: files.folder)
            try body(server)
        }
    }

    @Test func `files are served with their types`() async throws {
        try await Self.withFiles { server throws in
            let client = try server.client()
            for (path, type, text) in [
                ("/assets/", "text/html; charset=utf-8", "<h1>index</h1>"),
                ("/assets/index.html", "text/html; charset=utf-8", "<h1>index</h1>"),
                ("/assets/sub/", "text/html; charset=utf-8", "sub index"),
                ("/assets/a.js", "application/javascript; charset=utf-8", "let a"),
                ("/assets/a.css", "text/css; charset=utf-8", "a {}"),
                ("/assets/a%20b.txt", "text/plain; charset=utf-8", "spaced"),
                ("/assets/sub/b.json?x=y", "application/json; charset=utf-8", "{}"),
                ("/assets/x.unknown", "application/octet-stream", "?"),
                ("/assets/none", "application/octet-stream", "?"),
                ("/assets/empty.txt", "text/plain; charset=utf-8", ""),
                ("/assets/in.txt", "text/plain; charset=utf-8", "spaced"),
            ] {
                let response = try client.get(path)
                #expect(response.status == 200, "\(path)")
                #expect(response["content-type"] == type, "\(path)")
                #expect(response.text == text, "\(path)")
                #expect(response["x-content-type-options"] == "nosniff")
                #expect(response["cache-control"] == "no-cache")
            }
            try client.sendRequest("HEAD", "/assets/a.js")
            let head = try client.response(toHead: true)
            #expect(head.status == 200)
            #expect(head["content-length"] == "5")
        }
    }

    @Test func `a file that did not change is not sent again`() async throws {
        try await Self.withFiles { server throws in
            let client = try server.client()
            let tag = try #require(try client.get("/assets/a.js")["etag"])
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
            for matching in [tag, "W/\(tag)", "\"x\", \(tag)", "*", " \(tag) ,\"y\""] {
                let response = try client.get("/assets/a.js", [("If-None-Match", matching)])
                #expect(response.status == 304, "\(matching)")
                #expect(response["etag"] == tag)
                #expect(response.body == [])
            }
            for other in ["\"x\"", "", "x", tag + "x"] {
                #expect(try client.get("/assets/a.js", [("If-None-Match", other)]).status == 200, "\(other)")
            }
        }
    }

    @Test(arguments: [
        "/assets/../secret.txt", "/assets/%2e%2e/secret.txt", "/assets/..%2fsecret.txt", "/assets/%2e%2e%2fsecret.txt",
        "/assets/sub/../../secret.txt", "/assets/sub/%2E%2E/%2E%2E/secret.txt", "/assets/..%5csecret.txt",
        "/assets//../secret.txt", "/assets/./../secret.txt", "/assets/%252e%252e/secret.txt",
        "/assets/....//secret.txt",
        "/assets/../public-not/x.txt", "/assets/..;/secret.txt", "/assets/%c0%ae%c0%ae/secret.txt",
        "/assets/out.txt", "/assets/outside/secret.txt", "/assets/loop",
        "/assets/dangling", "/assets/device", "/assets/.hidden", "/assets/%2ehidden", "/assets/sub/../.hidden",
        "/assets//etc/passwd", "/assets/%2fetc/passwd", "/assets/a.js%00.txt", "/assets/a.js/", "/assetsa.js",
        "/assets/sub%2Fb.json", "/assets%2Fa.js", "/assets/.hidden/", "/assets/outside", "/assets/sub/..",
        "/assets/unknown", "/assets-not/x.txt", "/public-not/x.txt",
        "http://localhost/assets/../secret.txt",
    ])
    func `nothing outside the folder and nothing hidden is served`(_ target: String) async throws {
        try await Self.withFiles { server throws in
            let response = try server.get(target)
            #expect(response.status == 404 || response.status == 400)
            #expect(!response.text.contains("secret"))
        }
    }

    @Test(arguments: [
        ("/assets", "/assets/"), ("/assets?x=%2F&y", "/assets/?x=%2F&y"), ("/assets/sub", "/assets/sub/"),
        ("/assets/s%75b", "/assets/s%75b/"), ("/assets//sub", "/assets//sub/"),
    ])
    func `a folder without its slash is redirected to the name with it`(_ target: String, _ location: String)
        async throws
    {
        try await Self.withFiles { server throws in
            for method in ["GET", "HEAD"] {
                let response = try server.request(method, target)
                #expect(response.status == 301)
                #expect(response["location"] == location)
            }
            #expect(try server.post("/assets", "x").status == 404)
        }
    }

    @Test func `a redirect within a folder at the root leads to no other host`() async throws {
        let files = try Files()
        defer { files.remove() }
        try await withServer { server throws in
            server.engine.http.folder("/", at: files.folder)
            #expect(try server.get("//sub")["location"] == "/sub/")
            #expect(try server.get("/sub")["location"] == "/sub/")
            #expect(try server.get("/").text == "<h1>index</h1>")
        }
    }

    @Test(arguments: [
        ("bytes=0-2", 206, "let", "bytes 0-2/5"), ("bytes=4-", 206, "a", "bytes 4-4/5"),
        ("bytes=-1", 206, "a", "bytes 4-4/5"), ("bytes=0-99", 206, "let a", "bytes 0-4/5"),
        ("bytes=5-", 416, "", "bytes */5"), ("bytes=-0", 416, "", "bytes */5"),
        ("bytes=0-0,2-3", 200, "let a", nil), ("lines=1-2", 200, "let a", nil), ("bytes=2-1", 200, "let a", nil),
    ])
    func `a part of a file is sent to whom asks for it`(_ range: String, _ status: Int, _ text: String, _ part: String?)
        async throws
    {
        try await Self.withFiles { server throws in
            let client = try server.client()
            let response = try client.get("/assets/a.js", [("Range", range)])
            #expect(response.status == status)
            #expect(response.text == text)
            #expect(response["content-range"] == part)
            #expect(response["accept-ranges"] == "bytes")
            #expect(response["content-length"] == "\(text.utf8.count)")
            // Of GET only.
            try client.sendRequest("HEAD", "/assets/a.js", [("Range", range)])
            let head = try client.response(toHead: true)
            #expect(head.status == 200)
            #expect(head["content-length"] == "5")
            #expect(try client.get("/assets/empty.txt", [("Range", range)]).status == 200)
        }
    }

    @Test func `a part is sent only of the version that it is a part of`() async throws {
        try await Self.withFiles { server throws in
            let client = try server.client()
            let tag = try #require(try client.get("/assets/a.js")["etag"])
            for (version, status) in [
                (tag, 206), ("W/\(tag)", 200), ("\"x\"", 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200), ("", 200),
            ] {
                let fields = [("Range", "bytes=1-2"), ("If-Range", version)]
                #expect(try client.get("/assets/a.js", fields).status == status, "\(version)")
            }
            let unchanged = try client.get("/assets/a.js", [("Range", "bytes=1-2"), ("If-None-Match", tag)])
            #expect(unchanged.status == 304)
        }
    }

    @Test func `what has a well-known place is served`() async throws {
        let files = try Files()
        defer { files.remove() }
        let folder = URL(filePath: files.folder)
        for name in [".well-known", ".well-known/acme-challenge", ".well-known.old", "sub/.git"] {
            try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        for name in [".well-known/acme-challenge/token", ".well-known/.hidden", ".well-known.old/x", "sub/.git/x"] {
            try Data("secret".utf8).write(to: folder.appending(path: name))
        }
        try await withServer { server throws in
            server.engine.http.folder("/", at: files.folder)
            #expect(try server.get("/.well-known/acme-challenge/token").text == "secret")
            for target in ["/.well-known/.hidden", "/.well-known.old/x", "/sub/.git/x", "/.well-known/../.hidden"] {
                #expect(try server.get(target).status == 404, "\(target)")
            }
        }
    }

    @Test func `a folder that is not there is said, and served once it is`() async throws {
        let files = try Files()
        defer { files.remove() }
        let later = files.root.appending(path: "later").path()
        var configuration = EngineIOServer.Configuration()
        let log = LogLines()
        configuration.logger = log
        let engine = EngineIOServer(configuration)
        engine.http.folder("/later", at: later)
        engine.http.folder("/there", at: files.folder)
        engine.http.folder("/root", at: "/")
        let port = try await engine.listen(host: "127.0.0.1", port: 0).port
        let said = log.lines.filter { $0.contains("http.folder") }
        #expect(said == ["warning: the folder \(later) of `http.folder` is not there, so that its files are 404"])
        let names = files.root.path()
        do {
            try await offPool {
                #expect(try RawClient(port: port).get("/later/a.txt").status == 404)
                try FileManager.default.createDirectory(atPath: later, withIntermediateDirectories: true)
                try Data("here".utf8).write(to: URL(filePath: later).appending(path: "a.txt"))
                #expect(try RawClient(port: port).get("/later/a.txt").text == "here")
                #expect(try RawClient(port: port).get("/later/../secret.txt").status == 404)
                #expect(try RawClient(port: port).get("/root\(names)/secret.txt").text == "secret")
            }
            await engine.close()
        } catch {
            await engine.close()
            throw error
        }
    }

    @Test func `a folder is for GET and HEAD, and routes come first`() async throws {
        try await Self.withFiles { server throws in
            server.engine.http.get("/assets/a.js") { _ in .text("route") }
            #expect(try server.get("/assets/a.js").text == "route")
            #expect(try server.post("/assets/a.css", "x").status == 404)
        }
    }
}
