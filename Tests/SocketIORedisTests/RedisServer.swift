import Foundation
import NetLoop
import TestSupport

/// A `redis-server` of the test's own, on a port of this machine or a socket, which ends with it.
final class RedisServer: @unchecked Sendable {
    /// How it is connected to.
    enum Listening {
        case plain
        /// With the certificate `good` of the tests.
        case secure(TestCertificates, asksClients: Bool)
        /// On a socket of its folder.
        case local
    }

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

    init(_ options: [String] = [], on listening: Listening = .plain) throws {
        // A short path: that of a socket has about a hundred bytes.
        folder = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        port = try Self.freePort()
        self.options = Self.options(for: listening, port, folder) + options
        process = Process()
        try start()
    }

    /// Free a moment ago: Redis cannot be asked which port it took. Below those that the system gives to connections, of
    /// which one might have it by the time that Redis wants it: even the one that looks whether Redis is there yet.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            if let port = try? probe() { return port }
        }
        return try probe()
    }

    private static func probe() throws -> UInt16 {
        let port = UInt16.random(in: 10_000..<20_000)
        guard let address = SocketAddress(host: "127.0.0.1", port: port) else { preconditionFailure("an address") }
        return try ListeningSocket(on: address).address.port
    }

    private static func options(for listening: Listening, _ port: UInt16, _ folder: URL) -> [String] {
        switch listening {
        case .plain: ["--port", "\(port)"]
        case .local: ["--port", "0", "--unixsocket", folder.appending(path: "redis.sock").path]
        case .secure(let certificates, let asksClients):
            [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", certificates.certificate("good"),
                "--tls-key-file", certificates.key("good"), "--tls-ca-cert-file", certificates.authority,
                "--tls-auth-clients", asksClients ? "yes" : "no",
            ]
        }
    }

    /// Where it listens if that is a socket.
    var socketPath: String { folder.appending(path: "redis.sock").path }

    /// Starts it, for the first time or after `kill`.
    func start(_ more: [String] = []) throws {
        process = Process()
        process.executableURL = URL(filePath: Self.path ?? "")
        process.arguments =
            ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder.path] + options + more
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
