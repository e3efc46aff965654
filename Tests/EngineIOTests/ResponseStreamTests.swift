import Dispatch
import EngineIO
import NetLoop
import Synchronization
import TestSupport
import Testing

/// Responses whose bodies a task writes.
@Suite(.timeLimit(.minutes(2))) struct ResponseStreamTests {
    /// The decoded body of a chunked response, up to and with its last chunk.
    static func chunkedBody(on client: RawClient) throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = String(decoding: try client.receive(through: "\r\n").dropLast(2), as: UTF8.self)
            let count = try #require(Int(line, radix: 16), "no chunk: \(line)")
            body += try client.receive(count)
            #expect(try client.receive(2) == Array("\r\n".utf8))
            if count == 0 { return body }
        }
    }

    private static func numbers(_ count: Int) -> String {
        (0..<count).map { "\($0)\n" }.joined()
    }

    private static func serveNumbers(_ count: Int, on server: TestServer) {
        server.engine.http.get("/numbers") { _ in
            .stream(contentType: "text/plain") { body in
                server.journal.append("begun")
                for number in 0..<count { try await body.write("\(number)\n") }
            }
        }
    }

    @Test func `a written body is chunked and whole, and the connection goes on behind it`() async throws {
        try await withServer { server throws in
            Self.serveNumbers(5000, on: server)
            let client = try server.client()
            for _ in 0..<2 {
                try client.send(RawClient.requestBytes("GET", "/numbers") + RawClient.requestBytes("GET", "/none"))
                let head = String(decoding: try client.receive(through: "\r\n\r\n"), as: UTF8.self)
                #expect(head.contains("Transfer-Encoding: chunked\r\n"))
                #expect(head.contains("Content-Type: text/plain\r\n"))
                #expect(try Self.chunkedBody(on: client) == Array(Self.numbers(5000).utf8))
                #expect(try client.response().status == 404)
            }
        }
    }

    @Test func `a written body ends with the connection for version 1.0, and does not begin for HEAD`() async throws {
        try await withServer { server throws in
            Self.serveNumbers(100, on: server)
            let head = try server.request("HEAD", "/numbers")
            #expect(head.status == 200)
            #expect(head["content-type"] == "text/plain")
            #expect(server.journal.rest == [])
            let client = try server.client()
            try client.send("GET /numbers HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try client.response().text == Self.numbers(100))
        }
    }

    @Test func `who writes waits for a client that does not read, and holds little for it`() async throws {
        try await withServer { server throws in
            let made = Count()
            let piece = Array(repeating: UInt8(ascii: "p"), count: 10_000)
            server.engine.http.get("/slow") { _ in
                .stream(contentType: "text/plain") { body in
                    for _ in 0..<2000 {
                        try await body.write(piece)
                        made.add()
                    }
                }
            }
            let client = try server.client(receiveBuffer: 8192)
            try client.sendRequest("GET", "/slow")
            _ = try client.receive(through: "\r\n\r\n")
            // Until the kernel's buffers are full there is room for more.
            var seen = -1
            while seen != made.value {
                seen = made.value
                _ = try server.client().isSilent(for: .milliseconds(100))
            }
            #expect(seen < 1500)
            #expect(try server.unsent().allSatisfy { $0 <= 64 * 1024 + piece.count + 16 })
            #expect(try Self.chunkedBody(on: client).count == 2000 * piece.count)
        }
    }

    @Test func `who writes without end for a client that takes everything leaves the loop to others`() async throws {
        try await withServer(loops: 1) { server throws in
            server.engine.http.get("/endless") { _ in
                .stream(contentType: "text/plain") { body in
                    let piece = Array(repeating: UInt8(ascii: "p"), count: 1000)
                    while true { try await body.write(piece) }
                }
            }
            let isOver = Count()
            let port = server.port
            startThread {
                guard let reader = try? RawClient(port: port) else { return }
                try? reader.sendRequest("GET", "/endless")
                while isOver.value == 0, (try? reader.receive(100_000)) != nil {}
            }
            let client = try server.client()
            for _ in 0..<50 { #expect(try client.get("/none").status == 404) }
            isOver.add()
            client.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test(arguments: [true, false])
    func `a client that leaves cancels who writes, and nothing can be written any more`(abort: Bool) async throws {
        try await withServer { server throws in
            server.engine.http.get("/wait") { _ in
                .stream(contentType: "text/plain") { body in
                    try await body.write("first")
                    try? await Task.sleep(for: .seconds(3600))
                    server.journal.append("cancelled \(Task.isCancelled)")
                    do {
                        // What goes to a client that closed everything is refused once it has said so.
                        while true { try await body.write(Array(repeating: 0, count: 100_000)) }
                    } catch {
                        server.journal.append("\(type(of: error))")
                    }
                }
            }
            let client = try server.client()
            try client.sendRequest("GET", "/wait")
            _ = try client.receive(through: "first")
            if abort { client.abort() } else { client.close() }
            #expect(try server.journal.next() == "cancelled true")
            #expect(try server.journal.next() == "CancellationError")
            try server.expectCensus(sessions: 0, connections: 0)
            #expect(!server.log.lines.contains { $0.contains("failed") })
        }
    }

    @Test(arguments: [true, false])
    func `a client that has only closed its side gets the whole body, though the task is cancelled`(
        before: Bool
    ) async throws {
        try await withServer { server throws in
            let gate = Gate()
            server.engine.http.get("/late") { _ in
                server.journal.append("asked")
                if before { await gate.wait() }
                return .stream(contentType: "text/plain") { body in
                    // Cancelled at once, or as soon as the client closes its side.
                    try? await Task.sleep(for: .seconds(3600))
                    for _ in 0..<100 { try await body.write(Array(repeating: UInt8(ascii: "p"), count: 10_000)) }
                }
            }
            let client = try server.client(receiveBuffer: 8192)
            try client.sendRequest("GET", "/late")
            #expect(try server.journal.next() == "asked")
            client.finish()
            gate.open()
            _ = try client.receive(through: "\r\n\r\n")
            #expect(try Self.chunkedBody(on: client).count == 1_000_000)
            #expect(try client.receiveToEnd() == [])
        }
    }

    @Test func `a body that fails ends the connection without its last chunk, and the log says why`() async throws {
        struct Failure: Error {}
        try await withServer { server throws in
            server.engine.http.get("/broken/:id") { _ in
                .stream(contentType: "text/plain") { body in
                    try await body.write("some")
                    throw Failure()
                }
            }
            let client = try server.client()
            try client.sendRequest("GET", "/broken/7")
            let response = String(decoding: try client.receiveToEnd(), as: UTF8.self)
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.hasSuffix("\r\n\r\n4\r\nsome\r\n"))
            #expect(server.log.lines.contains("error: GET /broken/:id failed: Failure(), for /broken/7"))
        }
    }

    @Test func `pieces of many tasks arrive whole`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/many") { _ in
                .stream(contentType: "text/plain") { body in
                    await withTaskGroup { group in
                        for task in 0..<50 {
                            group.addTask(executorPreference: globalConcurrentExecutor) {
                                for _ in 0..<20 {
                                    try? await body.write(String(repeating: "\(task % 10)", count: 3000))
                                }
                            }
                        }
                    }
                }
            }
            let client = try server.client(receiveBuffer: 8192)
            try client.sendRequest("GET", "/many")
            _ = try client.receive(through: "\r\n\r\n")
            let body = try Self.chunkedBody(on: client)
            #expect(body.count == 50 * 20 * 3000)
            let isWhole = stride(from: 0, to: body.count, by: 3000).allSatisfy { start in
                body[start..<start + 3000].allSatisfy { $0 == body[start] }
            }
            #expect(isWhole)
        }
    }

    @Test func `a stream that goes on when the server closes is cut off, and its task cancelled`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/wait") { _ in
                .stream(contentType: "text/plain") { body in
                    try await body.write("first")
                    try? await Task.sleep(for: .seconds(3600))
                    server.journal.append("over")
                }
            }
            let client = try server.client()
            try client.sendRequest("GET", "/wait")
            _ = try client.receive(through: "first")
            let engine = server.engine
            startOffPool { await engine.close() }
            #expect(try server.journal.next() == "over")
            // Its end, and no last chunk.
            #expect(try client.receiveToEnd() == Array("\r\n".utf8))
        }
    }
}

/// A number that any thread may raise.
final class Count: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .acquiring) }

    func add() {
        count.add(1, ordering: .acquiringAndReleasing)
    }
}

extension TestServer {
    /// What waits for each client.
    func unsent() throws -> [Int] {
        try onEachShard { $0.loop.tcpConnections.map(\.bufferedByteCount) }.flatMap { $0 }
    }
}
