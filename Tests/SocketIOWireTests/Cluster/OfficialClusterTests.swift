import SocketIOWire
import TestSupport
import Testing

/// Recorded traffic of the official adapters and emitters, read and written again byte for byte.
@Suite(.enabled(if: OfficialVectors.areThere, "the recorded traffic is not in ../shared/vectors/official"))
struct OfficialClusterTests {
    private let limits = ClusterLimits()

    /// Values that are read as others, or that we write in another form which Node reads: each name with its reason.
    private static let differences: [String: String] = [
        "broadcast-date": "dates", "values": "dates", "binary-values": "dates", "abrupt-close/redis": "dates",
        "fetch-data-with-binary/3": "dates", "fetch-room/3": "dates", "fetch-all/3": "dates",
        "fetch-timeout-flag/3": "dates", "server-side-emit-date": "dates", "server-side-emit-ack-date/3": "dates",
        "broadcast-lone-surrogate": "half of a character is U+FFFD",
        "broadcast-binary-with-every-type": "dates, and numbers that are not finite",
        "broadcast-special-numbers": "numbers that are not finite", "broadcast-floats": "negative zero",
        "broadcast-big-ints": "notepack makes 2^64 and more 0",
        "broadcast-number-room": "rooms are texts", "sockets-join-number": "rooms are texts",
        "to-number": "rooms are texts", "all-rooms/3": "rooms are texts",
    ]

    /// Reads and writes every message of a recording; returns how many came out byte for byte.
    private func roundTrip(_ file: String, _ again: (OfficialMessage) throws -> [UInt8]) throws -> Int {
        var same = 0
        for message in try OfficialVectors.messages(file) {
            if try again(message) == message.bytes {
                same += 1
            } else {
                let isKnown = Self.differences.keys.contains { message.description.hasSuffix("/\($0)") }
                #expect(isKnown, "\(message)")
            }
        }
        return same
    }

    @Test(
        arguments: [
            ("redis-pubsub", 124), ("redis-pubsub-specific-response-channel", 32), ("emitter-redis", 30),
        ])
    func `messages of the pub/sub adapter are written as they were read`(file: String, count: Int) throws {
        let read = try roundTrip(file) { message in
            if message.channel.contains("-request#") {
                return try RedisRequest(message.bytes.span, limits: limits).bytes
            }
            if message.channel.contains("-response#") {
                return try RedisResponse(message.bytes.span, limits: limits).bytes
            }
            return try RedisBroadcast(message.bytes.span, limits: limits).messagePack
        }
        #expect(read == count)
    }

    @Test(
        arguments: [
            ("redis-sharded-dynamic", 120), ("redis-sharded-static", 46), ("redis-sharded-dynamic-private", 46),
            ("cluster-heartbeat", 21),
        ])
    func `messages of the sharded adapter are written as they were read`(file: String, count: Int) throws {
        let read = try roundTrip(file) { try ClusterAdapterMessage($0.bytes.span, limits: limits).sharded }
        #expect(read == count)
    }

    @Test(
        arguments: [
            ("redis-streams", 114), ("redis-streams-sharded-pubsub", 30), ("redis-streams-plaintext", 17),
            ("emitter-streams", 30), ("recovery-streams", 27),
        ])
    func `messages of the streams adapter are written as they were read`(file: String, count: Int) throws {
        let read = try roundTrip(file) { message in
            if message.isSession { return try ClusterSession(base64: message.bytes.span, limits: limits).base64 }
            guard !message.fields.isEmpty else {
                return try ClusterAdapterMessage(message.bytes.span, limits: limits).messagePack
            }
            let given = ["uid", "nsp", "type"].flatMap { [Array($0.utf8), Array((message.fields[$0] ?? "").utf8)] }
            let entry = try ClusterAdapterMessage(
                streamFields: given + [Array("data".utf8), message.bytes], limits: limits)
            let fields = entry.streamFields(isPlaintext: file == "redis-streams-plaintext")
            #expect(Array(fields.dropLast()) == given + [Array("data".utf8)])
            return fields.last ?? []
        }
        #expect(read == count)
    }
}
