/// Where the nodes of a cluster tell each other how they are reached, for `NodeForwarding`. `SocketIORedis` has one over
/// Redis, `RedisNodeDirectory`.
///
/// All methods are called on an event loop, and nobody waits for one longer than two seconds.
public protocol NodeDirectory: Sendable {
    /// A node is reached at `address`: to be known for `time` from now on, unless it is said again before.
    ///
    /// - Parameters:
    ///   - node: Its name, of six characters of `A-Z a-z 0-9 - _`, which no other node has had.
    ///   - address: A URL without a path, as `http://10.0.0.5:3000`.
    func register(_ node: String, at address: String, for time: Duration) async throws
    /// A node has ended.
    func remove(_ node: String) async throws
    /// Where a node is reached; nil if there is none of that name. That may be any of that form: clients name nodes, too.
    func address(of node: String) async throws -> String?
}
