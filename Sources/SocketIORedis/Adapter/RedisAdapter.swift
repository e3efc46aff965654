public import SocketIO
internal import SocketIOWire
internal import Synchronization

/// Joins servers over channels of Redis, in the words of `@socket.io/redis-adapter`: servers of Node with that adapter and
/// these are nodes of one cluster, and `@socket.io/redis-emitter` is heard by all.
///
/// ```swift
/// var configuration = SocketIOServer.Configuration()
/// configuration.adapter = try RedisAdapter(RedisURL("redis://127.0.0.1:6379"))
/// let io = SocketIOServer(configuration)
/// ```
///
/// While Redis is away, clients of this node are served, and what is sent to many reaches those of this node. What is meant
/// for others is kept up to 16 MiB, and what is over that is dropped; what was sent and not confirmed when Redis went away
/// is not sent again, so that nothing arrives twice. The log says when Redis goes, why, when it is back, and how much was
/// lost. A message is delivered at most once to each node.
///
/// An adapter is for one server. It has a thread and two connections of its own, which end with it.
public final class RedisAdapter: Adapter {
    /// What the nodes of a cluster have to agree on: the options of the official adapter that are seen from outside.
    public struct Options: Sendable {
        /// What the names of all channels begin with.
        public var key = "socket.io"
        /// Whether an answer goes to the node that asked only, instead of all: `publishOnSpecificResponseChannel` there.
        public var respondsOnOwnChannel = false

        /// The defaults, to change from: those of the official adapter.
        public init() {}
    }

    private let options: Options
    private let thread: RedisThread
    private let inbox = RedisInbox()

    /// An adapter over the Redis at `url`, to which it connects by itself, now and whenever it has lost it.
    ///
    /// - Throws: If the system gives no thread, or the URL is secure and TLS is not available on this machine, or a file
    ///   that it names cannot be read.
    public init(_ url: RedisURL, options: Options = Options()) throws {
        self.options = options
        thread = try RedisThread(url, delegate: { [inbox] _ in inbox })
    }

    public func join(_ namespace: LocalNamespace) -> any NamespaceAdapter {
        let member = RedisNamespace(namespace, options: options, client: thread.client, inbox: inbox)
        inbox.add(member, to: member.subscriptions, of: thread.client)
        return member
    }

    public func confirm(_ body: () -> Void, _ confirmed: @escaping @Sendable (_ isThere: Bool) -> Void) {
        thread.client.confirm(body, confirmed)
    }
}
