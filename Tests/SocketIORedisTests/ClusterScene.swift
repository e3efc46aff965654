import AdapterConformance
import SocketIO
import SocketIOWire

@testable import SocketIORedis

/// The adapters that there are over a cluster.
enum ClusterForm: CaseIterable {
    case channels
    case rooms
    case stream

    /// - Parameter name: Nobody else's.
    func adapter(_ url: RedisURL, _ name: String) throws -> any Adapter {
        switch self {
        case .channels:
            var options = RedisAdapter.Options()
            options.key = name
            return try RedisAdapter(url, options: options)
        case .rooms:
            var options = ShardedRedisAdapter.Options()
            // Rooms of different nodes of the cluster are not in order with each other: braces put all on one.
            options.channelPrefix = name.contains("{") ? name : "{\(name)}"
            return try ShardedRedisAdapter(url, options: options)
        case .stream:
            var options = RedisStreamsAdapter.Options()
            options.streamName = name
            options.channelPrefix = name
            options.usesShardedPubSub = true
            return try RedisStreamsAdapter(url, options: options)
        }
    }
}

/// Two nodes over a cluster, with one client each, and what was logged.
struct ClusterScene {
    /// Of the stream, and in front of all channels.
    let name: String
    let nodes: Nodes
    let a: TestClient
    let b: TestClient
    let log: LogRecorder

    /// Runs `body` with what works.
    static func play(
        _ form: ClusterForm, on cluster: RedisClusterServers, name: String = "name \(UInt64.random(in: 0 ... .max))",
        _ makeAdapter: (@Sendable (RedisURL) throws -> any Adapter)? = nil,
        _ body: (ClusterScene) async throws -> Void
    ) async throws {
        let log = LogRecorder()
        let joining = Joining(makeAdapter: { try makeAdapter?(cluster.url) ?? form.adapter(cluster.url, name) })
        try await Nodes.run(2, joined: joining, { $0.logger = log }) { nodes in
            let a = try await nodes.client("a", of: 0, in: "red")
            let b = try await nodes.client("b", of: 1, in: "red")
            let scene = ClusterScene(name: name, nodes: nodes, a: a, b: b, log: log)
            try await scene.works("before")
            try await body(scene)
        }
    }

    /// Runs `body` with one of each form, all of whose channels and streams have the slot of `{tag}`.
    static func playAll(
        on cluster: RedisClusterServers, tag: String, _ body: ([ClusterScene]) async throws -> Void
    ) async throws {
        try await play(.channels, on: cluster, name: "{\(tag)}channels") { channels in
            try await play(.rooms, on: cluster, name: "{\(tag)}rooms") { rooms in
                try await play(.stream, on: cluster, name: "{\(tag)}stream") { stream in
                    try await body([channels, rooms, stream])
                }
            }
        }
    }

    /// Until something that is sent from one node has come to the other, and both are found.
    func works(_ what: String) async throws {
        try await eventually("what is sent arrives: \(what); \(log.all)", patience: .seconds(40)) {
            nodes[0].to("red").emit(what)
            return b.hasHeard(what)
        }
        try await eventually("all are found: \(what); \(log.all)") {
            let found = await nodes[0].sockets(timeout: .milliseconds(500))
            return found.isComplete && found.count == 2
        }
    }

    func logged(_ text: String) async throws {
        try await eventually("the log says '\(text)': \(log.all)") { log.contains(text) }
    }

    /// Those of the events `n` that the second client has heard.
    func numbers(before last: String) async throws -> [Int] {
        try await b.heard(before: last).compactMap { $0.hasPrefix("n ") ? Int($0.dropFirst(2)) : nil }
    }
}
