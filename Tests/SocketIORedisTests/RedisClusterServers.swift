import AdapterConformance
import SocketIORedis
import SocketIOWire
import TestSupport
import Testing

/// A Redis Cluster of `redis-server` of the test's own, which end with it: three that serve slots, and maybe a copy of each.
final class RedisClusterServers: @unchecked Sendable {
    /// How it is connected to.
    enum Access {
        case plain
        /// Over TLS, with the certificate `good` of the tests, and a password.
        case secure(TestCertificates)
    }

    /// Those that serve slots, and behind them those that are copies.
    let servers: [RedisServer]
    /// A direct connection to each.
    let taps: [RedisTap]
    /// Of the first.
    let url: RedisURL
    // `@unchecked`: changed by the one test that has it.
    private var owners: [Int]

    /// So many serve slots.
    static let count = 3
    private static let password = "sécret"

    /// Returns once each knows the others and all slots are served.
    ///
    /// - Parameters:
    ///   - timeout: After which a node that is silent is taken for lost, in milliseconds.
    ///   - hasCopies: Whether each node that serves slots has a copy.
    init(timeout: Int = 15_000, hasCopies: Bool = false, _ access: Access = .plain) async throws {
        var options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "\(timeout)"]
        // A copy that has not heard of its node for long takes its place all the same, and gets what that has at once.
        options += ["--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"]
        var listening = RedisServer.Listening.plain
        switch access {
        case .plain: break
        case .secure(let certificates):
            options += ["--tls-cluster", "yes", "--tls-replication", "yes"]
            options += ["--requirepass", Self.password, "--masterauth", Self.password]
            listening = .secure(certificates, asksClients: false)
        }
        var busPorts: [UInt16] = []
        servers = try (0..<(hasCopies ? 2 : 1) * Self.count).map { _ in
            // By default it is 10 000 above the other, which there may be no room for.
            let port = try RedisServer.freePort()
            busPorts.append(port)
            return try RedisServer(options + ["--cluster-port", "\(port)"], on: listening)
        }
        let urls = try servers.map { try Self.url(of: $0, access) }
        url = urls[0]
        taps = try urls.map { try RedisTap($0, knowsCluster: true) }
        let width = RedisSlot.count / Self.count + 1
        owners = (0..<RedisSlot.count).map { $0 / width }
        for (index, tap) in taps.enumerated() {
            if index < Self.count {
                let last = min((index + 1) * width, RedisSlot.count) - 1
                try await tap.call("CLUSTER", "ADDSLOTSRANGE", "\(index * width)", "\(last)")
            }
            guard index > 0 else { continue }
            try await taps[0].call("CLUSTER", "MEET", "127.0.0.1", "\(servers[index].port)", "\(busPorts[index])")
        }
        for (index, tap) in taps.enumerated().dropFirst(Self.count) {
            let id = try await taps[index - Self.count].call("CLUSTER", "MYID")
            try await eventually("a copy knows whose it is") {
                (try? await tap.call("CLUSTER", "REPLICATE", id)) != nil
            }
        }
        try await settle()
    }

    private static func url(of server: RedisServer, _ access: Access) throws -> RedisURL {
        switch access {
        case .plain: return try RedisURL(server.url)
        case .secure(let certificates):
            var url = try RedisURL("rediss://:s%C3%A9cret@127.0.0.1:\(server.port)")
            url.tls.extraRoots = certificates.authority
            return url
        }
    }

    /// Waits until all nodes agree.
    func settle() async throws {
        for (index, tap) in taps.enumerated() {
            try await eventually("the cluster is one") {
                let info = (try? await tap.call("CLUSTER", "INFO")) ?? ""
                guard info.contains("cluster_state:ok"), info.contains("cluster_known_nodes:\(servers.count)") else {
                    return false
                }
                guard index >= Self.count else { return true }
                return ((try? await tap.call("INFO", "replication")) ?? "").contains("master_link_status:up")
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
        for node in [new, old] + (0..<Self.count).filter({ $0 != new && $0 != old }) {
            try await taps[node].call("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
        }
        owners[Int(number)] = new
    }

    /// How many channels of shards all clients are subscribed to.
    var shardSubscriptionCount: Int {
        get async {
            var count = 0
            for tap in taps { count += await tap.shardSubscriptionCount }
            return count
        }
    }

    func end() async {
        for tap in taps { await tap.end() }
        for server in servers { server.kill() }
    }
}

/// One cluster for all tests of a suite: it takes seconds until nodes serve slots.
struct SharedCluster: SuiteTrait, TestScoping {
    @TaskLocal private static var cluster: RedisClusterServers?

    static var current: RedisClusterServers {
        get throws { try #require(cluster) }
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let cluster = try await RedisClusterServers()
        let result: Result<Void, any Error>
        do {
            try await Self.$cluster.withValue(cluster) { try await function() }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await cluster.end()
        try result.get()
    }
}

extension RedisTap {
    @discardableResult
    func call(_ words: String...) async throws -> String {
        try await client.call(RedisCommand(words.map { Array($0.utf8) })).text ?? ""
    }
}
