internal import NetLoop
public import SocketIO
internal import SocketIOWire

/// Where the nodes of a cluster find each other over Redis or Valkey, for `NodeForwarding`: a key for each node, which
/// goes with its time.
///
/// ```swift
/// configuration.engine.forwarding = NodeForwarding(
///     host: "10.0.0.5", secret: secret, directory: try RedisNodeDirectory(RedisURL("redis://127.0.0.1:6379")))
/// ```
/// Each node asks once for each other one that it meets. While Redis is away requests go on to those that are known; the log
/// says when it goes and when it is back. A node that was forgotten meanwhile is there again with its next word. What Redis
/// has not answered within two seconds fails.
///
/// It has a thread and connections of its own, which end with it.
public final class RedisNodeDirectory: NodeDirectory {
    private let thread: RedisThread
    private let keyPrefix: String

    /// Nobody waits for a directory any longer, and who asked it holds it until it answers.
    private static let patience = Duration.seconds(2)

    /// A directory in the Redis at `url`, to which it connects by itself, now and whenever it has lost it.
    ///
    /// - Parameters:
    ///   - url: The same for all nodes.
    ///   - keyPrefix: What the keys of nodes begin with: clusters that share a Redis need different ones.
    ///   - logger: Hears of what is wrong; standard error by default.
    /// - Throws: If the system gives no thread, or the URL is secure and TLS is not available on this machine.
    public init(
        _ url: RedisURL, keyPrefix: String = "socket.io-node:", logger: any ServerLogger = StandardErrorLogger()
    ) throws {
        self.keyPrefix = keyPrefix
        thread = try RedisThread(url) { RedisLog(logger: logger, on: $0) }
    }

    public func register(_ node: String, at address: String, for time: Duration) async throws {
        let milliseconds = max(time.boundedNanoseconds / 1_000_000, 1)
        _ = try await call(RedisCommand("SET", key(of: node), address, "PX", "\(milliseconds)", key: 1))
    }

    public func remove(_ node: String) async throws {
        _ = try await call(RedisCommand("DEL", key(of: node), key: 1))
    }

    public func address(of node: String) async throws -> String? {
        try await call(RedisCommand("GET", key(of: node), key: 1)).text
    }

    private func call(_ command: RedisCommand) async throws -> RESPValue {
        try await thread.client.call(command, within: Self.patience)
    }

    private func key(of node: String) -> String { keyPrefix + node }
}
