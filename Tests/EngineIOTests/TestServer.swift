import Dispatch
import EngineIO
import NetLoop
import Synchronization
import TestSupport
import Testing

/// A server under test on a port of its own, and what its application saw.
struct TestServer: Sendable {
    let engine: EngineIOServer
    let port: Int
    var loops = 2
    /// `open`, `text …`, `binary …` and `close …`, of all sessions.
    let journal: Journal
    let log: LogLines

    func client(receiveBuffer: Int? = nil, patience: Duration = .seconds(30)) throws -> RawClient {
        try RawClient(port: port, receiveBuffer: receiveBuffer, patience: patience)
    }

    /// The response to a request on a connection of its own.
    func get(_ target: String, _ fields: [(String, String)] = []) throws -> RawResponse {
        try client().get(target, fields)
    }

    /// The response to a request on a connection of its own.
    func post(_ target: String, _ body: String, _ fields: [(String, String)] = []) throws -> RawResponse {
        try client().post(target, body, fields)
    }

    /// The response to a request on a connection of its own.
    func request(_ method: String, _ target: String, _ fields: [(String, String)] = []) throws -> RawResponse {
        let client = try client()
        try client.sendRequest(method, target, fields)
        return try client.response(toHead: method == "HEAD")
    }

    /// The response to a request on a connection of its own.
    func upgrade(_ target: String, _ fields: [(String, String)] = []) throws -> RawResponse {
        try client().upgrade(target, fields)
    }

    /// Opens a polling session on `client` and returns its id.
    func openPolling(on client: RawClient) throws -> String {
        let response = try client.get(polling)
        return try #require(Self.sessionID(in: response.text), "\(response)")
    }

    /// Sends a poll on `client` and returns when the server holds it.
    func beginPoll(_ id: String, on client: RawClient, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try client.sendRequest("GET", polling(id))
        // Connections are dealt out in turn: every loop serves two of these after the poll, one after its hand-over.
        for _ in 0..<2 * loops { _ = try get("/none") }
        #expect(try client.isSilent(for: .zero), sourceLocation: sourceLocation)
    }

    /// Opens a session over WebSocket on `client` and returns its id.
    @discardableResult
    func openWebSocket(on client: RawClient, _ fields: [(String, String)] = []) throws -> String {
        try client.openWebSocket(webSocket, fields)
        return try #require(Self.sessionID(in: try client.receiveText()))
    }

    var polling: String { "/engine.io/?EIO=4&transport=polling" }
    var webSocket: String { "/engine.io/?EIO=4&transport=websocket" }

    func polling(_ id: String) -> String { "\(polling)&sid=\(id)" }
    func webSocket(_ id: String) -> String { "\(webSocket)&sid=\(id)" }

    /// The id in an open packet.
    static func sessionID(in packet: String) -> String? {
        let start = #"0{"sid":""#
        guard packet.hasPrefix(start) else { return nil }
        return String(packet.dropFirst(start.count).prefix { $0 != "\"" })
    }

    // MARK: What the server holds

    struct Census: Equatable, Sendable {
        var sessions: Int
        var connections: Int
    }

    func census() throws -> Census {
        let counts = try onEachShard { ($0.sessionCount, $0.loop.connectionCount) }
        // One of the descriptors is the listener.
        return Census(sessions: counts.reduce(0) { $0 + $1.0 }, connections: counts.reduce(0) { $0 + $1.1 } - 1)
    }

    /// What `body` says of each shard, on its loop.
    func onEachShard<Result: Sendable>(_ body: @escaping @Sendable (EngineShard) -> Result) throws -> [Result] {
        let done = DispatchSemaphore(value: 0)
        let results = Mutex<[Result]?>(nil)
        startOffPool {
            let found = await engine.onEachShard(body)
            results.withLock { $0 = found }
            done.signal()
        }
        _ = done.wait(timeout: .now() + 30)
        return try #require(results.withLock { $0 }, "the loops do not answer")
    }

    /// Waits until the server holds exactly this much.
    func expectCensus(sessions: Int, connections: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let expected = Census(sessions: sessions, connections: connections)
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        var seen = try census()
        while seen != expected, ContinuousClock.now < deadline { seen = try census() }
        #expect(seen == expected, sourceLocation: sourceLocation)
    }

    /// Whether a new client is served, and nothing of the test's others is left.
    func expectUnharmed(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let client = try client()
        try openWebSocket(on: client)
        try client.sendText("4alive")
        var text = "2"
        while text == "2" { text = try client.receiveText() }
        #expect(text == "4alive", sourceLocation: sourceLocation)
        try client.sendClose()
        _ = try client.receiveToEnd()
        client.close()
        try expectCensus(sessions: 0, connections: 0, sourceLocation: sourceLocation)
    }
}

/// Runs `body`, which may block, with a server that sends every message back unless `onConnection` does otherwise.
func withServer(
    loops: Int = 2,
    _ configure: (inout EngineIOServer.Configuration) -> Void = { _ in },
    onConnection: @escaping @Sendable (EngineSocket, Journal) -> Void = echo,
    _ body: @escaping @Sendable (TestServer) throws -> Void
) async throws {
    var configuration = EngineIOServer.Configuration()
    let log = LogLines()
    configuration.loops = loops
    configuration.logger = log
    configure(&configuration)
    let engine = EngineIOServer(configuration)
    let journal = Journal()
    engine.onConnection { socket in onConnection(socket, journal) }
    let address = try await engine.listen(host: "127.0.0.1", port: 0)
    let server = TestServer(engine: engine, port: address.port, loops: loops, journal: journal, log: log)
    do {
        try await offPool { try body(server) }
        await engine.close()
    } catch {
        await engine.close()
        throw error
    }
}

/// Sends every message back and tells `journal` what happens.
@Sendable func echo(_ socket: EngineSocket, _ journal: Journal) {
    journal.append("open")
    socket.onMessage { message in
        switch message {
        case .text(let text): journal.append("text \(text)")
        case .binary(let bytes): journal.append("binary \(bytes)")
        }
        socket.send(message)
    }
    socket.onClose { reason in journal.append("close \(reason)") }
}

/// Keeps a server's log.
final class LogLines: ServerLogger {
    let level = LogLevel.debug
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    func log(_ level: LogLevel, _ message: String) {
        kept.withLock { $0.append("\(level): \(message)") }
    }
}
