import Foundation
import NetLoop

/// A `redis-server` of the test's own, on a port of this machine, which ends with it.
final class RedisServer: @unchecked Sendable {
    // `@unchecked`: changed by the one test that has it.
    private var process: Process
    let port: UInt16
    var url: String { "redis://127.0.0.1:\(port)" }
    private let folder: URL
    private let options: [String]

    private static let path = [
        "/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server",
    ]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
    static var isThere: Bool { path != nil }

    init(_ options: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Free a moment ago: Redis cannot be asked which port it took.
        guard let anyPort = SocketAddress(host: "127.0.0.1", port: 0) else { preconditionFailure("an address") }
        port = try ListeningSocket(on: anyPort).address.port
        self.options = options
        process = Process()
        try start()
    }

    /// Starts it, for the first time or after `kill`.
    func start() throws {
        process = Process()
        process.executableURL = URL(filePath: Self.path ?? "")
        process.arguments =
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder.path]
            + options
        // Whoever waits for the end of the tests' own output is not to wait for a server that is left.
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// As `kill -9` does.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        // `waitUntilExit` may wait for ever.
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while process.isRunning, ContinuousClock.now < deadline { usleep(1_000) }
    }

    deinit {
        // A server that inherited a blocked SIGTERM would not hear of a friendlier end.
        kill()
        try? FileManager.default.removeItem(at: folder)  // a folder left behind is no failure
    }
}
