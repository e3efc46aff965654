import TestSupport
import Testing

@testable import EngineIO
@testable import NetLoop

/// What a peer can cause any number of times takes few lines of the log.
@Suite(.timeLimit(.minutes(1))) struct CountedLineTests {
    private let time = ManualTime()

    private func pass(_ duration: Duration, on loop: EventLoop) {
        time.advance(by: duration)
        loop.step()
    }

    @Test func `a cause is written at once, and then once a minute how often it came again`() throws {
        let loop = try EventLoop(index: 0, time: time)
        let log = LogLines()
        let line = CountedLine("it failed", to: log)
        for number in 0..<1_000 { line.note("cause \(number)", on: loop) }
        loop.step()
        #expect(log.lines == ["warning: it failed: cause 0"])
        pass(.seconds(59), on: loop)
        #expect(log.lines.count == 1)
        pass(.seconds(2), on: loop)
        #expect(log.lines.last == "warning: 999 more in the last minute: it failed")
        line.note("cause", times: 3, on: loop)
        pass(.seconds(61), on: loop)
        #expect(log.lines.last == "warning: 3 more in the last minute: it failed")
        pass(.seconds(61), on: loop)
        line.note(on: loop)
        #expect(log.lines.count == 4)
        #expect(log.lines.last == "warning: it failed")
        loop.end()
    }

    @Test func `causes are told apart up to a number of them`() throws {
        let loop = try EventLoop(index: 0, time: time)
        let log = LogLines()
        let lines = CountedLines(others: "further ones", at: .error, to: log)
        for _ in 0..<3 {
            for number in 0..<1_000 { lines.note("cause \(number)", "why", on: loop) }
        }
        #expect(log.lines.count == CountedLines.limit + 1)
        #expect(log.lines.first == "error: cause 0: why")
        #expect(log.lines.last == "error: further ones: cause \(CountedLines.limit): why")
        loop.end()
    }

    @Test func `causes that have ceased make room for others`() throws {
        let loop = try EventLoop(index: 0, time: time)
        let log = LogLines()
        let lines = CountedLines(others: "further ones", to: log)
        for number in 0..<CountedLines.limit { lines.note("cause \(number)", on: loop) }
        lines.note("cause 0", on: loop)
        loop.step()
        pass(.seconds(61), on: loop)
        for number in 0..<CountedLines.limit { lines.note("later \(number)", on: loop) }
        // One of the first is not over yet.
        #expect(log.lines.count { $0.hasPrefix("warning: later") } == CountedLines.limit - 1)
        #expect(log.lines.last == "warning: further ones: later \(CountedLines.limit - 1)")
        loop.end()
    }

    @Test func `what was counted is not counted again by the default logger`() {
        var queue = LogQueue()
        let start = ContinuousClock.now
        for number in 1...3 {
            #expect(
                queue.add(.warning, "\(number) more in the last minute: x", isCounted: true, now: start) == true)
        }
        let taken = queue.take(now: start)
        #expect(taken.bytes.split(separator: UInt8(ascii: "\n")).count == 3)
    }

    @Test func `allowRequest and generateID that throw are logged once for all loops`() async throws {
        struct Broken: Error {}
        try await withServer(loops: 4) {
            $0.allowRequest = { if $0.query["id"] == nil { throw Broken() } }
            $0.generateID = { _ in throw Broken() }
        } _: { server throws in
            for _ in 0..<20 {
                #expect(try server.get(server.polling).status == 403)
                #expect(try server.get(server.polling + "&id=1").status == 400)
            }
            #expect(
                Set(server.log.lines.filter { !$0.hasPrefix("debug") })
                    == ["error: allowRequest failed: Broken()", "error: generateID failed: Broken()"])
            #expect(server.log.lines.count { !$0.hasPrefix("debug") } == 2)
        }
    }

    @Test func `a refusal by the application is no error of it`() async throws {
        try await withServer {
            $0.allowRequest = { _ in throw RequestRefused("no") }
        } _: { server throws in
            #expect(try server.get(server.polling).status == 403)
            #expect(server.log.lines.allSatisfy { $0.hasPrefix("debug") })
        }
    }

    @Test(arguments: [false, true])
    func `a page of another origin is one warning that says what to set`(overWebSocket: Bool) async throws {
        try await withServer(loops: 4) {
            $0.cors = .origins("https://a.example")
        } _: { server throws in
            for _ in 0..<20 {
                let fields = [("Origin", "https://b.example"), ("Host", "c.example")]
                if overWebSocket {
                    #expect(try server.upgrade(server.webSocket, fields).status == 403)
                } else {
                    #expect(try server.get(server.polling, fields).status == 200)
                }
            }
            let lines = server.log.lines.filter { $0.hasPrefix("warning") }
            #expect(lines.count == 1)
            let line = try #require(lines.first)
            for words in ["`cors`", "`Host`", "https://b.example", "c.example"] { #expect(line.contains(words)) }
            #expect(try server.get(server.polling, [("Origin", "https://a.example")]).status == 200)
        }
    }

    @Test func `a route that fails is a line, whoever asks how often`() async throws {
        struct Broken: Error {}
        try await withServer(loops: 4) { server throws in
            server.engine.http.get("/fails") { _ in throw Broken() }
            server.engine.http.get("/none") { _ in HTTPResponse(status: 99) }
            server.engine.http.get("/users/:id/*rest") { _ in throw Broken() }
            for number in 0..<20 {
                #expect(try server.get("/users/\(number)/x").status == 500)
                #expect(try server.get("/fails").status == 500)
                #expect(try server.get("/none").status == 500)
            }
            #expect(
                server.log.lines.filter { $0.hasPrefix("error") }
                    == [
                        "error: GET /users/:id/*rest failed: Broken(), for /users/0/x",
                        "error: GET /fails failed: Broken(), for /fails",
                        "error: GET /none: no status: 99, for /none",
                    ])
        }
    }
}
