import AdapterConformance
import SocketIO
import SocketIOWire
import TestSupport
import Testing

@testable import SocketIORedis

/// What nodes of Node asked when they were recorded is asked again over a real Redis, and answered as they answered.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server"),
    .enabled(if: OfficialVectors.areThere, "the recorded traffic is not in ../shared/vectors/official"))
struct RecordedRequestTests {
    private struct Answer: Encodable, Sendable {
        let node: String
        let v: Int
    }

    /// Runs `body` with one node that has the clients and handlers of the recording's node B, as far as they are asked for.
    private func withNode(
        _ options: RedisAdapter.Options = RedisAdapter.Options(),
        _ body: (_ tap: RedisTap, _ b1: TestClient, _ io: SocketIOServer) async throws -> Void
    ) async throws {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        let joining = Joining(makeAdapter: { [options] in try RedisAdapter(url, options: options) })
        try await Nodes.run(1, joined: joining) { nodes in
            let io = nodes[0]
            io.onServerSideEmit("ss-ack") { (value: Int) in Answer(node: "B", v: value) }
            io.onServerSideEmit("ss-null") { JSONValue.null }
            io.onServerSideEmit("ss-bin") { (_: [UInt8]) in [UInt8]([202, 254]) }
            let b1 = try await nodes.client("b1", of: 0, in: "r1") { $0.answer("q") { _ in "b1" } }
            _ = try await nodes.client("b2", of: 0, in: "r2") { $0.answer("q") { _ in "b2" } }
            let tap = try await RedisTap(redis.url, hearing: "*-response#*")
            try await eventually("the node hears requests") {
                let counts = try? await tap.client.call(RedisCommand("PUBSUB", "NUMSUB", "socket.io-request#/#"))
                return counts?["socket.io-request#/#"]?.integer == 1
            }
            try await body(tap, b1, io)
            await tap.end()
        }
        withExtendedLifetime(redis) {}
    }

    @Test(arguments: [
        ("ack-room", ["/3", "/4"]), ("ack-nobody", ["/3"]), ("ack-except", ["/3", "/4"]), ("fetch-except/2", ["/3"]),
        ("server-side-emit-ack/2", ["/3"]), ("server-side-emit-ack-null/2", ["/3"]),
        ("server-side-emit-ack-binary/2", ["/3"]),
    ])
    func `requests of Node's nodes are answered byte for byte`(request: String, answers: [String]) async throws {
        let recorded = try OfficialVectors.named("redis-pubsub")
        let step = "redis/" + request.split(separator: "/")[0]
        try await withNode { tap, _, _ in
            let asked = try #require(recorded["redis/\(request)"])
            tap.publish(asked.bytes, on: asked.channel)
            for answer in answers {
                let expected = try #require(recorded[step + answer])
                #expect(try await tap.next() == RedisTap.Message(expected.channel, expected.bytes))
            }
        }
    }

    @Test func `sockets, rooms and members are told, and what old nodes ask is done`() async throws {
        let recorded = try OfficialVectors.named("redis-pubsub")
        try await withNode { tap, b1, io in
            func ask(_ text: String) async throws -> JSONValue {
                tap.publish(text, on: "socket.io-request#/#")
                let answer = try await tap.next()
                #expect(answer.channel == "socket.io-response#/#")
                return try JSONCoding.decode(JSONValue.self, from: answer.payload.span, attachments: [])
            }
            let fetch = try #require(recorded["redis/fetch-room/2"])
            let found = try await ask(String(decoding: fetch.bytes, as: UTF8.self))
            #expect(found["sockets"].arrayValue?.count == 1)
            #expect(found["sockets"][0]["id"].stringValue == b1.id.description)
            let allRooms = try #require(recorded["redis/all-rooms/2"])
            let rooms = try await ask(String(decoding: allRooms.bytes, as: UTF8.self))
            let names = Set(rooms["rooms"].arrayValue?.compactMap(\.stringValue) ?? [])
            #expect(names.isSuperset(of: ["r1", "r2"]))
            let members = try await ask(#"{"uid":"abcdef","requestId":"1","type":0,"rooms":["r1"]}"#)
            #expect(members == ["requestId": "1", "sockets": [.string(b1.id.description)]])
            let joined = try await ask(#"{"requestId":"2","type":2,"sid":"\#(b1.id)","room":"new"}"#)
            #expect(joined == ["requestId": "2"])
            #expect(await io.to("new").sockets().map(\.id) == [b1.id])
            let left = try await ask(#"{"requestId":"3","type":3,"sid":"\#(b1.id)","room":"new"}"#)
            #expect(left == ["requestId": "3"])
            #expect(await io.to("new").sockets().isEmpty)
            // The node that had the socket answers, and no other.
            tap.publish(#"{"requestId":"4","type":4,"sid":"elsewhere","close":false}"#, on: "socket.io-request#/#")
            let ended = try await ask(#"{"requestId":"5","type":4,"sid":"\#(b1.id)","close":false}"#)
            #expect(ended == ["requestId": "5"])
            try await eventually("it has left") { b1.hasLeft }
        }
    }

    @Test func `answers go to the channel of the node that asked, where that is set`() async throws {
        let recorded = try OfficialVectors.named("redis-pubsub-specific-response-channel")
        var options = RedisAdapter.Options()
        options.respondsOnOwnChannel = true
        try await withNode(options) { tap, _, _ in
            // Node's answers to events for servers go to all in any case.
            for (request, answers) in [
                ("ack-room", ["ack-room/3", "ack-room/4"]), ("server-side-emit-ack/2", ["server-side-emit-ack/3"]),
            ] {
                let asked = try #require(recorded["redis/specific/\(request)"])
                tap.publish(asked.bytes, on: asked.channel)
                for answer in answers {
                    let expected = try #require(recorded["redis/specific/\(answer)"])
                    #expect(try await tap.next() == RedisTap.Message(expected.channel, expected.bytes))
                }
            }
        }
    }

    @Test func `what is not for this cluster or not understood is not answered`() async throws {
        let recorded = try OfficialVectors.named("redis-pubsub")
        try await withNode { tap, _, _ in
            let asked = try #require(recorded["redis/fetch-except/2"])
            // Another key, another namespace, and no message at all.
            tap.publish(asked.bytes, on: "other-request#/#")
            tap.publish(asked.bytes, on: "socket.io-request#/unknown#")
            for text in ["", "{", "null", #"{"type":5}"#, #"{"requestId":"1","type":99}"#, "\u{1}\u{2}"] {
                tap.publish(text, on: "socket.io-request#/#")
                tap.publish(text, on: "socket.io-response#/#")
                tap.publish(text, on: "socket.io#/#")
            }
            // The tap hears its own.
            for _ in 0..<6 { #expect(try await tap.next().channel == "socket.io-response#/#") }
            tap.publish(asked.bytes, on: asked.channel)
            let expected = try #require(recorded["redis/fetch-except/3"])
            #expect(try await tap.next() == RedisTap.Message(expected.channel, expected.bytes))
        }
    }
}
