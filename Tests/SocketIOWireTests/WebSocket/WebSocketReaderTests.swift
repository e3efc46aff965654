import SocketIOWire
import TestSupport
import Testing

@Suite struct WebSocketReaderTests {
    // MARK: RFC 6455 5.7

    @Test func `reads an unmasked text from a server`() {
        var reader = WebSocketReader(role: .client)
        #expect(reader.read([[0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]]) == [.text("Hello")])
    }

    @Test func `reads a masked text from a client`() {
        var reader = WebSocketReader(role: .server)
        let frame: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(reader.read([frame]) == [.text("Hello")])
    }

    @Test func `joins a fragmented text`() {
        var reader = WebSocketReader(role: .client)
        #expect(reader.read([[0x01, 0x03, 0x48, 0x65, 0x6C], [0x80, 0x02, 0x6C, 0x6F]]) == [.text("Hello")])
    }

    @Test func `reads a ping and a masked pong`() {
        var client = WebSocketReader(role: .client)
        #expect(client.read([[0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]]) == [.ping(Array("Hello".utf8))])
        var server = WebSocketReader(role: .server)
        #expect(server.read([[0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]]) == [.pong])
    }

    @Test(arguments: [256, 65536])
    func `reads a long binary message`(count: Int) {
        var reader = WebSocketReader(role: .client)
        let payload = [UInt8](repeating: 7, count: count)
        let header: [UInt8] =
            count == 256 ? [0x82, 0x7E, 0x01, 0x00] : [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]
        #expect(reader.read([header + payload]) == [.binary(payload)])
    }

    // MARK: Without copies

    @Test func `reports whole frames where they are in the chunk`() throws {
        var reader = WebSocketReader(role: .server)
        var chunk = clientFrame(0x81, "abc") + clientFrame(0x82, [1, 2]) + clientFrame(0x89, "")
        var bytes = chunk.mutableSpan
        var cursor = 0
        #expect(try reader.next(&bytes, from: &cursor) == .text(.inPlace(6..<9)))
        #expect(try reader.next(&bytes, from: &cursor) == .binary(.inPlace(15..<17)))
        #expect(try reader.next(&bytes, from: &cursor) == .ping(.inPlace(23..<23)))
        #expect(try reader.next(&bytes, from: &cursor) == nil)
        #expect(bytes[6] == UInt8(ascii: "a"))
    }

    @Test func `reports a control frame in place between fragments`() throws {
        var reader = WebSocketReader(role: .server)
        var chunk = clientFrame(0x01, "a") + clientFrame(0x89, "p") + clientFrame(0x80, "b")
        var bytes = chunk.mutableSpan
        var cursor = 0
        #expect(try reader.next(&bytes, from: &cursor) == .ping(.inPlace(13..<14)))
        #expect(try reader.next(&bytes, from: &cursor) == .text(.assembled([0x61, 0x62])))
    }

    @Test func `is small enough for a million idle connections`() {
        #expect(MemoryLayout<WebSocketReader>.size <= 48)
    }

    // MARK: Split anywhere

    /// Every event, lengths of all three forms, and characters of 1 to 4 bytes.
    static let conversation: [UInt8] =
        clientFrame(0x81, "h\u{E9}llo \u{20AC}\u{1F600}") + clientFrame(0x82, []) + clientFrame(0x01, "\u{20AC}")
        + clientFrame(0x89, "ping") + clientFrame(0x00, "") + clientFrame(0x80, "\u{1F600}")
        + clientFrame(0x8A, "") + clientFrame(0x82, [UInt8](repeating: 0xAB, count: 130))
        + [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x7A]
        + clientFrame(0x88, [0x03, 0xE8] + Array("by\u{E9}".utf8))

    static let conversationSeen: [WebSocketSeen] = [
        .text("h\u{E9}llo \u{20AC}\u{1F600}"), .binary([]), .ping(Array("ping".utf8)), .text("\u{20AC}\u{1F600}"),
        .pong, .binary([UInt8](repeating: 0xAB, count: 130)), .text("z"), .close(1000, "by\u{E9}"),
    ]

    @Test func `reads the same wherever the chunks are cut`() {
        let wire = Self.conversation
        for cut in 0...wire.count {
            var reader = WebSocketReader(role: .server)
            #expect(reader.read(wire.cut(at: [cut])) == Self.conversationSeen)
        }
        var reader = WebSocketReader(role: .server)
        #expect(reader.read(wire.singleBytes) == Self.conversationSeen)
    }

    @Test(arguments: [0, 1, 2, 9, 10, 11, 124, 125, 126, 127, 65535, 65536, 65537], [true, false])
    func `texts of every form of length read the same, asked for on their own or not`(count: Int, asksForText: Bool) {
        let text = String(repeating: "t", count: count)
        let wire = clientFrame(0x81, text) + clientFrame(0x81, "\u{20AC}" + text) + clientFrame(0x8A, "")
        var reader = WebSocketReader(role: .server)
        #expect(reader.read([wire], asksForText: asksForText) == [.text(text), .text("\u{20AC}" + text), .pong])
        var limited = WebSocketReader(role: .server, limits: WebSocketLimits(messageBytes: 10))
        let seen = limited.read([clientFrame(0x81, text) + clientFrame(0x8A, "")], asksForText: asksForText)
        #expect(seen == (count <= 10 ? [.text(text), .pong] : [.failure(1009)]))
    }

    @Test func `reads the same with every pair of cuts`() {
        let wire = clientFrame(0x01, "\u{20AC}") + clientFrame(0x89, "p") + clientFrame(0x80, "\u{1F600}")
        for first in 0...wire.count {
            for second in first...wire.count {
                var reader = WebSocketReader(role: .server)
                #expect(reader.read(wire.cut(at: [first, second])) == [.ping([0x70]), .text("\u{20AC}\u{1F600}")])
            }
        }
    }

    // MARK: Violations

    /// Frames, and the close code for them.
    static let violations: [(String, [UInt8], UInt16)] = [
        ("RSV1", clientFrame(0xC1, "a"), 1002),
        ("RSV2", clientFrame(0xA1, "a"), 1002),
        ("RSV3", clientFrame(0x91, "a"), 1002),
        ("opcode 3", clientFrame(0x83, ""), 1002),
        ("opcode 7", clientFrame(0x87, ""), 1002),
        ("opcode 11", clientFrame(0x8B, ""), 1002),
        ("opcode 15", clientFrame(0x8F, ""), 1002),
        ("fragmented ping", clientFrame(0x09, ""), 1002),
        ("fragmented close", clientFrame(0x08, ""), 1002),
        ("ping of 126 bytes", clientFrame(0x89, [UInt8](repeating: 0, count: 126)), 1002),
        ("unmasked", [0x81, 0x01, 0x61], 1002),
        ("continuation of nothing", clientFrame(0x80, "a"), 1002),
        ("continuation after a whole message", clientFrame(0x81, "") + clientFrame(0x00, "a"), 1002),
        ("text within a text", clientFrame(0x01, "a") + clientFrame(0x81, "b"), 1002),
        ("binary within a binary", clientFrame(0x02, "a") + clientFrame(0x02, "b"), 1002),
        ("64-bit length", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
        ("largest 63-bit length", [0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0], 1009),
        ("close of 1 byte", clientFrame(0x88, [0x03]), 1002),
        ("close reason", clientFrame(0x88, [0x03, 0xE8, 0xFF]), 1007),
        ("lone continuation byte", clientFrame(0x81, [0x80]), 1007),
        ("overlong", clientFrame(0x81, [0xC0, 0xAF]), 1007),
        ("surrogate", clientFrame(0x81, [0xED, 0xA0, 0x80]), 1007),
        ("beyond U+10FFFF", clientFrame(0x81, [0xF4, 0x90, 0x80, 0x80]), 1007),
        ("cut off", clientFrame(0x81, [0xE2, 0x82]), 1007),
        ("cut off over fragments", clientFrame(0x01, [0xE2]) + clientFrame(0x80, [0x82]), 1007),
    ]

    @Test(arguments: violations)
    func `fails and then discards`(name: String, wire: [UInt8], code: UInt16) {
        let expected: WebSocketSeen = .failure(code)
        for cut in 0...wire.count {
            var reader = WebSocketReader(role: .server)
            let seen = reader.read(wire.cut(at: [cut]) + [clientFrame(0x81, "late")])
            #expect(seen.last == expected, "\(name) cut at \(cut)")
            #expect(seen.filter { $0 == expected }.count == 1)
        }
    }

    @Test func `a client refuses a masked frame`() {
        var reader = WebSocketReader(role: .client)
        #expect(reader.read([clientFrame(0x81, "a")]) == [.failure(1002)])
    }

    @Test func `fails at the two header bytes that are wrong, before the rest arrives`() {
        var reader = WebSocketReader(role: .server)
        #expect(reader.read([[0x81], [0x05]]) == [.failure(1002)])
    }

    @Test func `fails at the byte that makes a fragmented text invalid`() {
        var reader = WebSocketReader(role: .server)
        #expect(reader.read([clientFrame(0x01, "\u{3BA}")]) == [])
        // Autobahn 6.4.2: F4 90 is beyond U+10FFFF, whatever follows.
        #expect(reader.read([clientFrame(0x00, [0xF4])]) == [])
        #expect(reader.read([clientFrame(0x00, [0x90])]) == [.failure(1007)])
    }

    @Test(arguments: 0...5100)
    func `knows which close codes a peer may send`(code: Int) {
        let wire = clientFrame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)])
        var reader = WebSocketReader(role: .server)
        let valid = [1000...1003, 1007...1014, 3000...4999].contains { $0.contains(code) }
        #expect(reader.read([wire]) == [valid ? .close(UInt16(code), "") : .failure(1002)])
    }

    @Test func `reads a close without a code and discards what follows`() {
        var reader = WebSocketReader(role: .server)
        #expect(reader.read([clientFrame(0x88, "") + clientFrame(0x81, "a"), [0xFF]]) == [.close(nil, "")])
    }

    // MARK: Limits

    @Test func `a message may have exactly the limit of bytes`() {
        let limits = WebSocketLimits(messageBytes: 10)
        let ten = [UInt8](repeating: 1, count: 10)
        let eleven = [UInt8](repeating: 1, count: 11)
        for chunks in [clientFrame(0x82, ten).cut(at: []), clientFrame(0x82, ten).singleBytes] {
            var reader = WebSocketReader(role: .server, limits: limits)
            #expect(reader.read(chunks) == [.binary(ten)])
        }
        for chunks in [clientFrame(0x82, eleven).cut(at: []), clientFrame(0x82, eleven).singleBytes] {
            var reader = WebSocketReader(role: .server, limits: limits)
            #expect(reader.read(chunks) == [.failure(1009)])
        }
        var reader = WebSocketReader(role: .server, limits: limits)
        let split = clientFrame(0x02, Array(ten[..<6])) + clientFrame(0x80, Array(ten[6...]))
        #expect(
            reader.read([split, clientFrame(0x02, Array(ten[..<6])) + clientFrame(0x80, Array(eleven[6...]))])
                == [.binary(ten), .failure(1009)])
    }

    @Test func `a message may have exactly the limit of fragments`() {
        let limits = WebSocketLimits(fragments: 3)
        let middle = clientFrame(0x00, "b")
        var reader = WebSocketReader(role: .server, limits: limits)
        #expect(reader.read([clientFrame(0x01, "a") + middle + clientFrame(0x80, "c")]) == [.text("abc")])
        #expect(reader.read([clientFrame(0x01, "a") + middle + middle + clientFrame(0x80, "c")]) == [.failure(1009)])
    }

    @Test func `a message may have exactly the limit of empty fragments in a row`() {
        let limits = WebSocketLimits(consecutiveEmptyFragments: 2)
        let empty = clientFrame(0x00, "")
        var reader = WebSocketReader(role: .server, limits: limits)
        let wire = clientFrame(0x01, "") + empty + clientFrame(0x00, "a") + empty + clientFrame(0x80, "")
        #expect(reader.read([wire]) == [.text("a")])
        #expect(reader.read([clientFrame(0x01, "") + empty + empty]) == [.failure(1009)])
    }

    @Test func `reserves nothing for a length that is only claimed`() {
        var reader = WebSocketReader(role: .server, limits: WebSocketLimits(messageBytes: 1 << 31))
        #expect(reader.read([[0x82, 0xFF, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4, 5]]) == [])
    }

    @Test func `Autobahn 9_3_1: 4 MiB in fragments of 64 bytes`() {
        var reader = WebSocketReader(role: .server, limits: WebSocketLimits(messageBytes: 16 << 20))
        let piece = [UInt8](repeating: 0x2A, count: 64)
        var wire = clientFrame(0x01, piece)
        for _ in 0..<65534 { wire += clientFrame(0x00, piece) }
        wire += clientFrame(0x80, piece)
        #expect(reader.read([wire]) == [.text(String(repeating: "*", count: 4 << 20))])
    }

    // MARK: Anything

    @Test func `survives 200000 mutated conversations, and cuts do not change what it sees`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<200_000 {
            let wire = random.mutate(Self.conversation)
            var whole = WebSocketReader(role: .server)
            var cut = WebSocketReader(role: .server)
            guard whole.read([wire]) == cut.read(wire.cut(at: random.cuts(in: wire.count, most: 4))) else {
                Issue.record("differs: \(wire)")
                return
            }
        }
    }

    @Test func `sees the same of 100000 mutated conversations whether or not it is asked for text`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<100_000 {
            let wire = random.mutate(Self.conversation)
            let chunks = wire.cut(at: random.cuts(in: wire.count, most: 2))
            var asked = WebSocketReader(role: .server)
            var unasked = WebSocketReader(role: .server)
            guard asked.read(chunks) == unasked.read(chunks, asksForText: false) else {
                Issue.record("differs: \(chunks)")
                return
            }
        }
    }

    @Test func `survives random bytes in either role`() {
        var random = SeededGenerator(seed: 2)
        for round in 0..<50_000 {
            var reader = WebSocketReader(role: round % 2 == 0 ? .server : .client)
            _ = reader.read([random.bytes(Int.random(in: 0...40, using: &random))])
        }
    }
}
