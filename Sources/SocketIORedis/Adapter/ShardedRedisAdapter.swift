public import SocketIO
internal import SocketIOWire

/// Joins servers over the sharded channels of Redis 7 or Valkey, in the words of Node's `createShardedAdapter`: servers of
/// Node with that adapter and these are nodes of one cluster.
///
/// ```swift
/// configuration.adapter = try ShardedRedisAdapter(RedisURL("redis://127.0.0.1:6379"))
/// ```
/// A room has a channel of its own, so that what is sent to one room reaches only nodes with members of it; see
/// `SubscriptionMode` for what that costs. The nodes of a Redis Cluster share the channels: what goes to different rooms may
/// overtake each other there, because it goes over different connections. With a `channelPrefix` in braces all channels are
/// one node's, and in order.
///
/// What happens while Redis is away is as with `RedisAdapter`. An adapter is for one server. It has a thread and two
/// connections of its own, to a cluster two for each of its nodes and one more, which end with it.
public final class ShardedRedisAdapter: Adapter {
    /// What the nodes of a cluster have to agree on: the options of the official adapter.
    public struct Options: Sendable {
        /// What the names of all channels begin with.
        public var channelPrefix = "socket.io"
        /// Which rooms have a channel of their own.
        public var subscriptionMode = SubscriptionMode.dynamic

        /// The defaults, to change from: those of the official adapter.
        public init() {}
    }

    /// Which rooms have a channel of their own.
    ///
    /// A node is subscribed to the channels of the rooms that its sockets are in. What is sent to a room just after a socket
    /// has joined it on another node may miss that socket: Redis has yet to hear of it. To rooms that this node itself has
    /// put sockets of others into (`socketsJoin`) it sends over the channel of all for ten seconds, so that nothing is missed.
    public enum SubscriptionMode: Sendable {
        /// None: all nodes hear everything, over one channel for each namespace.
        case `static`
        /// All but those of the sockets' ids, and others with a name of 20 characters.
        case dynamic
        /// Those of the sockets' ids, too: for servers that send to single sockets of other nodes mostly.
        case dynamicPrivate
    }

    private let options: Options
    private let thread: RedisThread
    let inbox = RedisInbox()

    /// An adapter over the Redis at `url`, to which it connects by itself, now and whenever it has lost it.
    ///
    /// - Throws: If the system gives no thread, or the URL is secure and TLS is not available on this machine, or a file
    ///   that it names cannot be read.
    public init(_ url: RedisURL, options: Options = Options()) throws {
        self.options = options
        thread = try RedisThread(url, delegate: { [inbox] _ in inbox })
    }

    public func join(_ namespace: LocalNamespace) -> any NamespaceAdapter {
        let member = ShardedNamespace(namespace, options: options, client: thread.client, inbox: inbox)
        member.begin()
        return member
    }

    public func confirm(_ body: () -> Void, _ confirmed: @escaping @Sendable (_ isThere: Bool) -> Void) {
        thread.client.confirm(body, confirmed)
    }
}
