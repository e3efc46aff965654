import AdapterConformance
import Foundation
import SocketIO
import SocketIOWire
import Synchronization
import TestSupport
import Testing

@testable import SocketIORedis

/// Whatever comes over Redis, a node goes on, and its clients with it.
@Suite(
    .timeLimit(.minutes(10)),
    .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct HostileMessageTests {
    enum Kind: Sendable, CaseIterable {
        case channels
        case sharded
        case stream
    }

    private static let selection = ClusterSelection(rooms: ["r1"], except: ["x"])
    private static let values: [JSONValue] = ["e", 1.5, .binary([1, 2, 3]), ["k": [nil, true, "\u{1F600}"]]]

    private static let cluster: [ClusterAdapterMessage] = [
        .broadcast(ClusterPacket(values: values), selection, request: nil),
        .broadcast(ClusterPacket(values: values), selection, request: "q"), .join(selection, rooms: ["a"]),
        .leave(selection, rooms: ["a"]), .fetchSockets(selection, request: "q"),
        .serverSideEmit(values, request: "q"), .clientCount(7, request: "q"),
        .acknowledgement(.binary([0]), request: "q"), .serverSideAnswer(nil, request: "q"), .heartbeat,
    ].map { ClusterAdapterMessage(uid: "0123456789abcdef", namespace: "/", content: $0) }

    private static let requests: [[UInt8]] = [
        .socketIDs(rooms: ["r"]), .allRooms, .join(selection, rooms: ["a"]), .joinOne(socket: "s", room: "r"),
        .fetchSockets(selection), .serverSideEmit(values),
        .broadcast(ClusterPacket(values: values, namespace: "/"), selection),
    ].map { RedisRequest(uid: "u", id: "q", operation: $0).bytes }

    private static let broadcast = RedisBroadcast(
        uid: "u", packet: ClusterPacket(values: values, namespace: "/"), selection: selection
    ).messagePack
    private static let response = RedisResponse(id: "q", content: .acknowledgement(["a": nil])).bytes

    /// Publishes something of the kind, mutated.
    private static func publish(_ kind: Kind, over tap: RedisTap, _ random: inout SeededGenerator) {
        switch kind {
        case .channels:
            tap.publish(broadcast.mutated(&random), on: "socket.io#/#")
            tap.publish(requests.randomElement(using: &random)!.mutated(&random), on: "socket.io-request#/#")
            tap.publish(response.mutated(&random), on: "socket.io-response#/#")
        case .sharded:
            let bytes = cluster.randomElement(using: &random)!.sharded.mutated(&random)
            tap.client.publish(bytes, on: "socket.io#/#", isSharded: true)
        case .stream:
            let message = cluster.randomElement(using: &random)!
            tap.publish(message.messagePack.mutated(&random), on: "socket.io#/#")
            var fields = message.streamFields(isPlaintext: Bool.random(using: &random))
            // The namespace stays, or nobody would look.
            let place = [1, 5, fields.count - 1].randomElement(using: &random)!
            fields[place] = fields[place].mutated(&random)
            add(fields, over: tap)
        }
    }

    private static func add(_ fields: [[UInt8]], over tap: RedisTap) {
        tap.client.send(RedisCommand(["XADD", "socket.io", "*"].map { Array($0.utf8) } + fields))
    }

    /// Publishes an event for servers, as it should be.
    private static func publishSync(_ kind: Kind, over tap: RedisTap) {
        let message = ClusterAdapterMessage(
            uid: "0123456789abcdef", namespace: "/", content: .serverSideEmit(["sync"], request: nil))
        switch kind {
        case .channels:
            tap.publish(RedisRequest(uid: "u", operation: .serverSideEmit(["sync"])).bytes, on: "socket.io-request#/#")
        case .sharded: tap.client.publish(message.sharded, on: "socket.io#/#", isSharded: true)
        case .stream: add(message.streamFields(), over: tap)
        }
    }

    @Test(arguments: Kind.allCases)
    func `mutated messages harm no node`(_ kind: Kind) async throws {
        // A million where it is asked for: what is usual fits the suite's time.
        let count = ProcessInfo.processInfo.environment["FUZZ_CLUSTER_MESSAGES"].flatMap { Int($0) } ?? 20_000
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        let joining = Joining(makeAdapter: {
            switch kind {
            case .channels: try RedisAdapter(url)
            case .sharded: try ShardedRedisAdapter(url)
            case .stream: try RedisStreamsAdapter(url)
            }
        })
        try await Nodes.run(1, joined: joining) { nodes in
            _ = try await nodes.client("a", of: 0, in: "r1")
            let syncs = Mutex(0)
            nodes[0].onServerSideEmit("sync") { syncs.withLock { $0 += 1 } }
            let tap = try RedisTap(redis.url)
            try await eventually("the node listens") {
                Self.publishSync(kind, over: tap)
                return syncs.withLock { $0 } > 0
            }
            var random = SeededGenerator(seed: 19)
            for number in 1...count {
                Self.publish(kind, over: tap, &random)
                // What waits anywhere is limited.
                guard number % 500 == 0 || number == count else { continue }
                let known = syncs.withLock { $0 }
                Self.publishSync(kind, over: tap)
                try await eventually("the node is done with \(number)") { syncs.withLock { $0 } > known }
            }
            // Some of it may have been a proper order to disconnect all: whoever comes now is well.
            let client = try await nodes.client("b", of: 0, in: "r1")
            nodes[0].local.to("r1").emit("end")
            _ = try await client.heard(before: "end")
            await tap.end()
        }
        withExtendedLifetime(redis) {}
    }
}

extension [UInt8] {
    /// The same with some bytes changed, missing, or doubled; sometimes as it is.
    fileprivate func mutated(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = self
        for _ in 0..<Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: bytes[place..<Swift.min(place + 8, bytes.count)], at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
