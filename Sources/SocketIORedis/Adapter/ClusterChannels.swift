internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire

/// The channels of one namespace, as Node's sharded adapter and the one of streams have them: one of all nodes, and one of
/// each.
struct ClusterChannels: Sendable {
    let client: RedisClient
    /// Whether they are those of shards (`SPUBLISH`).
    let isSharded: Bool
    /// What this node is called in the namespace: 64 bits, as in Node.
    let uid: String
    let all: String
    let own: String

    init(prefix: String, namespace: String, isSharded: Bool, client: RedisClient) {
        self.client = client
        self.isSharded = isSharded
        uid = ClusterID.make()
        all = "\(prefix)#\(namespace)#"
        own = "\(all)\(uid)#"
    }

    var subscriptions: [RedisSubscription] { [subscription(all), subscription(own)] }

    func subscription(_ channel: String) -> RedisSubscription {
        RedisSubscription(isSharded ? .shard : .channel, channel)
    }

    func channel(ofRoom room: String) -> String { "\(all)\(room)#" }
    func channel(of node: NodeID) -> String { "\(all)\(node)#" }

    func publish(_ bytes: [UInt8], on channel: String) {
        client.publish(bytes, on: channel, isSharded: isSharded)
    }

    /// Each node is subscribed to the channel of all, and to its own.
    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void) {
        client.countOthers(on: all, without: own, isSharded: isSharded, found)
    }
}

extension RedisClient {
    func publish(_ bytes: [UInt8], on channel: String, isSharded: Bool = false) {
        let command = isSharded ? "SPUBLISH" : "PUBLISH"
        send(RedisCommand([Array(command.utf8), Array(channel.utf8), bytes]))
    }

    /// Counts who is subscribed to a channel, but for this node, which has one of its own, too.
    func countOthers(
        on all: String, without own: String, isSharded: Bool = false,
        _ found: @escaping @Sendable (ClusterNodes) -> Void
    ) {
        ask(RedisCommand("PUBSUB", isSharded ? "SHARDNUMSUB" : "NUMSUB", all, own)) { reply in
            // Without an answer the request ends at its timeout.
            guard case .success(let value) = reply, let elements = value.elements, elements.count == 4,
                let all = elements[1].integer, let own = elements[3].integer
            else { return }
            // While this one is not subscribed it hears no answer, and all are others.
            let (others, overflow) = all.subtractingReportingOverflow(own)
            found(ClusterNodes(count: overflow ? 0 : Int(clamping: others)))
        }
    }
}
