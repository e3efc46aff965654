import EngineIO
import Foundation
import SocketIOWire
import TestSupport
import Testing

/// What `onResponse` tells.
@Suite struct AccessLogTests {
    private static func withLog(
        _ configure: (inout EngineIOServer.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer, Journal) throws -> Void
    ) async throws {
        let seen = Journal()
        try await withServer(configure) { server throws in
            server.engine.http.onResponse { access in
                let status = access.status.map(String.init) ?? "-"
                seen.append("\(access.request.method) \(access.request.url) \(status) \(access.byteCount)")
            }
            server.engine.http.get("/x") { _ in .text("four") }
            try body(server, seen)
        }
    }

    @Test func `each plain request that is answered is told, in order`() async throws {
        struct Failed: Error {}
        try await Self.withLog { server, seen throws in
            server.engine.http.post("/large") { HTTPResponse(body: $0.body) }
            server.engine.http.get("/fails") { _ in throw Failed() }
            server.engine.http.get("/none") { _ in HTTPResponse(status: 204, body: [1]) }
            let client = try server.client()
            _ = try client.get("/x?a=%0A")
            try client.sendRequest("HEAD", "/x")
            _ = try client.response(toHead: true)
            _ = try client.post("/large", [UInt8](repeating: 1, count: 100_000))
            _ = try client.get("/missing")
            _ = try client.post("/x", "x")
            _ = try client.get("/fails")
            _ = try client.get("/none")
            for line in [
                "GET /x?a=%0A 200 4", "HEAD /x 200 0", "POST /large 200 100000", "GET /missing 404 9", "POST /x 405 18",
                "GET /fails 500 21", "GET /none 204 0",
            ] {
                #expect(try seen.next() == line)
            }
            // The engine's are not.
            _ = try server.openPolling(on: client)
            _ = try client.get("/x")
            #expect(try seen.next() == "GET /x 200 4")
            #expect(seen.rest == [])
        }
    }

    @Test func `pipelined requests are told one by one`() async throws {
        try await Self.withLog { server, seen throws in
            let client = try server.client()
            try client.send((0..<3).flatMap { RawClient.requestBytes("GET", "/x?\($0)") })
            for number in 0..<3 {
                _ = try client.response()
                #expect(try seen.next() == "GET /x?\(number) 200 4")
            }
        }
    }

    @Test func `a request whose body is refused is told with its status`() async throws {
        try await Self.withLog {
            $0.maxHttpBufferSize = 10
        } _: { server, seen throws in
            server.engine.http.post("/p") { _ in .text("") }
            #expect(try server.post("/p", String(repeating: "x", count: 11)).status == 413)
            #expect(try seen.next() == "POST /p 413 0")
        }
    }

    @Test func `a request whose client leaves is told without one`() async throws {
        try await Self.withLog { server, seen throws in
            server.engine.http.get("/slow") { _ in
                server.journal.append("begun")
                try await Task.sleep(for: .seconds(600))
                return .text("late")
            }
            let client = try server.client()
            try client.sendRequest("GET", "/slow")
            #expect(try server.journal.next() == "begun")
            client.abort()
            #expect(try seen.next() == "GET /slow - 0")
        }
    }

    @Test func `of a file that is broken off it is told how much was sent`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "file-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(repeating: 7, count: 30_000_000).write(to: folder.appending(path: "large"))
        let path = folder.path()
        try await Self.withLog { server, seen throws in
            server.engine.http.folder("/files", at: path)
            _ = try server.get("/files/large")
            #expect(try seen.next() == "GET /files/large 200 30000000")
            let client = try server.client(receiveBuffer: 4096)
            try client.sendRequest("GET", "/files/large")
            _ = try client.receive(1000)
            client.abort()
            let line = try seen.next()
            let count = try #require(Int(line.dropFirst("GET /files/large 200 ".count)), "\(line)")
            #expect(count > 0 && count < 30_000_000)
        }
    }

    @Test func `the hook may do anything, and a second one replaces the first`() async throws {
        try await Self.withLog { server, seen throws in
            server.engine.http.onResponse { [http = server.engine.http] access in
                http.get("/\(UInt64.random(in: 0 ... .max))") { _ in .text("") }
                http.onResponse { seen.append("second \($0.request.url)") }
                seen.append("first \(access.request.url)")
            }
            let client = try server.client()
            _ = try client.get("/x?1")
            #expect(try seen.next() == "first /x?1")
            _ = try client.get("/x?2")
            #expect(try seen.next() == "second /x?2")
            #expect(seen.rest == [])
        }
    }

    @Test func `a line of it cannot be two`() async throws {
        let lines = Journal()
        try await withServer { server throws in
            server.engine.http.onResponse { lines.append("\($0)") }
            _ = try server.get("/a%0Ab%1B?c%0D")
            let line = try lines.next()
            #expect(line.hasPrefix("GET /a%0Ab%1B?c%0D 404 9 B "))
            #expect(line.hasSuffix(" ms 127.0.0.1"))
        }
    }
}
