public import SocketIO
package import SocketIOWire

/// Joins servers over a stream of Redis or Valkey, in the words of `@socket.io/redis-streams-adapter`: servers of Node with
/// that adapter and these are nodes of one cluster, and `@socket.io/redis-streams-emitter` is heard by all.
///
/// ```swift
/// configuration.adapter = try RedisStreamsAdapter(RedisURL("redis://127.0.0.1:6379"))
/// ```
/// What is sent to many is an entry of the stream, which every node reads to its end: a node that was cut off from Redis
/// reads on where it was, and has missed nothing that the stream still holds (`maxLength`). Requests (`sockets()`,
/// acknowledgements of many, events between servers) and their answers go over channels, as they do in Node: they come
/// behind what the same thread has sent before, and may overtake what it sends next.
///
/// With `configuration.recovery` a client that has lost its node goes on at any other, as in Node: see *Clients that come
/// back* of `SocketIO`.
///
/// Clients of this node are served while Redis is away. What is meant for others is kept up to 16 MiB then, and what is over
/// that is dropped; the log says how much. What was sent and not confirmed when Redis went away is not sent again.
///
/// An adapter is for one server. It has a thread and three connections of its own, which end with it.
public final class RedisStreamsAdapter: Adapter {
    /// What the nodes of a cluster have to agree on: the options of the official adapter that are seen from outside.
    public struct Options: Sendable {
        /// The key of the stream.
        public var streamName = "socket.io"
        /// How many entries Redis keeps of it, about.
        public var maxLength = 10_000
        /// What the keys of clients that are away begin with.
        public var sessionKeyPrefix = "sio:session:"
        /// What the names of all channels begin with.
        public var channelPrefix = "socket.io"
        /// Whether the channels are those of shards, which Redis has from version 7 on: `useShardedPubSub` there.
        public var usesShardedPubSub = false
        /// Whether bytes are written into the stream as JSON, too, and not as MessagePack: so that people can read it. Each of
        /// them is a number then, of which a message may have a million.
        public var onlyPlaintext = false

        /// The defaults, to change from: those of the official adapter.
        public init() {}
    }

    private let options: Options
    private let thread: RedisThread
    private let inbox = RedisInbox()
    private let returns = Allowance(returnBytes)

    /// Of what all clients have missed that come back at once: who comes when there is more begins anew.
    private static let returnBytes = 64 * 1024 * 1024

    /// An adapter over the Redis at `url`, to which it connects by itself, now and whenever it has lost it.
    ///
    /// - Throws: If the system gives no thread, or the URL is secure and TLS is not available on this machine, or a file
    ///   that it names cannot be read.
    public init(_ url: RedisURL, options: Options = Options()) throws {
        self.options = options
        thread = try RedisThread(url, reading: options.streamName, delegate: { [inbox] _ in inbox })
    }

    public func join(_ namespace: LocalNamespace) -> any NamespaceAdapter {
        let member = StreamsNamespace(
            namespace, options: options, client: thread.client, inbox: inbox, returns: returns)
        member.begin()
        return member
    }

    public func confirm(_ body: () -> Void, _ confirmed: @escaping @Sendable (_ isThere: Bool) -> Void) {
        thread.client.confirm(body, confirmed)
    }
}

extension RedisStreamsAdapter: KeepingAdapter {
    package func follow(_ told: @escaping @Sendable (RedisStreamID) -> Void) {
        inbox.setFollower(told)
        thread.client.tellPosition()
    }

    package func settle() async {
        _ = await thread.client.settle(within: .seconds(2))
    }
}
