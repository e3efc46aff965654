package import SocketIO
internal import SocketIOClient
internal import Synchronization

/// How an adapter is tried: what joins one node after another to the same others.
package struct Joining: Sendable {
    /// The adapter of one further node.
    package let makeAdapter: @Sendable () async throws -> any Adapter
    /// Cuts a node off without a word; nil where that cannot be done.
    package let silence: (@Sendable (any Adapter) async throws -> Void)?
    /// All come to see that it is gone; nil where they find out themselves.
    package let bury: (@Sendable (any Adapter) async throws -> Void)?
    /// Waits until all nodes hear what is meant for the rooms that their clients are in; nil where they do at once.
    package let settle: (@Sendable () async throws -> Void)?
    /// What else a node with the adapter has.
    package let configure: @Sendable (inout SocketIOServer.Configuration) -> Void

    package init(
        makeAdapter: @escaping @Sendable () async throws -> any Adapter,
        configure: @escaping @Sendable (inout SocketIOServer.Configuration) -> Void = { _ in },
        settle: (@Sendable () async throws -> Void)? = nil,
        silence: (@Sendable (any Adapter) async throws -> Void)? = nil,
        bury: (@Sendable (any Adapter) async throws -> Void)? = nil
    ) {
        self.makeAdapter = makeAdapter
        self.configure = configure
        self.settle = settle
        self.silence = silence
        self.bury = bury
    }

    /// Servers of this process.
    package static func inProcess(_ telling: InProcessCluster.Telling) -> Joining {
        let cluster = InProcessCluster(telling)
        return Joining(
            makeAdapter: { cluster.makeAdapter() },
            silence: { if let adapter = $0 as? InProcessAdapter { cluster.silence(adapter.node) } },
            bury: { if let adapter = $0 as? InProcessAdapter { cluster.bury(adapter.node) } })
    }
}

/// Servers that know each other, and clients of them.
///
/// A client says in its `auth` what it is called and which rooms it joins.
package final class Nodes: Sendable {
    package let servers: [SocketIOServer]
    package let adapters: [any Adapter]
    package let ports: [Int]
    private let settle: (@Sendable () async throws -> Void)?
    private let clients = Mutex<[TestClient]>([])

    private init(
        servers: [SocketIOServer], adapters: [any Adapter], ports: [Int], settle: (@Sendable () async throws -> Void)?
    ) {
        self.servers = servers
        self.adapters = adapters
        self.ports = ports
        self.settle = settle
    }

    private struct Login: Codable, Sendable {
        var name: String
        var rooms: [String]
    }

    /// Runs `body` with so many servers, once all of them know each other, and closes them afterwards.
    ///
    /// - Parameter all: How many there are then, with those that there were before.
    package static func run(
        _ count: Int, joined joining: Joining, awaiting all: Int? = nil,
        _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (Nodes) async throws -> Void
    ) async throws {
        var (servers, adapters, ports): ([SocketIOServer], [any Adapter], [Int]) = ([], [], [])
        for _ in 0..<count {
            let adapter = try await joining.makeAdapter()
            var configuration = SocketIOServer.Configuration()
            configuration.loops = 2
            configuration.logger = SilentLogger()
            configuration.engine.limits.closeTime = .milliseconds(200)
            configuration.adapter = adapter
            joining.configure(&configuration)
            configure(&configuration)
            let io = SocketIOServer(configuration)
            for namespace in [io.namespace("/"), io.namespace("/other")] {
                namespace.onConnection { socket in
                    let login = try socket.handshake.auth(as: Login.self)
                    socket.join(login.rooms.map(Room.init(_:)))
                    socket.data.name = login.name
                }
            }
            servers.append(io)
            adapters.append(adapter)
            ports.append(try await io.listen(host: "127.0.0.1", port: 0).port)
        }
        let nodes = Nodes(servers: servers, adapters: adapters, ports: ports, settle: joining.settle)
        let result: Result<Void, any Error>
        do {
            try await nodes.awaitNodes(all ?? count)
            try await body(nodes)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for client in nodes.clients.withLock({ $0 }) { await client.close() }
        for io in servers { await io.close() }
        try result.get()
    }

    private func awaitNodes(_ count: Int) async throws {
        for io in servers {
            try await eventually("all nodes know each other") { await io.nodeCount == count }
        }
    }

    package subscript(node: Int) -> SocketIOServer { servers[node] }

    /// A client of a node, once its node has it in its rooms.
    package func client(
        _ name: String, of node: Int, in rooms: String..., namespace: String = "/",
        _ register: (TestClient) -> Void = { _ in }
    ) async throws -> TestClient {
        let client = TestClient(name, port: ports[node], namespace: namespace, auth: Login(name: name, rooms: rooms))
        clients.withLock { $0.append(client) }
        // Before anything can come for it.
        register(client)
        try await client.connect()
        let io = servers[node].namespace(namespace)
        try await eventually("\(name) is in its rooms") {
            await io.local.sockets().contains { $0.id == client.id && $0.data.name == "\(name)" }
        }
        try await settle?()
        return client
    }
}

/// What the tests provoke is not worth a line in the test log.
private struct SilentLogger: ServerLogger {
    let level = LogLevel.error
    func log(_ level: LogLevel, _ message: String) {}
}

/// What was to be seen, and was not.
package struct Unmet: Error, CustomStringConvertible {
    package let description: String
}

/// Looks until `condition` holds; throws if it does not within the patience.
package func eventually(
    _ what: String, patience: Duration = .seconds(20), _ condition: () async -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: patience)
    while ContinuousClock.now < deadline {
        if await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    guard await condition() else { throw Unmet(description: "not within \(patience): \(what)") }
}

/// Throws unless both are equal.
package func expect<Value: Equatable>(_ what: String, _ value: Value, _ expected: Value) throws {
    guard value == expected else { throw Unmet(description: "\(what): \(value), expected \(expected)") }
}
