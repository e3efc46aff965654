import EngineIO
import Foundation
import SocketIO

/// Runs `body`, which may block, with a server on a port of its own, and closes the server afterwards.
func serve(
    loops: Int = 2, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
    _ body: (SocketIOServer, Int) async throws -> Void
) async throws {
    var configuration = SocketIOServer.Configuration()
    configuration.loops = loops
    configuration.logger = SilentLogger()
    configuration.engine.limits.closeTime = .milliseconds(200)
    configure(&configuration)
    let io = SocketIOServer(configuration)
    let address = try await io.listen(host: "127.0.0.1", port: 0)
    let result: Result<Void, any Error>
    do {
        try await withTaskExecutorPreference(BlockingExecutor()) { try await body(io, address.port) }
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await io.close()
    try result.get()
}

/// What hostile tests provoke is not worth a line in the test log.
struct SilentLogger: ServerLogger {
    let level = LogLevel.error
    func log(_ level: LogLevel, _ message: String) {}
}

/// Notes every line.
struct LineLogger: ServerLogger {
    let level = LogLevel.debug
    private let journal: Journal

    init(_ journal: Journal) {
        self.journal = journal
    }

    func log(_ level: LogLevel, _ message: String) { journal.note("\(level): \(message)") }
}

/// Looks until `condition` holds; false if it does not within the patience.
func eventually(patience: TimeInterval = 10, _ condition: () async -> Bool) async -> Bool {
    let deadline = Date(timeIntervalSinceNow: patience)
    while Date() < deadline {
        if await condition() { return true }
        usleep(2000)
    }
    return await condition()
}
