import Foundation
import PatternsEvents
import SocketIO
import TestSupport
import Testing

@testable import patterns

/// The patterns over plain HTTP and raw WebSockets, as their clients see them.
@Suite struct PlainPatternsTests {
    /// Work that is done at once, and work that nobody would wait for.
    private static let quick = Pace(validation: 0...0, step: .milliseconds(1))
    private static let slow = Pace(validation: 600...600, step: .seconds(600))

    private func serve(
        _ pace: Pace = quick, options: [String] = [], _ body: @escaping @Sendable (_ port: Int) throws -> Void
    ) async throws {
        let io = SocketIOServer()
        io.configuration.loops = 2
        io.configuration.logger = NoLog()
        try PatternsServer.install(on: io, Options(options), pace: pace)
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        do {
            try await offPool { try body(port) }
        } catch {
            await io.close()
            throw error
        }
        await io.close()
    }

    private struct NoLog: ServerLogger {
        var level: LogLevel { .error }
        func log(_ level: LogLevel, _ message: String) {}
    }

    @Test func `request and response`() async throws {
        try await serve { port in
            let client = try RawClient(port: port)
            #expect(try client.get("/hello").text == "world")
            #expect(try client.post("/hello", "ping").text == "pong")
            #expect(try client.post("/hello", "pang").status == 400)
            #expect(try client.post("/hello", [0xFF]).status == 400)
        }
    }

    @Test func `the page has what it asks for, and its header fields say what it may do`() async throws {
        try await serve(options: ["--front-end-port", "8099"]) { port in
            let client = try RawClient(port: port)
            let page = try client.get("/")
            #expect(page["content-security-policy"]?.contains("frame-src http://*:8099;") == true)
            #expect(page.text.contains("data-front-end-port=\"8099\""))
            for match in page.text.matches(of: /(?:src|href)="(\/[a-z.]+)"/) {
                #expect(try client.get(String(match.1)).status == 200)
            }
        }
    }

    @Test func `a price`() async throws {
        try await serve { port in
            let price = try JSONDecoder().decode(Price.self, from: Data(RawClient(port: port).get("/price").body))
            #expect((8_000...12_000).contains(price.cents))
        }
    }

    @Test func `a validation is answered when it is done`() async throws {
        try await serve { port in
            let client = try RawClient(port: port)
            #expect(try client.post("/validations", "4539 1488 0343 6467").text == #"{"isValid":true}"#)
            #expect(try client.post("/validations", "4539 1488 0343 6468").text == #"{"isValid":false}"#)
            #expect(try client.get("/validations").text == #"{"running":0,"done":2,"abandoned":0}"#)
        }
    }

    @Test func `a validation whose client leaves is given up`() async throws {
        try await serve(Self.slow) { port in
            let watcher = try RawClient(port: port)
            func wait(for counts: String) throws {
                let end = ContinuousClock.now.advanced(by: watcher.patience)
                while try watcher.get("/validations").text != counts { try #require(ContinuousClock.now < end) }
            }
            let client = try RawClient(port: port)
            try client.sendRequest("POST", "/validations", body: Array("1".utf8))
            try wait(for: #"{"running":1,"done":0,"abandoned":0}"#)
            client.close()
            try wait(for: #"{"running":0,"done":0,"abandoned":1}"#)
        }
    }

    @Test func `progress goes on where it was lost`() async throws {
        try await serve { port in
            func events(_ path: String, after last: String? = nil) throws -> String {
                let client = try RawClient(port: port)
                let fields = [("Connection", "close")] + (last.map { [("Last-Event-ID", $0)] } ?? [])
                try client.sendRequest("GET", path, fields)
                return String(decoding: try client.receiveToEnd(), as: UTF8.self)
            }
            func ids(_ answer: String) -> [Int] { answer.matches(of: /id: ([0-9]+)/).compactMap { Int($0.1) } }
            let whole = try events("/progress")
            #expect(whole.contains("Content-Type: text/event-stream"))
            #expect(ids(whole) == Array(stride(from: 10, through: 100, by: 10)))
            #expect(ids(try events("/progress?lose")) == [10, 20, 30, 40, 50])
            #expect(ids(try events("/progress?lose", after: "50")) == [60, 70, 80, 90, 100])
            for last in ["100", "-1", "-9223372036854775808", "9223372036854775807"] {
                #expect(try events("/progress", after: last).hasPrefix("HTTP/1.1 204 "))
            }
            #expect(ids(try events("/progress", after: "no number")).count == 10)
        }
    }

    @Test func `an upload over a WebSocket, both ways`() async throws {
        try await serve { port in
            let client = try RawClient(port: port)
            try client.openWebSocket("/upload?bytes=1000")
            for percent in [30, 60, 90] {
                try client.sendBinary([UInt8](repeating: 7, count: 300))
                #expect(try client.receiveText() == "\(percent)")
            }
            try client.sendBinary([UInt8](repeating: 7, count: 300))
            #expect(try client.receiveText() == "100")
            #expect(try client.receiveClose() == 1000)

            let wrong = try RawClient(port: port)
            try wrong.openWebSocket("/upload?bytes=0")
            #expect(try wrong.receiveClose() == 1008)
            let texts = try RawClient(port: port)
            try texts.openWebSocket("/upload?bytes=10")
            try texts.sendText("0123456789")
            #expect(try texts.receiveClose() == 1003)
        }
    }

    @Test func `pages of the front end's origin may connect, and no others`() async throws {
        try await serve(options: ["--front-end-port", "8099"]) { port in
            let origins = ["http://localhost:8099", "http://127.0.0.1:8099", "http://elsewhere:8099", "null"]
            let isLetIn = try origins.map { origin in
                let client = try RawClient(port: port)
                return try client.upgrade("/socket.io/?EIO=4&transport=websocket", [("Origin", origin)]).status == 101
            }
            #expect(isLetIn == [true, true, false, false])
        }
    }

    @Test func `what cannot be said is refused`() async throws {
        try await serve { port in
            let client = try RawClient(port: port)
            let long = String(repeating: "a", count: Draft.textLimit + 1)
            for draft in [#"{"name":"","text":"a"}"#, #"{"name":"a","text":"\#(long)"}"#, "{}", "a"] {
                #expect(try client.post("/messages", draft).status == 400)
                let socket = try RawClient(port: port)
                try socket.openWebSocket("/messages")
                try socket.sendText(draft)
                #expect(try socket.receiveClose() == 1008)
            }
            #expect(try client.get("/messages").text == "[]")
        }
    }
}
