internal import NetLoop
internal import Synchronization

/// A client of a `TestServer`: the real one, which also keeps what came until the test asks for it.
///
/// ```swift
/// let ada = try await app.client(auth: ["name": "ada"])
/// ada.emit("join", "lobby")
/// let people: [String] = try await ada.next("people")
/// let sum: Int = try await ada.emitWithAck("add", 1, 2)
/// ```
public final class TestClient: Sendable {
    /// What can be between a client and the server.
    public enum Network: Sendable, Hashable, CaseIterable {
        /// All that is sent arrives.
        case working
        /// Nothing arrives, and neither side notices, but by a heartbeat that is missing; no connection comes about.
        case silent
        /// Connections end, and others are refused.
        case down
    }

    /// The client's socket, for handlers and for what has no form here. Its `off()` would remove what this client hears
    /// with, too.
    public let socket: ClientSocket
    /// Whom it is a client of.
    public let server: TestServer

    let line: ClientLine
    let arrivals = Arrivals<Arrival>()
    /// One while the namespace is joined.
    private let connections = Arrivals<Void>()
    private let disconnections = Arrivals<ClientSocket.DisconnectReason>()
    private let lastError = Mutex<ClientError?>(nil)

    init(_ socket: ClientSocket, on line: ClientLine, of server: TestServer) {
        self.socket = socket
        self.line = line
        self.server = server
        // First of all handlers: what any of them does comes after. None holds this client, which the socket holds.
        socket.onAny { [arrivals] name, values in arrivals.add(Arrival(name: name, values)) }
        socket.onConnect { [connections] () in connections.add(()) }
        socket.onDisconnect { [connections, disconnections] (reason) in
            connections.removeAll()
            disconnections.add(reason)
        }
        socket.onConnectError { [weak self] (error) in self?.lastError.withLock { $0 = error } }
    }

    /// What the server calls this client; nil while it is not connected.
    public var id: SocketID? { socket.id }

    /// Whether the namespace is joined.
    public var isConnected: Bool { socket.isConnected }

    // MARK: Connecting

    /// Connects, for one of `TestServer.makeClient`, or again after a disconnect.
    ///
    /// One that begins with polling and goes on by WebSocket has done so when this returns; a tenth of a second may pass
    /// for that.
    ///
    /// - Throws: What `ClientSocket.connect` throws: `ClientError` if a middleware refuses; `TestFailure` after the
    ///   server's `patience`.
    public func connect() async throws {
        try await wait(server.patience) { [socket] in
            try await socket.connect(timeout: nil)
        } otherwise: {
            TestFailure("\(socket.namespace) was not joined within \(server.patience)\(circumstances)")
        }
        try await finishUpgrade()
    }

    /// How long a poll that the client has begun before it heard that it may upgrade can keep it from doing so
    /// (Protocol.md 3.6).
    private static let upgradeTime = Duration.milliseconds(100)

    private func finishUpgrade() async throws {
        let manager = socket.manager
        guard manager.transport == .polling, manager.configuration.upgrade,
            manager.configuration.transports.contains(.webSocket)
        else { return }
        try await server.settle()
        if manager.transport == .polling { try await server.advance(by: Self.upgradeTime) }
    }

    /// Leaves the namespace.
    public func disconnect() {
        socket.disconnect()
    }

    /// Returns when the client is connected, at once if it is: for one that comes back.
    ///
    /// - Throws: `TestFailure` after the server's `patience`.
    public func connected() async throws {
        guard !isConnected else { return }
        try await wait(server.patience) { [connections] in
            try await connections.next(keeping: true) { true }
        } otherwise: {
            TestFailure("\(socket.namespace) was not joined within \(server.patience)\(circumstances)")
        }
    }

    /// Why the client was disconnected; waits until it is. Each end of a connection is told once, in order.
    ///
    /// - Throws: `TestFailure` after the server's `patience`.
    @discardableResult
    public func disconnected() async throws -> ClientSocket.DisconnectReason {
        try await wait(server.patience) { [disconnections] in
            try await disconnections.next { _ in true }
        } otherwise: {
            TestFailure("\(socket.namespace) was not disconnected within \(server.patience)\(circumstances)")
        }
    }

    /// Joins another namespace over the same connection.
    public func namespace(_ name: String) async throws -> TestClient {
        let client = TestClient(line.manager.socket(name), on: line, of: server)
        try await client.connect()
        return client
    }

    /// Joins another namespace over the same connection, with what is sent to its middlewares as `auth`.
    public func namespace(_ name: String, auth: some Encodable & Sendable) async throws -> TestClient {
        let client = TestClient(line.manager.socket(name, auth: auth), on: line, of: server)
        try await client.connect()
        return client
    }

    // MARK: The network

    /// Breaks the connection, which both sides see, and returns when they have: the client tries again after its wait,
    /// which `TestServer.advance` lets pass.
    public func cut() async throws {
        let network = line.network
        await network.loop.call { _ in network.value.cut() }
        try await server.settle()
    }

    /// Sets what is between this client and the server, and returns when both have seen what they can.
    public func setNetwork(_ state: Network) async throws {
        let network = line.network
        await network.loop.call { _ in network.value.set(state) }
        try await server.settle()
    }

    // MARK: What a failure says

    /// What has come that nobody asked for, and how the client is connected.
    var circumstances: String {
        let unread = arrivals.all
        var words = unread.isEmpty ? "; nothing else came" : "; what came instead: \(Arrival.list(unread))"
        if !isConnected {
            let error = lastError.withLock { $0 }
            words += "; the client is not connected\(error.map { ": \($0.message)" } ?? "")"
        }
        return words
    }
}
