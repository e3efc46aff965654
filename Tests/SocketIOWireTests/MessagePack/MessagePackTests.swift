import Foundation
import SocketIOWire
import TestSupport
import Testing

/// Expected bytes and values are recorded traffic of the official packages.
@Suite struct MessagePackTests {
    private let limits = MessagePackReader.Limits(depth: 32, values: 100_000)

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.map { UInt8(Character(Unicode.Scalar($0)).hexDigitValue ?? 0) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    private func read(_ hex: String) throws(ProtocolViolation) -> JSONValue? {
        try MessagePackReader.value(of: bytes(hex).span, limits: limits)
    }

    private func written(_ value: JSONValue) -> String {
        let writer = ByteWriter()
        writer.append(messagePack: value)
        return hex(writer.array())
    }

    // MARK: Values

    @Test(
        arguments: [
            ("7f", JSONValue.integer(127)), ("cc80", 128), ("ccff", 255), ("cd0100", 256), ("cdffff", 65_535),
            ("ce00010000", 65_536), ("ceffffffff", 4_294_967_295), ("cf0000000100000000", 4_294_967_296),
            ("cf001fffffffffffff", 9_007_199_254_740_991), ("00", 0), ("ff", -1), ("e0", -32), ("d0df", -33),
            ("d080", -128),
            ("d1ff7f", -129), ("d18000", -32_768), ("d2ffff7fff", -32_769), ("d280000000", -2_147_483_648),
            ("d3ffffffff7fffffff", -2_147_483_649), ("d38000000000000000", .integer(.min)), ("cb3ff8000000000000", 1.5),
            ("cb3fb999999999999a", 0.1), ("cb0000000000000001", .number(.leastNonzeroMagnitude)), ("c0", .null),
            ("c3", true), ("c2", false),
            ("a0", ""), ("a9c3a9e282acf09f9880", "é€😀"), ("a100", "\0"), ("90", []), ("80", [:]),
            ("a561f0908080", "a\u{10000}"),
            ("82a131a161a16202", ["1": "a", "b": 2]), ("81a001", ["": 1]), ("c4030102ff", .binary([1, 2, 255])),
            ("c400", .binary([])),
        ] as [(String, JSONValue)])
    func `what the official packages write is read, and written so`(hex: String, value: JSONValue) throws {
        #expect(try read(hex) == value)
        #expect(written(value) == hex)
    }

    @Test(
        arguments: [
            ("d40000", nil), ("92d4000001", .array([.null, 1])), ("82a161d40000a16201", ["b": 1]),
            ("cf8000000000000000", .number(0x1p63)), ("c70300010203", .binary([1, 2, 3])),
            ("d7000000018bcfe56800", "2023-11-14T22:13:20.000Z"), ("d7000000018bcfe5687b", "2023-11-14T22:13:20.123Z"),
            ("d700ffffffffffffffff", "1969-12-31T23:59:59.999Z"), ("d6ff6553f100", "2023-11-14T22:13:20.000Z"),
            ("d7ff1d5353006553f100", "2023-11-14T22:13:20.123Z"),
            ("c70cff3b8b87c0ffffffffffffffff", "1969-12-31T23:59:59.999Z"),
            ("c70cff0000000000000004a817c800", "2603-10-11T11:33:20.000Z"), ("d7007fffffffffffffff", .null),
            ("cb7ff8000000000000", .null), ("ca3fc00000", 1.5), ("8201a16102a162", ["1": "a", "2": "b"]),
            ("c708000102030405060708", .binary([1, 2, 3, 4, 5, 6, 7, 8])),
            ("c7010000", .binary([0])), ("d900", ""), ("da0000", ""), ("db00000000", ""), ("dc0000", []),
            ("dd00000000", []), ("de0000", [:]),
        ] as [(String, JSONValue?)])
    func `other forms are read, too`(hex: String, value: JSONValue?) throws {
        if hex == "cb7ff8000000000000" {
            guard case .number(let number) = try read(hex) else { throw ProtocolViolation(.malformed, "no number") }
            #expect(number.isNaN)
        } else {
            #expect(try read(hex) == value)
        }
    }

    @Test func `numbers that JavaScript's packages get wrong are written as floats`() {
        #expect(written(.number(0x1p64)) == "cb43f0000000000000")
        #expect(written(.number(1e300)) == "cb7e37e43c8800759c")
        #expect(written(.number(-0.0)) == "cb8000000000000000")
        #expect(written(.number(3)) == "03")
        #expect(written(.number(.nan)) == "c0" && written(.number(.infinity)) == "c0")
    }

    @Test func `every length has its shortest form`() throws {
        for (count, head) in [(31, "bf"), (32, "d920"), (255, "d9ff"), (256, "da0100"), (65_536, "db00010000")] {
            let text = String(repeating: "a", count: count)
            let packed = written(.string(text))
            #expect(try packed.hasPrefix(head) && read(packed) == .string(text))
        }
        for (count, head) in [(15, "9f"), (16, "dc0010"), (65_535, "dcffff"), (65_536, "dd00010000")] {
            let packed = written(.array(Array(repeating: true, count: count)))
            #expect(packed.hasPrefix(head))
        }
        for (count, head) in [(255, "c4ff"), (256, "c50100"), (65_536, "c600010000")] {
            let packed = written(.binary([UInt8](repeating: 7, count: count)))
            #expect(try packed.hasPrefix(head) && read(packed) == .binary([UInt8](repeating: 7, count: count)))
        }
    }

    // MARK: What is refused

    @Test(arguments: [
        "", "c1", "0000", "a1", "a2ff", "a1ff", "d9ff61", "c4ff01", "9201", "81a161", "81", "819001", "c7ff00",
        "d7000000",
        "d40001", "d50500", "d6050000", "dc", "ddffffffff", "dfffffffff", "dbffffffff", "c6ffffffff", "c9ffffffff00",
        "81c40101",
    ])
    func `what is no value is malformed`(hex: String) {
        #expect(throws: ProtocolViolation.self) { try read(hex) }
    }

    @Test func `depth and number of values have limits`() throws {
        let deep = { String(repeating: "91", count: $0) + "01" }
        #expect(try read(deep(32)) != nil)
        #expect(throws: ProtocolViolation.self) { try read(deep(33)) }
        #expect(throws: ProtocolViolation.self) { try read(String(repeating: "91", count: 400_000)) }
        let many = { "dd" + ("0000000" + String($0, radix: 16)).suffix(8) + String(repeating: "c0", count: $0) }
        #expect(try read(many(99_999)) != nil)
        #expect(throws: ProtocolViolation.self) { try read(many(100_000)) }
    }

    @Test func `nested lengths claim little memory`() {
        // Each level says that there are 900 000 more; the bytes for one of them are there.
        let bomb = String(repeating: "dd000dbba0", count: 30) + String(repeating: "c0", count: 900_000)
        let limits = MessagePackReader.Limits(depth: 128, values: 1_000_000)
        #expect(throws: ProtocolViolation.self) {
            try MessagePackReader.value(of: bytes(bomb).span, limits: limits)
        }
    }

    @Test func `it is never cut off without being noticed`() throws {
        let value: JSONValue = [
            "text": "é€😀", "list": [1, -1, 1.5, 300, 70_000, nil, true], "bytes": .binary([1, 2, 3]),
            "long": .string(String(repeating: "x", count: 300)), "nested": ["a": ["b": []]],
        ]
        let packed = bytes(written(value))
        #expect(try MessagePackReader.value(of: packed.span, limits: limits) == value)
        for count in 0..<packed.count {
            #expect(throws: ProtocolViolation.self) {
                try MessagePackReader.value(of: packed.span.extracting(0..<count), limits: limits)
            }
        }
    }

    /// A million: `MESSAGEPACK_FUZZ_PACKETS=1000000`, and others with `MESSAGEPACK_FUZZ_SEED=2`.
    @Test func `mutated packets never trap, and what is read can be written and read again`() {
        func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
        var generator = SeededGenerator(seed: UInt64(setting("MESSAGEPACK_FUZZ_SEED") ?? 16))
        let packets = [
            "84a47479706502a46461746195a165cb3fb999999999999acbc004000000000000cb0000000000000001c0a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f",
            "83a47479706502a46461746195a165d7000000018bcfe5687bd70000000000000000d4000081a161c403010203a36e7370a12f",
            "85a47479706502a46461746193a46563686fc401aad40000a76f7074696f6e7381a8636f6d7072657373c3a2696402a36e7370a52f63686174",
        ].map(bytes)
        for _ in 0..<(setting("MESSAGEPACK_FUZZ_PACKETS") ?? 200_000) {
            var packet = packets[Int.random(in: 0..<packets.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                switch Int.random(in: 0..<3, using: &generator) {
                case 0:
                    packet[Int.random(in: 0..<packet.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                case 1: packet.remove(at: Int.random(in: 0..<packet.count, using: &generator))
                default:
                    packet.insert(
                        UInt8.random(in: 0...255, using: &generator),
                        at: Int.random(in: 0...packet.count, using: &generator))
                }
            }
            guard let read = try? EncodedPacket(messagePack: packet.span, limits: PacketLimits()) else { continue }
            guard let again = try? read.messagePack(limits: PacketLimits()) else {
                Issue.record("\(String(decoding: read.text, as: UTF8.self)) cannot be written")
                continue
            }
            #expect((try? EncodedPacket(messagePack: again.span, limits: PacketLimits())) == read)
        }
    }

    // MARK: Packets

    @Test(
        arguments: [
            ("83a47479706500a464617461d40000a36e7370a12f", "0", []),
            ("83a47479706500a36e7370a12fa46461746181a5746f6b656ea161", #"0{"token":"a"}"#, []),
            ("84a47479706502a46461746192a16501a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f", #"2["e",1]"#, []),
            ("83a47479706502a46461746192a16501a36e7370a52f63686174", #"2/chat,["e",1]"#, []),
            (
                "85a47479706502a46461746193a46563686fc401aad40000a76f7074696f6e7381a8636f6d7072657373c3a2696402a36e7370a12f",
                #"51-2["echo",{"_placeholder":true,"num":0},null]"#, [[0xAA]]
            ),
            (
                "84a2696402a47479706503a46461746192c401aad40000a36e7370a12f",
                #"61-2[{"_placeholder":true,"num":0},null]"#, [[0xAA]]
            ),
            ("82a47479706501a36e7370a52f63686174", "1/chat,", []),
            ("83a47479706501a36e7370a12fa464617461c0", "1", []),
            ("83a474797065cb4000000000000000a36e7370a12fa46461746192a46563686f01", #"2["echo",1]"#, []),
        ] as [(String, String, [[UInt8]])])
    func `packets of the official client are read`(hex: String, text: String, attachments: [[UInt8]]) throws {
        let packet = try EncodedPacket(messagePack: bytes(hex).span, limits: PacketLimits())
        #expect(String(decoding: packet.text, as: UTF8.self) == text)
        #expect(packet.attachments == attachments)
    }

    @Test(arguments: [
        "83a47479706505a36e7370a12fa46461746191a165", "83a474797065a132a36e7370a12fa46461746191a165", "81a47479706500",
        "83a47479706500a36e7370a12fa464617461c0", "84a47479706502a36e7370a12fa46461746191a165a26964c0",
        "84a47479706502a36e7370a12fa46461746191a165a26964cb3ff8000000000000", "83a47479706502a36e7370a12fa46461746180",
        "83a47479706502a36e7370a12fa46461746192a46563686f0100", "9302a12f91a165", "c1", "",
        "83a47479706502a36e7370a161a46461746191a165",
        "83a47479706502a36e7370a32f2c61a46461746191a165",
        "83a47479706502a36e7370a12fa46461746193a16582ac5f706c616365686f6c646572c3a36e756d63c40101",
    ])
    func `what the official server refuses is refused`(hex: String) {
        #expect(throws: ProtocolViolation.self) {
            try EncodedPacket(messagePack: bytes(hex).span, limits: PacketLimits())
        }
    }

    @Test(
        arguments: [
            (#"2["e",1]"#, [], "83a47479706502a46461746192a16501a36e7370a12f"),
            (#"2/chat,["e",1]"#, [], "83a47479706502a46461746192a16501a36e7370a52f63686174"),
            ("1/chat,", [], "82a47479706501a36e7370a52f63686174"),
            (
                #"51-["e",{"_placeholder":true,"num":0}]"#, [[1, 2]],
                "83a47479706502a46461746192a165c4020102a36e7370a12f"
            ),
            (#"33[1]"#, [], "84a47479706503a46461746191" + "01a36e7370a12fa2696403"),
            (#"4{"message":"no"}"#, [], "83a47479706504a46461746181a76d657373616765a26e6fa36e7370a12f"),
        ] as [(String, [[UInt8]], String)])
    func `packets are written as the official server's`(text: String, attachments: [[UInt8]], hex: String) throws {
        let packet = EncodedPacket(text: Array(text.utf8), attachments: attachments)
        #expect(self.hex(try packet.messagePack(limits: PacketLimits())) == hex)
    }
}

@Suite struct ISODateTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
        (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"), (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
        (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
    ])
    func `it is what JavaScript writes`(milliseconds: Int64, text: String) {
        #expect(ISODate(millisecondsSince1970: milliseconds)?.description == text)
    }

    @Test func `there is none where JavaScript has none`() {
        for milliseconds in [8_640_000_000_000_001, -8_640_000_000_000_001, Int64.max, .min] {
            #expect(ISODate(millisecondsSince1970: milliseconds) == nil)
        }
    }
}
