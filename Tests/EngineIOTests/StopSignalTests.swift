import Foundation
import NetLoop
import TestSupport
import Testing

@testable import EngineIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Signals that end `run`. One after the other: a process has one of each.
@Suite(.serialized, .timeLimit(.minutes(1))) struct StopSignalTests {
    private func server(_ log: LogLines) -> EngineIOServer {
        var configuration = EngineIOServer.Configuration()
        configuration.logger = log
        configuration.loops = 1
        return EngineIOServer(configuration)
    }

    private func isListening(_ log: LogLines) -> Bool { log.lines.contains { $0.hasPrefix("info: listening on ") } }

    private func waitUntilListening(_ log: LogLines) async {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isListening(log), ContinuousClock.now < deadline { await Task.yield() }
        #expect(isListening(log), "\(log.lines)")
    }

    /// What `kill` does to the process at `signal` now.
    private func handler(of signal: CInt) -> UInt {
        var action = sigaction()
        #expect(unsafe sigaction(signal, nil, &action) == 0)
        #if canImport(Glibc)
            return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
        #else
            return unsafe unsafeBitCast(action.__sigaction_u.__sa_handler, to: UInt.self)
        #endif
    }

    @Test(arguments: [(StopSignal.terminate, SIGTERM), (.interrupt, SIGINT), (.hangup, SIGHUP)])
    func `run closes gracefully at a signal, and what was there before is there again`(
        stop: StopSignal, number: CInt
    ) async throws {
        let before = handler(of: number)
        for _ in 0..<2 {
            let log = LogLines()
            let server = server(log)
            async let run: Void = server.run(host: "127.0.0.1", port: 0, stopOn: [stop])
            await waitUntilListening(log)
            #expect(handler(of: number) != before)
            #expect(kill(getpid(), number) == 0)
            try await run
            #expect(handler(of: number) == before)
            // Said by the thread that hears of signals, once the server closes.
            let line = "info: \(stop): the server closes"
            let deadline = ContinuousClock.now + .seconds(30)
            while !log.lines.contains(line), ContinuousClock.now < deadline { await Task.yield() }
            #expect(log.lines.contains(line))
        }
    }

    @Test func `all servers that run close, and the last one puts back what was there`() async throws {
        let before = handler(of: SIGTERM)
        let logs = [LogLines(), LogLines()]
        let servers = logs.map { server($0) }
        async let first: Void = servers[0].run(host: "127.0.0.1", port: 0)
        async let second: Void = servers[1].run(host: "127.0.0.1", port: 0)
        for log in logs { await waitUntilListening(log) }
        #expect(kill(getpid(), SIGTERM) == 0)
        _ = try await (first, second)
        #expect(handler(of: SIGTERM) == before)
    }

    @Test func `a signal that ends one server is not the first of two for another server`() async throws {
        let logs = [LogLines(), LogLines()]
        let servers = logs.map { server($0) }
        async let first: Void = servers[0].run(host: "127.0.0.1", port: 0, stopOn: [.terminate])
        async let second: Void = servers[1].run(host: "127.0.0.1", port: 0, stopOn: [.hangup])
        for log in logs { await waitUntilListening(log) }
        #expect(kill(getpid(), SIGTERM) == 0)
        try await first
        // Were it a second one, it would end the process.
        #expect(kill(getpid(), SIGHUP) == 0)
        try await second
        #expect(logs[1].lines.contains("info: \(StopSignal.hangup): the server closes"))
    }

    @Test func `a handler that came later than the server's stays`() async throws {
        let log = LogLines()
        let server = server(log)
        async let run: Void = server.run(host: "127.0.0.1", port: 0)
        await waitUntilListening(log)
        _ = signal(SIGINT, SIG_IGN)
        await server.close()
        try await run
        let ignored = unsafe unsafeBitCast(SIG_IGN, to: UInt.self)
        #expect(handler(of: SIGINT) == ignored)
        _ = signal(SIGINT, SIG_DFL)
    }

    @Test func `listen and run without signals leave the process's handlers alone`() async throws {
        let before = [SIGTERM, SIGINT, SIGHUP].map(handler(of:))
        let log = LogLines()
        let server = server(log)
        try await server.listen(host: "127.0.0.1", port: 0)
        #expect([SIGTERM, SIGINT, SIGHUP].map(handler(of:)) == before)
        #expect(!isListening(log))
        await server.close()
        async let run: Void = server.run(host: "127.0.0.1", port: 0, stopOn: [])
        await waitUntilListening(log)
        #expect([SIGTERM, SIGINT, SIGHUP].map(handler(of:)) == before)
        await server.close()
        try await run
    }

    @Test func `a server that cannot listen puts back what was there`() async throws {
        let before = handler(of: SIGTERM)
        await #expect(throws: ListenError.self) { try await self.server(LogLines()).run(host: "nowhere", port: 0) }
        #expect(handler(of: SIGTERM) == before)
    }

    @Test(arguments: [
        ("127.0.0.1", false, "http://127.0.0.1:80"), ("::1", true, "https://[::1]:80"),
        ("0.0.0.0", false, "http://localhost:80 (all addresses)"), ("::", true, "https://localhost:80 (all addresses)"),
    ])
    func `the log says where one can go`(host: String, isSecure: Bool, url: String) throws {
        let address = ListenAddress(try #require(SocketAddress(host: host, port: 80)))
        #expect(address.url(isSecure: isSecure) == url)
    }
}
