import SocketIOClient

// The client's code in README.md and in the DocC articles, word for word within functions: that it compiles is the test.

private func client() async throws {
    let manager = ClientManager(url: "http://localhost:3000")
    let socket = manager.socket()
    socket.on("chat message") { (text: String) in print(text) }  // before connect: nothing is missed
    try await socket.connect()
    socket.emit("chat message", "hello")
    let sum: Int = try await socket.emitWithAck("add", 1, 2)
    _ = sum
    for await text in socket.events("chat message", String.self) { print(text) }
}

private func overview(token: String) async throws {
    let manager = ClientManager(url: "https://example.com")
    let socket = manager.socket(auth: ["token": token])

    // Register first, connect second: no early event is missed.
    socket.on("news") { (text: String) in print(text) }
    socket.onDisconnect { reason in print("disconnected: \(reason)") }

    try await socket.connect()
    socket.emit("hello", "world")
    let sum: Int = try await socket.emitWithAck("add", 1, 2)
    await manager.close()
    _ = sum
}

// The table of "Coming from socket.io-client-swift".
private func comingFromTheOldClient() async throws {
    let manager = ClientManager(url: "https://example.com") { configuration in
        configuration.reconnection.attempts = 5
        configuration.reconnection = .off
        configuration.transports = [.webSocket]
        configuration.tls.extraRoots = "ca.pem"
    }
    let socket = manager.socket("/chat")
    socket.open()
    socket.setAuth(["token": "t"])
    try await socket.connect(timeout: .seconds(5))
    let subscription = socket.on("x") { (n: Int) in "ok" }
    subscription.cancel()
    socket.onConnectError { error in print(error) }
    manager.onHandlerError { error, socket in print(error, socket?.namespace ?? "") }
    let reply: Int = try await socket.emitWithAck("x", 1, timeout: .seconds(5))
    print(reply, socket.isConnected, socket.isActive, socket.id ?? SocketID(""))
}

// The table of "Coming from JavaScript".
private func comingFromJavaScript(login: @escaping @Sendable () async throws -> [String: String]) async throws {
    let socket = ClientManager(url: "https://example.com").socket()
    try await socket.connect()
    let manager = ClientManager(url: "https://example.com") { configuration in
        configuration.upgrade = false
        configuration.rememberUpgrade = true
        configuration.path = "/socket.io"
        configuration.query = ["room": "1"]
        configuration.extraHeaders = ["Authorization": "Bearer x"]
        configuration.reconnection.delay = .seconds(1)
        configuration.reconnection.maximumDelay = .seconds(5)
        configuration.reconnection.randomization = 0.5
        configuration.sockets.retries = 3
        configuration.sockets.ackTimeout = .seconds(10)
        configuration.logger = ClientManager.StandardErrorLogger(level: .debug)
    }
    _ = manager.socket("/admin")
    _ = manager.socket(auth: ["token": "x"])
    _ = manager.socket(auth: { try await login() })
    socket.on("x") { (a: Int, b: String) in print(a, b) }
    socket.on("x") { (all: EventArguments) in print(all.count) }
    socket.on("x") { (value: JSONValue) in print(value) }
    socket.emit("x", 1)
    socket.volatile.emit("x", 1)
    let reply: Int = try await socket.emitWithAck("x", 1, timeout: .seconds(5))
    let all: EventArguments = try await socket.emitWithAck("x", 1)
    print(reply, all.count)
    socket.onConnect { print("connected") }
    socket.onDisconnect { reason in if reason == .serverDisconnect { socket.open() } }
    socket.onDisconnect { reason, error in print(reason, error?.message ?? "") }
    manager.onReconnectAttempt { attempt in print(attempt) }
    manager.onReconnect { attempt in print(attempt) }
    manager.onError { error in print(error) }
    manager.onPing { print("ping") }
    manager.onUpgrade { print(manager.transport?.rawValue ?? "") }
    manager.setExtraHeaders(["Authorization": "Bearer y"])
    manager.setQuery(["room": "2"])
    socket.off("x")
    socket.off()
    print(socket.isRecovered)
    socket.disconnect()
    await manager.close()
}

/// A handler on the main actor, and what is sent in a module whose default isolation that is.
private nonisolated struct Move: Codable, Sendable { var x: Int }

private func onTheMainActor(_ socket: ClientSocket) {
    socket.on("x") { @MainActor (n: Int) async in print(n) }
    socket.emit("move", Move(x: 1))
}

// The model of "Coming from socket.io-client-swift"; `@Observable` is the system's, and changes nothing here.
@MainActor private final class Chat {
    private(set) var lines: [String] = []
    private var subscription: EventSubscription?

    func attach(to socket: ClientSocket) {
        subscription = socket.on("line") { @MainActor [weak self] (line: String) async in self?.lines.append(line) }
    }
}

// The examples of doc comments.
private struct AppLogger: ClientLogger {
    let level = ClientManager.LogLevel.warning
    func log(_ level: ClientManager.LogLevel, _ message: String) { print(level, message) }
}

private struct Wait: Decodable { let seconds: Int }

private func docComments(_ socket: ClientSocket) async {
    socket.onConnectError { error in
        if error.code == .refused { print(try error.data(as: Wait.self).seconds) }
    }
    socket.on("move") { (x: Int, y: Int) in print(x, y) }
    socket.on("add") { (a: Int, b: Int) in a + b }
    socket.volatile.emit("position", 1, 2)
    for await (x, y) in socket.events("moved", Int.self, Int.self) { print(x, y) }
    _ = await socket.openAndWait()
}
