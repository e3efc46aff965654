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
        send(RedisCommand([Array(command.utf8), Array(channel.utf8), bytes], key: isSharded ? 1 : nil))
    }

    /// Counts who is subscribed to a channel, but for this node, which has one of its own, too.
    func countOthers(
        on all: String, without own: String, isSharded: Bool = false,
        _ found: @escaping @Sendable (ClusterNodes) -> Void
    ) {
        count(all, own, isSharded) { counts in
            // Without an answer the request ends at its timeout; while this node is not subscribed it hears none, and all
            // are others.
            guard let counts else { return }
            let (others, overflow) = counts[0].subtractingReportingOverflow(counts[1])
            found(ClusterNodes(count: overflow ? 0 : Int(clamping: others)))
        }
    }

    /// How many are subscribed to each of two channels; nil if Redis does not say.
    private func count(
        _ first: String, _ second: String, _ isSharded: Bool, _ counted: @escaping @Sendable ([Int64]?) -> Void
    ) {
        guard isSharded else {
            // Each node of a cluster knows its own subscribers only.
            return askAll(RedisCommand("PUBSUB", "NUMSUB", first, second)) { reply in
                guard case .success(let values) = reply else { return counted(nil) }
                let counts = values.compactMap(\.subscriberCounts).filter { $0.count == 2 }
                guard counts.count == values.count else { return counted(nil) }
                counted((0..<2).map { place in counts.reduce(0) { $0 &+ $1[place] } })
            }
        }
        // The two may be on different nodes.
        ask(RedisCommand("PUBSUB", "SHARDNUMSUB", first, key: 2)) { [self] reply in
            guard let first = Self.count(in: reply) else { return counted(nil) }
            ask(RedisCommand("PUBSUB", "SHARDNUMSUB", second, key: 2)) { reply in
                counted(Self.count(in: reply).map { [first, $0] })
            }
        }
    }

    private static func count(in reply: Result<RESPValue, RedisError>) -> Int64? {
        guard case .success(let value) = reply, let counts = value.subscriberCounts, counts.count == 1 else {
            return nil
        }
        return counts[0]
    }
}

extension RESPValue {
    /// Of `NUMSUB` and `SHARDNUMSUB`, which answer with each channel and its count.
    fileprivate var subscriberCounts: [Int64]? {
        guard let elements, elements.count.isMultiple(of: 2) else { return nil }
        let counts = stride(from: 1, to: elements.count, by: 2).compactMap { elements[$0].integer }
        return counts.count == elements.count / 2 ? counts : nil
    }
}
