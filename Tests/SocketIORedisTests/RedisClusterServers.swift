import AdapterConformance
import SocketIOWire

@testable import SocketIORedis

/// A Redis Cluster of three `redis-server` of the test's own, which end with it.
final class RedisClusterServers: @unchecked Sendable {
    let servers: [RedisServer]
    /// A direct connection to each.
    let taps: [RedisTap]
    // `@unchecked`: changed by the one test that has it.
    private var owners: [Int]

    var url: String { servers[0].url }

    /// Returns once each knows the others and all slots are served.
    ///
    /// - Parameter timeout: After which a node that is silent is taken for lost, in milliseconds.
    init(timeout: Int = 15_000, _ options: [String] = []) async throws {
        var ports: [UInt16] = []
        servers = try (0..<3).map { _ in
            // By default it is 10 000 above the other, which there may be no room for.
            let port = try RedisServer.freePort()
            ports.append(port)
            return try RedisServer(
                [
                    "--cluster-enabled", "yes", "--cluster-port", "\(port)", "--cluster-node-timeout", "\(timeout)",
                ] + options)
        }
        taps = try servers.map { try RedisTap($0.url, knowsCluster: true) }
        let width = RedisSlot.count / 3 + 1
        owners = (0..<RedisSlot.count).map { $0 / width }
        for (index, tap) in taps.enumerated() {
            let last = min((index + 1) * width, RedisSlot.count) - 1
            try await tap.call("CLUSTER", "ADDSLOTSRANGE", "\(index * width)", "\(last)")
            guard index > 0 else { continue }
            try await taps[0].call("CLUSTER", "MEET", "127.0.0.1", "\(servers[index].port)", "\(ports[index])")
        }
        try await settle()
    }

    /// Waits until all nodes agree.
    func settle() async throws {
        for tap in taps {
            try await eventually("the cluster is one") {
                let info = (try? await tap.client.call(RedisCommand("CLUSTER", "INFO")).text) ?? ""
                return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            }
        }
    }

    /// The place of the node that serves a key.
    func owner(of key: String) -> Int { owners[Int(RedisSlot(of: Array(key.utf8)).number)] }

    /// Moves the slot of a key to another node, with the keys in it.
    ///
    /// - Parameter underWay: Called when the slot is on its way, with its keys at the new node.
    func move(_ key: String, to new: Int, underWay: () async throws -> Void = {}) async throws {
        let number = RedisSlot(of: Array(key.utf8)).number
        let (slot, old) = ("\(number)", owners[Int(number)])
        let ids = [try await taps[old].call("CLUSTER", "MYID"), try await taps[new].call("CLUSTER", "MYID")]
        try await taps[new].call("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
        try await taps[old].call("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
        let keys = try await taps[old].client.call(RedisCommand("CLUSTER", "GETKEYSINSLOT", slot, "100"))
        for key in keys.elements?.compactMap(\.text) ?? [] {
            try await taps[old].call("MIGRATE", "127.0.0.1", "\(servers[new].port)", key, "0", "5000")
        }
        try await underWay()
        // The new one first: the old one is not to send anybody to who does not know.
        for node in [new, old] + (0..<3).filter({ $0 != new && $0 != old }) {
            try await taps[node].call("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
        }
        owners[Int(number)] = new
    }

    func end() async {
        for tap in taps { await tap.end() }
        for server in servers { server.kill() }
    }
}

extension RedisTap {
    @discardableResult
    func call(_ words: String...) async throws -> String {
        try await client.call(RedisCommand(words.map { Array($0.utf8) })).text ?? ""
    }
}
