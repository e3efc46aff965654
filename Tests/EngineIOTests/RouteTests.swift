import TestSupport
import Testing

@testable import EngineIO

/// Methods, parameters, and which route a path finds.
@Suite struct RouteTests {
    @Test(arguments: [
        ("", "does not begin with a slash"), ("users", "does not begin with a slash"),
        ("*", "does not begin with a slash"),
        ("/users/:", "has a `:` without a name"), ("/:/x", "has a `:` without a name"),
        ("/*", "has a `*` without a name: write `*path`"), ("/a/:id/b/:id", "has two parameters `id`"),
        ("/:id/*id", "has two parameters `id`"), ("/*path/x", "goes on behind its `*`, which stands for all the rest"),
        ("/*path/", "goes on behind its `*`, which stands for all the rest"),
    ])
    func `a path that is none is refused with words`(_ path: String, _ words: String) {
        #expect(throws: RoutePattern.Failure(words: words)) { try RoutePattern(parsing: path) }
    }

    @Test(arguments: ["/", "/:id", "/*path", "//", "/a/", "/a:b", "/a*", "/\u{E9}/:e\u{301}/*\u{E9}"])
    func `a path is taken`(_ path: String) throws {
        _ = try RoutePattern(parsing: path)
    }

    @Test func `each method has its route`() async throws {
        try await withServer { server throws in
            let http = server.engine.http
            http.get("/x") { .text($0.method) }
            http.post("/x") { .text($0.method) }
            http.put("/x") { .text($0.method) }
            http.patch("/x") { .text($0.method) }
            http.delete("/x") { .text($0.method) }
            http.on("M-SEARCH", "/x") { .text($0.method) }
            let client = try server.client()
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "M-SEARCH"] {
                try client.sendRequest(method, "/x", body: method == "GET" ? nil : [1])
                #expect(try client.response().text == method)
            }
            try client.sendRequest("LOCK", "/x")
            let locked = try client.response()
            #expect(locked.status == 405)
            #expect(locked["allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE, M-SEARCH")
            try client.sendRequest("get", "/x")
            #expect(try client.response().status == 405)
        }
    }

    @Test func `a route for HEAD or OPTIONS goes before what answers them otherwise`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/x") { _ in .text("got") }
            server.engine.http.on("HEAD", "/x") { _ in HTTPResponse(fields: [("X-Own", "head")]) }
            server.engine.http.on("OPTIONS", "/x") { _ in .text("own") }
            #expect(try server.request("HEAD", "/x")["x-own"] == "head")
            #expect(try server.request("OPTIONS", "/x").text == "own")
            #expect(try server.get("/x").text == "got")
        }
    }

    @Test func `OPTIONS says which methods a path has`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/users/:id") { _ in .text("") }
            server.engine.http.put("/users/me") { _ in .text("") }
            for (target, status, allow) in [
                ("/users/me", 204, "PUT, GET, HEAD"), ("/users/7", 204, "GET, HEAD"), ("/users", 404, nil),
                ("*", 204, nil),
            ] as [(String, Int, String?)] {
                let response = try server.request("OPTIONS", target)
                #expect(response.status == status, "\(target)")
                #expect(response["allow"] == allow, "\(target)")
                #expect(response["access-control-allow-methods"] == nil)
            }
        }
    }

    @Test func `parameters are decoded once`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/users/:id/files/*path") { request in
                .text("\(request.parameters["id"] ?? "-")|\(request.parameters["path"] ?? "-")")
            }
            server.engine.http.get("/only/:id") { .text("\($0.parameters["id"] ?? "-") \($0.parameters["ID"] ?? "-")") }
            for (target, text) in [
                ("/users/7/files/a/b", "7|a/b"), ("/users/7/files/", "7|"), ("/users/a%2Fb/files/c%2Fd", "a/b|c%2Fd"),
                ("/users/a%252Fb/files/c%252Fd", "a%2Fb|c%2Fd"), ("/users/%7B%7d/files//", "{}|/"),
                ("/users/w%C3%B6/files/x?id=2", "wö|x"), ("/users/%/files/%2", "%|%2"), ("/users/a+b/files/+", "a+b|+"),
                ("/users/%FF/files/x", "\u{FFFD}|x"), ("/only/a", "a -"), ("/%6Fnly/:id", ":id -"),
                ("http://localhost/only/b?", "b -"),
            ] {
                #expect(try server.get(target).text == text, "\(target)")
            }
            for target in [
                "/users//files/a", "/users/7/files", "/only/", "/only", "/only/a/", "/only/a/b", "/only%2Fa",
            ] {
                #expect(try server.get(target).status == 404, "\(target)")
            }
            #expect(try server.get("/none")["allow"] == nil)
        }
    }

    @Test func `a request outside of a route has no parameters`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/x") { .text($0.parameters["id"] ?? "none") }
            #expect(try server.get("/x").text == "none")
        }
    }

    @Test(arguments: [false, true])
    func `names count before parameters, and parameters before rests, in whatever order they came`(_ reversed: Bool)
        async throws
    {
        try await withServer { server throws in
            let paths = [
                "/*rest", "/:a", "/users/:id", "/users/me", "/users/:id/posts", "/users/me/settings", "/users/*rest",
                "/:a/:b/:c",
                "/", "/users/:id/",
            ]
            for path in reversed ? paths.reversed() : paths { server.engine.http.get(path) { _ in .text(path) } }
            for (target, path) in [
                ("/", "/"), ("/x", "/:a"), ("/users", "/:a"), ("/users/", "/users/*rest"), ("/users/me", "/users/me"),
                ("/users/you", "/users/:id"), ("/users/me/posts", "/users/:id/posts"),
                ("/users/me/settings", "/users/me/settings"), ("/users/me/", "/users/:id/"),
                ("/users/you/settings", "/users/*rest"), ("/a/b/c", "/:a/:b/:c"), ("/a/b", "/*rest"),
                ("//", "/*rest"), ("/a/b/c/d", "/*rest"),
            ] {
                #expect(try server.get(target).text == path, "\(target)")
            }
        }
    }

    @Test func `a less exact path answers the methods that a more exact one has not`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/users/me") { _ in .text("me") }
            server.engine.http.delete("/users/:id") { .text("deleted \($0.parameters["id"] ?? "")") }
            #expect(try server.request("DELETE", "/users/me").text == "deleted me")
            #expect(try server.get("/users/me").text == "me")
            let other = try server.request("PUT", "/users/me")
            #expect(other.status == 405)
            #expect(other["allow"] == "GET, HEAD, DELETE")
        }
    }

    @Test func `a path with many segments is 404 like another`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/:a/:b/*rest") { .text("\($0.parameters["rest"]?.utf8.count ?? 0)") }
            let long = String(repeating: "/", count: 10_000)
            #expect(try server.get(long).status == 404)
            #expect(try server.get("/a/b/" + long).text == "10000")
        }
    }

    #if os(Linux) || os(macOS)
        @Test func `a second route for a method and a path ends the process with words`() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let http = EngineIOServer().http
                http.get("/users/:id") { _ in .text("one") }
                http.put("/users/:id") { _ in .text("another method") }
                http.get("/users/:name") { _ in .text("two") }
            }
            let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(words.contains("GET /users/:name has a route already"))
        }

        @Test func `a method in small letters ends the process with words`() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                EngineIOServer().http.on("get", "/") { _ in .text("") }
            }
            let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(words.contains("\"get\" is no method of HTTP"))
        }

        @Test func `a path without its slash ends the process with words`() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                EngineIOServer().http.get("users") { _ in .text("") }
            }
            let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(words.contains("the path \"users\" of a route does not begin with a slash"))
        }
    #endif
}

/// Which pages of other origins may use a route.
@Suite struct RouteCORSTests {
    private static let page = [("Origin", "https://a.example")]

    private static func preflight(_ method: String) -> [(String, String)] {
        page + [("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "content-type")]
    }

    @Test func `what a route answers may be read by the pages that it names, errors included`() async throws {
        struct Failed: Error {}
        try await withServer { server throws in
            server.engine.http.get("/open", cors: .any) { _ in .text("open") }
            server.engine.http.post("/listed", cors: .origins("https://a.example")) { _ in throw Failed() }
            server.engine.http.get("/closed") { _ in .text("closed") }
            #expect(try server.get("/open", Self.page)["access-control-allow-origin"] == "*")
            let failed = try server.post("/listed", "x", Self.page)
            #expect(failed.status == 500)
            #expect(failed["access-control-allow-origin"] == "https://a.example")
            #expect(failed["vary"] == "Origin")
            let stranger = try server.post("/listed", "x", [("Origin", "https://b.example")])
            #expect(stranger["access-control-allow-origin"] == nil)
            #expect(stranger["vary"] == "Origin")
            let closed = try server.get("/closed", Self.page)
            #expect(!closed.fields.contains { $0.name.hasPrefix("access-control") || $0.name == "vary" })
        }
    }

    @Test func `a page may ask before, for the methods that the path has`() async throws {
        try await withServer { server throws in
            var listed = CORSPolicy.origins("https://a.example")
            listed.maxAge = .seconds(60)
            server.engine.http.put("/users/:id", cors: listed) { _ in .text("put") }
            server.engine.http.get("/users/:id", cors: .any) { _ in .text("got") }
            server.engine.http.delete("/users/:id") { _ in .text("deleted") }
            let put = try server.request("OPTIONS", "/users/7", Self.preflight("PUT"))
            #expect(put.status == 204)
            #expect(put["access-control-allow-origin"] == "https://a.example")
            #expect(put["access-control-allow-methods"] == "PUT,GET,HEAD,DELETE")
            #expect(put["access-control-allow-headers"] == "content-type")
            #expect(put["access-control-max-age"] == "60")
            let get = try server.request("OPTIONS", "/users/7", Self.preflight("GET"))
            #expect(get["access-control-allow-origin"] == "*")
            #expect(get["access-control-max-age"] == nil)
            for method in ["DELETE", "PATCH", "put", ""] {
                let other = try server.request("OPTIONS", "/users/7", Self.preflight(method))
                #expect(other.status == 204)
                #expect(!other.fields.contains { $0.name.hasPrefix("access-control") }, "\(method)")
            }
        }
    }

    @Test func `the route that would answer decides, not a less exact one`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/users/me") { _ in .text("me") }
            server.engine.http.get("/users/:id", cors: .any) { _ in .text("other") }
            #expect(
                try server.request("OPTIONS", "/users/me", Self.preflight("GET"))["access-control-allow-origin"] == nil)
            #expect(try server.get("/users/me", Self.page)["access-control-allow-origin"] == nil)
            #expect(
                try server.request("OPTIONS", "/users/7", Self.preflight("GET"))["access-control-allow-origin"] == "*")
        }
    }
}
