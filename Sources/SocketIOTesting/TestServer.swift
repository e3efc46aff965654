internal import NetLoop
internal import Synchronization

/// A server and its clients in one process, without ports, whose time only the test moves.
///
/// ```swift
/// @Test func `a message reaches the room`() async throws {
///     let io = SocketIOServer()
///     registerChat(on: io)
///     try await TestServer.run(io) { app in
///         let ada = try await app.client()
///         let bob = try await app.client()
///         ada.emit("chat message", "hello")
///         let text: String = try await bob.next("chat message")
///         #expect(text == "hello")
///     }
/// }
/// ```
/// What runs is the real server and the real client on their event loops, with a connection within the process between
/// them. Heartbeats, timeouts of acknowledgements, waits before a reconnect and everything else that they do in time
/// happen when `advance(by:)` says so, at once and in order. A test that waits for what never comes fails after
/// `patience`, with words. Nothing here belongs to a framework for tests: what goes wrong is thrown.
///
/// Unless `io.configuration.loops` says otherwise, the server has one event loop, and so does one thing after the other.
public final class TestServer: Sendable {
    /// The server under test.
    public let io: SocketIOServer
    /// How long a test waits, in real time, for what should come: 5 seconds by default.
    public let patience: Duration

    let time: TestTime
    private let clientLoops: EventLoopGroup
    private let managers = Mutex<[ClientManager]>([])

    /// Starts `io`, which does not listen; `close` ends it.
    ///
    /// For a test that cannot be one closure, as `run` needs it: with `setUp` and `tearDown`.
    ///
    /// - Throws: `ListenError` if it runs already, `TestFailure` if the system has no thread for it.
    public init(_ io: SocketIOServer, patience: Duration = .seconds(5)) async throws {
        self.io = io
        self.patience = patience
        time = TestTime(patience: patience)
        do {
            clientLoops = try EventLoopGroup(count: 1, time: time.source)
        } catch {
            throw TestFailure("no event loop could be started: \(error)")
        }
        time.add(clientLoops.loops)
        do {
            try await start()
        } catch {
            await endClientLoops()
            throw error
        }
    }

    /// Starts `io`, calls `body`, and closes everything, also if `body` throws.
    ///
    /// - Parameters:
    ///   - io: A server that does not listen.
    ///   - patience: How long the test waits, in real time, for what should come: 5 seconds by default.
    ///   - isolation: Where the test runs, which nobody has to say.
    ///   - body: The test.
    @discardableResult
    public static func run<Result>(
        _ io: SocketIOServer, patience: Duration = .seconds(5), isolation: isolated (any Actor)? = #isolation,
        _ body: (_ app: TestServer) async throws -> Result
    ) async throws -> Result {
        let app = try await TestServer(io, patience: patience)
        do {
            let result = try await body(app)
            await app.close()
            return result
        } catch {
            await app.close()
            throw error
        }
    }

    /// Closes the clients and the server. What else the test has is of no use afterwards.
    public func close() async {
        let all = managers.withLock { managers in
            let all = managers
            managers = []
            return all
        }
        await time.drive {
            for manager in all { await manager.close() }
        }
        await stop()
        await endClientLoops()
    }

    private func endClientLoops() async {
        time.remove(clientLoops.loops)
        await withCheckedContinuation { continuation in clientLoops.stop { continuation.resume() } }
    }

    // MARK: The server

    /// Starts the server again after `stop`.
    public func start() async throws {
        try await io.serve(in: time.source)
        time.add(io.loops)
    }

    /// Closes the server, as `SocketIOServer.close` does; clients then find nobody, until `start`.
    ///
    /// Time is moved where a client does not answer the end of its connection.
    public func stop() async {
        let loops = io.loops
        await time.drive { [io] in await io.close() }
        time.remove(loops)
    }

    // MARK: Time

    /// Moves the time of server and clients, and returns when nothing goes on any more.
    ///
    /// All that is due happens in its order: two heartbeats in a minute, and what they lead to, before what is due later.
    /// A handler's task that has left the event loop, for an actor or a database, is not seen: wait for what it does with
    /// `next` or `emitWithAck` before time is moved. Call it from one task at a time.
    ///
    /// - Throws: `TestFailure` if something goes on for longer than `patience`; `CancellationError`.
    public func advance(by duration: Duration) async throws {
        try await time.advance(by: duration)
    }

    /// Returns when nothing goes on any more, without moving time: what was emitted has been handled.
    ///
    /// - Throws: `TestFailure` if something goes on for longer than `patience`; `CancellationError`.
    public func settle() async throws {
        try await time.settle()
    }

    // MARK: Clients

    /// A client that is connected.
    ///
    /// ```swift
    /// let ada = try await app.client(auth: ["name": "ada"])
    /// await #expect(throws: ClientError.self) { try await app.client(auth: ["name": ""]) }
    /// ```
    /// - Parameters:
    ///   - namespace: `/` by default.
    ///   - headers: Sent with each request.
    ///   - transports: In the order tried: WebSocket by default; `[.polling, .webSocket]` begins as browsers do.
    ///   - address: What the server takes for the client's address, in digits, 127.0.0.1 by default; a name ends the process.
    ///   - configure: Changes what else the manager is made with. Its waits before a reconnect do not vary, other than by
    ///     default.
    /// - Throws: What `ClientSocket.connect` throws: `ClientError` if a middleware refuses; `TestFailure` after `patience`.
    public func client(
        _ namespace: String = "/", headers: [String: String] = [:],
        transports: [ClientManager.Transport] = [.webSocket], address: String = "127.0.0.1",
        _ configure: (inout ClientManager.Configuration) -> Void = { _ in }
    ) async throws -> TestClient {
        let client = makeClient(
            namespace, headers: headers, transports: transports, address: address, configure)
        try await client.connect()
        return client
    }

    /// A client that is connected, with what it sends to the server's middlewares as `auth`; see the form without.
    public func client(
        _ namespace: String = "/", auth: some Encodable & Sendable, headers: [String: String] = [:],
        transports: [ClientManager.Transport] = [.webSocket], address: String = "127.0.0.1",
        _ configure: (inout ClientManager.Configuration) -> Void = { _ in }
    ) async throws -> TestClient {
        let client = makeClient(
            namespace, auth: auth, headers: headers, transports: transports, address: address, configure)
        try await client.connect()
        return client
    }

    /// A client that does nothing before `TestClient.connect`: for handlers that have to be there from the beginning.
    ///
    /// ```swift
    /// let ada = app.makeClient()
    /// ada.socket.on("language") { "en" }
    /// try await ada.connect()
    /// ```
    public func makeClient(
        _ namespace: String = "/", headers: [String: String] = [:],
        transports: [ClientManager.Transport] = [.webSocket], address: String = "127.0.0.1",
        _ configure: (inout ClientManager.Configuration) -> Void = { _ in }
    ) -> TestClient {
        let line = makeLine(headers, transports, address, configure)
        return TestClient(line.manager.socket(namespace), on: line, of: self)
    }

    /// A client that does nothing before `TestClient.connect`, with what it sends as `auth`.
    public func makeClient(
        _ namespace: String = "/", auth: some Encodable & Sendable, headers: [String: String] = [:],
        transports: [ClientManager.Transport] = [.webSocket], address: String = "127.0.0.1",
        _ configure: (inout ClientManager.Configuration) -> Void = { _ in }
    ) -> TestClient {
        let line = makeLine(headers, transports, address, configure)
        return TestClient(line.manager.socket(namespace, auth: auth), on: line, of: self)
    }

    private func makeLine(
        _ headers: [String: String], _ transports: [ClientManager.Transport], _ address: String,
        _ configure: (inout ClientManager.Configuration) -> Void
    ) -> ClientLine {
        guard let address = SocketAddress(host: address, port: 0) else {
            preconditionFailure("the address of a client has to be numeric, as 192.0.2.1: \(address)")
        }
        var configuration = ClientManager.Configuration()
        configuration.path = io.configuration.engine.path
        configuration.transports = transports
        configuration.extraHeaders = headers
        configuration.reconnection.randomization = 0
        configure(&configuration)
        let line = ClientLine(to: io, from: address, configuration, on: clientLoops.next())
        managers.withLock { $0.append(line.manager) }
        return line
    }
}
