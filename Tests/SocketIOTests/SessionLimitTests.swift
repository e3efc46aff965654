import SocketIO
import Synchronization
import Testing

/// Protocol.md 6: sessions that have joined no namespace yet, which make place for newcomers.
@Suite struct SessionLimitTests {
    private static func open(on client: RawClient, _ fields: [(String, String)] = []) throws -> String {
        let response = try client.get("/socket.io/?EIO=4&transport=polling", fields)
        guard response.text.hasPrefix(#"0{"sid":""#) else { throw Unexpected(what: "\(response)") }
        return String(response.text.dropFirst(9).prefix(20))
    }

    /// Posts on a connection of its own, which a refusal ends; the status.
    private static func post(_ packet: String, to id: String, _ port: Int) throws -> Int {
        try RawClient(port: port).post("/socket.io/?EIO=4&transport=polling&sid=\(id)", packet).status
    }

    @Test func `unjoinedSessions: the oldest ends for a new one, those that joined stay`() async throws {
        try await serve(loops: 2, { $0.engine.limits.unjoinedSessions = 3 }) { io, port in
            answerSync(io)
            let joined = try Peer(port)
            let polling = try PollingPeer(port)
            let client = try RawClient(port: port)
            let ids = try (0..<3).map { _ in try Self.open(on: client) }
            #expect(try Self.post("40", to: ids[0], port) == 200)
            // Two are left without a namespace; two more make one go.
            let more = try (0..<2).map { _ in try Self.open(on: client) }
            for (id, isThere) in [(ids[0], true), (ids[1], false), (ids[2], true), (more[0], true), (more[1], true)] {
                var isServed = try Self.post("6", to: id, port) == 200
                // The loop of a session hears of it from the newcomer's.
                while isServed, !isThere { isServed = try Self.post("6", to: id, port) == 200 }
                #expect(isServed == isThere)
            }
            try joined.sync()
            try polling.send(#"2["x"]"#)
        }
    }

    @Test func `a WebSocket that joins nothing is told to try again later`() async throws {
        try await serve(loops: 2, { $0.engine.limits.unjoinedSessions = 1 }) { _, port in
            for _ in 0..<4 {
                let idle = try Peer(port, connecting: false)
                let second = try Peer(port, connecting: false)
                #expect(try idle.raw.receiveClose() == 1013)
                try second.connect()
            }
        }
    }

    @Test func `unjoinedBytes counts what is kept of the handshakes`() async throws {
        try await serve(loops: 1, { $0.engine.limits.unjoinedBytes = 40_000 }) { _, port in
            let client = try RawClient(port: port)
            let large = [("X-Large", String(repeating: "x", count: 10_000))]
            let ids = try (0..<4).map { _ in try Self.open(on: client, large) }
            #expect(try Self.post("6", to: ids[0], port) == 400)
            for id in ids.dropFirst() { #expect(try Self.post("6", to: id, port) == 200) }
            // What has joined does not count.
            for id in ids.dropFirst() { #expect(try Self.post("40", to: id, port) == 200) }
            let others = try (0..<3).map { _ in try Self.open(on: client, large) }
            for id in others { #expect(try Self.post("6", to: id, port) == 200) }
        }
    }

    @Test func `at the total the unjoined go first, and then newcomers are refused`() async throws {
        try await serve(loops: 2, { $0.engine.limits.sessions = 2 }) { io, port in
            answerSync(io)
            let idle = try Peer(port, connecting: false)
            let first = try Peer(port)
            let second = try Peer(port)
            #expect(try idle.raw.receiveClose() == 1013)
            #expect(try RawClient(port: port).get("/socket.io/?EIO=4&transport=polling").status == 503)
            try first.sync()
            try second.sync()
        }
    }

    @Test func `a thousand sessions that join nothing are two lines of the log at most`() async throws {
        let log = CountingLogger()
        try await serve(loops: 1) {
            $0.engine.limits.unjoinedSessions = 10
            $0.logger = log
        } _: { io, port in
            let client = try RawClient(port: port)
            for _ in 0..<1000 { _ = try Self.open(on: client) }
            #expect(log.count == 1)
            let sessions = await io.counts().sessions
            #expect(sessions == 10)
        }
    }
}

private final class CountingLogger: ServerLogger {
    let level = LogLevel.warning
    private let lines = Mutex(0)

    var count: Int { lines.withLock { $0 } }

    func log(_ level: LogLevel, _ message: String) { lines.withLock { $0 += 1 } }
}
