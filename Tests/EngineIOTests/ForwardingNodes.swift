import EngineIO
import Synchronization
import TestSupport
import Testing

/// A directory of the nodes of one process.
final class ProcessDirectory: NodeDirectory {
    struct Failure: Error {}

    private let addresses = Mutex<[String: String]>([:])
    private let fails = Mutex(false)

    var all: [String: String] { addresses.withLock { $0 } }

    /// From now on nobody is answered.
    func fail() { fails.withLock { $0 = true } }

    func set(_ address: String, of node: String) { addresses.withLock { $0[node] = address } }

    func register(_ node: String, at address: String, for time: Duration) async throws {
        guard !fails.withLock({ $0 }) else { throw Failure() }
        set(address, of: node)
    }

    func remove(_ node: String) async throws {
        _ = addresses.withLock { $0.removeValue(forKey: node) }
    }

    func address(of node: String) async throws -> String? {
        guard !fails.withLock({ $0 }) else { throw Failure() }
        return addresses.withLock { $0[node] }
    }
}

/// Two nodes, to either of which a balancer may send anything.
struct Nodes: Sendable {
    let first: TestServer
    let second: TestServer
    let directory: ProcessDirectory

    static let secret = "a secret of the test's own"
}

/// Runs `body`, which may block, with two nodes that send every message back unless `onConnection` does otherwise.
func withNodes(
    secrets: [String] = [Nodes.secret, Nodes.secret],
    _ configure: (inout EngineIOServer.Configuration) -> Void = { _ in },
    onConnection: @escaping @Sendable (EngineSocket, Journal) -> Void = echo,
    _ body: @escaping @Sendable (Nodes) throws -> Void
) async throws {
    let directory = ProcessDirectory()
    var servers: [TestServer] = []
    for secret in secrets {
        var configuration = EngineIOServer.Configuration()
        let log = LogLines()
        configuration.loops = 2
        configuration.logger = log
        configuration.forwarding = NodeForwarding(host: "127.0.0.1", secret: secret, directory: directory)
        configure(&configuration)
        let engine = EngineIOServer(configuration)
        let journal = Journal()
        engine.onConnection { socket in onConnection(socket, journal) }
        let address = try await engine.listen(host: "127.0.0.1", port: 0)
        servers.append(TestServer(engine: engine, port: address.port, journal: journal, log: log))
    }
    let nodes = Nodes(first: servers[0], second: servers[1], directory: directory)
    do {
        try await offPool { try body(nodes) }
    } catch {
        for server in servers { await server.engine.close() }
        throw error
    }
    for server in servers { await server.engine.close() }
}
