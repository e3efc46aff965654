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
