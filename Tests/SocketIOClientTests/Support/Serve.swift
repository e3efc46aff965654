import SocketIO
import SocketIOClient

/// Runs `body` with a server on a port of its own, and closes the server afterwards.
func serve(
    port: Int = 0, loops: Int = 1, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
    _ body: (SocketIOServer, String) async throws -> Void
) async throws {
    let io = SocketIOServer(serverConfiguration(loops: loops, configure))
    let address = try await io.listen(host: "127.0.0.1", port: port)
    let result: Result<Void, any Error>
    do {
        try await body(io, "http://127.0.0.1:\(address.port)")
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await io.close()
    try result.get()
}

func serverConfiguration(
    loops: Int = 1, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in }
) -> SocketIOServer.Configuration {
    var configuration = SocketIOServer.Configuration()
    configuration.loops = loops
    configuration.logger = SilentLogger()
    configuration.engine.limits.closeTime = .milliseconds(200)
    configure(&configuration)
    return configuration
}

/// Runs `body` with a manager, and closes it afterwards.
func withManager(
    _ url: String, _ configure: (inout ClientManager.Configuration) -> Void = { _ in },
    _ body: (ClientManager) async throws -> Void
) async throws {
    let manager = ClientManager(url: url) { configuration in
        configuration.reconnection.delay = .milliseconds(20)
        configuration.reconnection.maximumDelay = .milliseconds(100)
        configure(&configuration)
    }
    let result: Result<Void, any Error>
    do {
        try await body(manager)
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await manager.close()
    try result.get()
}

/// What hostile tests provoke is not worth a line in the test log.
struct SilentLogger: ServerLogger {
    let level = LogLevel.error
    func log(_ level: LogLevel, _ message: String) {}
}

/// Looks until `condition` holds; false if it does not within the patience.
func eventually(patience: Duration = .seconds(10), _ condition: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now.advanced(by: patience)
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))  // a cancelled test looks once more
    }
    return await condition()
}
