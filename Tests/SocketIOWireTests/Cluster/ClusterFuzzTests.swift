import Foundation
import SocketIOWire
import TestSupport
import Testing

/// Whatever is published on a channel, it is read or refused; nothing traps, and what is read can be written.
@Suite struct ClusterFuzzTests {
    private static let selection = ClusterSelection(rooms: ["r1", "é"], except: ["x"])
    private static let values: [JSONValue] = ["e", 1.5, .binary([1, 2, 3]), ["k": [nil, true, "\u{1F600}"]]]
    private static let sockets = [SocketDescription(id: "s", handshake: ["auth": [:]], rooms: ["r"], data: ["n": 1])]

    private static let messages: [[UInt8]] = {
        let contents: [ClusterAdapterMessage.Content] = [
            .heartbeat, .broadcast(ClusterPacket(values: values), selection, request: "q"),
            .join(selection, rooms: ["a"]), .disconnect(selection, closing: true),
            .fetchSockets(selection, request: "q"), .sockets(sockets, request: "q"),
            .serverSideEmit(values, request: nil), .serverSideAnswer(nil, request: "q"), .clientCount(7, request: "q"),
            .acknowledgement(.binary([0]), request: "q"),
        ]
        let packet = ClusterPacket(values: values, namespace: "/")
        let requests: [RedisRequest.Operation] = [
            .socketIDs(rooms: ["r"]), .allRooms, .leave(selection, rooms: ["a"]), .joinOne(socket: "s", room: "r"),
            .fetchSockets(selection), .serverSideEmit(values), .broadcast(packet, selection),
        ]
        let responses: [RedisResponse.Content] = [
            .socketIDs(["a"]), .sockets(sockets), .rooms(["r"]), .serverSideAnswer(1), .acknowledgement(["a": nil]),
        ]
        let cluster = contents.map { ClusterAdapterMessage(uid: "u", namespace: "/", content: $0) }
        return cluster.flatMap { [$0.json, $0.messagePack] }
            + requests.map { RedisRequest(uid: "u", id: "q", operation: $0).bytes }
            + responses.map { RedisResponse(id: "q", content: $0).bytes }
            + [RedisBroadcast(uid: "u", packet: packet, selection: selection).messagePack]
    }()

    @Test func `mutated messages are read or refused`() {
        // A million where it is asked for: what is usual fits the suite's time.
        let count = ProcessInfo.processInfo.environment["FUZZ_CLUSTER_MESSAGES"].flatMap { Int($0) } ?? 20_000
        var random = SeededGenerator(seed: 21)
        let limits = ClusterLimits()
        var read = 0
        for index in 0..<count {
            let input = random.mutate(Self.messages[index % Self.messages.count])
            if let message = try? ClusterAdapterMessage(input.span, limits: limits) {
                read += 1
                #expect((try? ClusterAdapterMessage(message.json.span, limits: limits)) != nil)
                #expect((try? ClusterAdapterMessage(message.messagePack.span, limits: limits)) != nil)
            }
            if let message = try? RedisRequest(input.span, limits: limits) {
                read += 1
                #expect((try? RedisRequest(message.bytes.span, limits: limits)) != nil)
            }
            if let message = try? RedisResponse(input.span, limits: limits) {
                read += 1
                #expect((try? RedisResponse(message.bytes.span, limits: limits)) != nil)
            }
            if let message = try? RedisBroadcast(input.span, limits: limits) {
                read += 1
                #expect((try? RedisBroadcast(message.messagePack.span, limits: limits)) != nil)
            }
            let fields = ["uid", "u", "nsp", "/", "type", "3", "data"].map { Array($0.utf8) } + [input]
            _ = try? ClusterAdapterMessage(streamFields: fields, limits: limits)
            _ = try? ClusterSession(base64: input.span, limits: limits)
        }
        #expect(read > count / 50)
    }

    @Test func `lengths that nothing stands behind claim no memory`() {
        let prefix = Array("\u{83}".unicodeScalars.map { UInt8($0.value) }) + [0xA4, 0x74, 0x79, 0x70, 0x65]
        for huge: [UInt8] in [
            [0xDD, 0xFF, 0xFF, 0xFF, 0xFF], [0xDF, 0xFF, 0xFF, 0xFF, 0xFF], [0xC6, 0xFF, 0xFF, 0xFF, 0xFF],
            [0xDB, 0xFF, 0xFF, 0xFF, 0xFF], [0xC9, 0xFF, 0xFF, 0xFF, 0xFF, 0],
            Array(repeating: 0x91, count: 100_000), Array(repeating: [0xDC, 0xFF, 0xFF], count: 1_000).flatMap(\.self),
        ] {
            #expect(throws: ProtocolViolation.self) {
                try ClusterAdapterMessage((prefix + huge).span, limits: ClusterLimits())
            }
            #expect(throws: ProtocolViolation.self) { try RedisBroadcast(huge.span, limits: ClusterLimits()) }
        }
    }
}
