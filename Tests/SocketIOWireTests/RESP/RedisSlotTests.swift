import TestSupport
import Testing

@testable import SocketIOWire

@Suite struct RedisSlotTests {
    private let teller = RedisAddress(host: "10.0.0.1", port: 7_000)

    /// What `CLUSTER KEYSLOT` answers.
    @Test(
        arguments: [
            ("123456789", 12_739), ("", 0), ("foo", 12_182), ("bar", 5_061), ("socket.io", 9_972),
            ("{user1000}.following", 3_443), ("{user1000}.followers", 3_443), ("user1000", 3_443),
            ("foo{}{bar}", 8_363),
            ("foo{{bar}}zap", 4_015), ("{bar", 4_015), ("foo{bar}{zap}", 5_061),
        ])
    func `keys belong to the slots of the specification`(key: String, slot: Int) {
        #expect(Int(RedisSlot(of: Array(key.utf8)).number) == slot)
    }

    private func node(_ host: String, _ port: Int64) -> RESPValue {
        .array([.string(Array(host.utf8)), .integer(port), .string([1]), .array([])])
    }

    private func range(_ first: Int64, _ last: Int64, _ nodes: RESPValue...) -> RESPValue {
        .array([.integer(first), .integer(last)] + nodes)
    }

    @Test func `reads who serves what, and who has copies`() throws {
        let reply = RESPValue.array([
            range(0, 99, node("10.0.0.2", 1), node("10.0.0.3", 2)), range(100, 16_383, node("", 3), node("?", 9)),
        ])
        var map = try #require(RedisSlotMap(reply, from: teller))
        let (first, second) = (RedisAddress(host: "10.0.0.2", port: 1), RedisAddress(host: "10.0.0.1", port: 3))
        #expect(map[RedisSlot(99)!] == first)
        #expect(map[RedisSlot(100)!] == second)
        #expect(map.nodes == [first, second, RedisAddress(host: "10.0.0.3", port: 2)])
        map.move(RedisSlot(0)!, to: teller)
        #expect(map[RedisSlot(0)!] == teller)
        #expect(map[RedisSlot(1)!] == first)
        #expect(RedisSlotMap()[RedisSlot(0)!] == nil)
    }

    @Test func `what is no map is none, and nothing in it is too far out`() {
        for reply: RESPValue in [
            .null, .array([.integer(1)]), .array([range(0, 16_384, node("a", 1))]),
            .array([range(-1, 1, node("a", 1))]),
            .array([range(2, 1, node("a", 1))]), .array([range(0, 1)]),
            .array((0..<1_001).map { range($0, $0, node("a", $0 + 1)) }),
        ] {
            #expect(RedisSlotMap(reply, from: teller) == nil)
        }
        #expect(RedisSlotMap(.array([range(0, 1, node("a", 70_000))]), from: teller)?.nodes == [])
        #expect(RedisSlotMap(.array((0..<1_000).map { range($0, $0, node("a", $0 + 1)) }), from: teller) != nil)
    }

    @Test func `redirections are read as they are written`() throws {
        func read(_ text: String) -> RedisRedirection? {
            RedisRedirection(RESPError(text: Array(text.utf8)), from: teller)
        }
        let slot = try #require(RedisSlot(3_999))
        #expect(read("MOVED 3999 127.0.0.1:6381") == .moved(slot, to: RedisAddress(host: "127.0.0.1", port: 6_381)))
        #expect(read("MOVED 3999 fe80::1:6381") == .moved(slot, to: RedisAddress(host: "fe80::1", port: 6_381)))
        #expect(read("MOVED 3999 :6381") == .moved(slot, to: RedisAddress(host: "10.0.0.1", port: 6_381)))
        #expect(read("ASK 3999 h:6381") == .ask(at: RedisAddress(host: "h", port: 6_381)))
        for text in ["MOVED 3999 ?:6381", "TRYAGAIN x", "CLUSTERDOWN Hash slot not served", "LOADING x"] {
            #expect(read(text) == .later)
        }
        for text in ["MOVED", "MOVED 16384 h:1", "MOVED x h:1", "ERR unknown", "NOAUTH"] { #expect(read(text) == nil) }
        #expect(read("MOVED 1 h:0") == .later)
    }
}
