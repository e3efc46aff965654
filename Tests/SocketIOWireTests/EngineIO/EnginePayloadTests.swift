import SocketIOWire
import TestSupport
import Testing

@Suite struct EnginePayloadTests {
    /// A packet with its content copied out.
    enum Seen: Equatable {
        case text(EnginePacketType, String)
        case binary([UInt8])
        case violation(ProtocolViolation.Kind)
    }

    /// What `body` holds, up to and with the first violation; `␞` stands for the separator.
    private func read(_ body: String, maxPackets: Int = 1000) -> [Seen] {
        read(Array(body.replacing("␞", with: "\u{1E}").utf8), maxPackets: maxPackets)
    }

    private func read(_ body: [UInt8], maxPackets: Int = 1000) -> [Seen] {
        var payload = EnginePayload(maxPackets: maxPackets)
        var seen: [Seen] = []
        do throws(ProtocolViolation) {
            while let packet = try payload.next(in: body.span) {
                switch packet {
                case .text(let type, let range): seen.append(.text(type, String(decoding: body[range], as: UTF8.self)))
                case .binary(let bytes): seen.append(.binary(bytes))
                }
            }
            #expect(try payload.next(in: body.span) == nil, "the end stays the end")
        } catch {
            seen.append(.violation(error.kind))
        }
        return seen
    }

    @Test func `splits the example of Protocol.md 2.3`() {
        #expect(read("4hello␞2␞bAQID") == [.text(.message, "hello"), .text(.ping, ""), .binary([1, 2, 3])])
    }

    @Test func `reads every type`() {
        let types: [EnginePacketType] = [.open, .close, .ping, .pong, .message, .upgrade, .noop]
        #expect(read("0␞1␞2␞3␞4␞5␞6") == types.map { .text($0, "") })
        #expect(read("2probe␞3probe") == [.text(.ping, "probe"), .text(.pong, "probe")])
    }

    @Test func `content may be anything but a separator`() {
        #expect(read("4€𐍈\u{1F}\u{0}b4") == [.text(.message, "€𐍈\u{1F}\u{0}b4")])
    }

    @Test(arguments: [
        ("b", []), ("bAA==", [0]), ("bAA", [0]), ("bAAA=", [0, 0]), ("b+/+/", [0xFB, 0xFF, 0xBF]),
    ])
    func `decodes base64, padded or not`(body: String, bytes: [UInt8]) {
        #expect(read(body) == [.binary(bytes)])
    }

    @Test(
        arguments: [
            ("bA", []), ("bAAAAA", [0, 0, 0]), ("b=", []), ("bAA==AA==", [0]), ("bAQ-_", [1, 0x0F, 0xBF]),
            ("b AQID", [1, 2, 3]), ("bAQID\n", [1, 2, 3]), ("b€", []), ("b4AQID==", [0xE0, 0x04, 0x08]),
        ] as [(String, [UInt8])])
    func `a binary packet is read as the official server reads it`(body: String, bytes: [UInt8]) {
        #expect(read(body) == [.binary(bytes)])
        #expect(read("4a␞\(body)␞2") == [.text(.message, "a"), .binary(bytes), .text(.ping, "")])
    }

    @Test(arguments: ["", "␞", "␞4a"])
    func `refuses an empty packet at the beginning`(body: String) {
        #expect(read(body) == [.violation(.malformed)])
    }

    @Test(arguments: ["4a␞", "4a␞␞4b"])
    func `refuses an empty packet behind another`(body: String) {
        #expect(read(body) == [.text(.message, "a"), .violation(.malformed)])
    }

    @Test func `refuses every other first byte`() {
        for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: "b") && byte != EnginePayload.separator {
            let seen = read([byte, UInt8(ascii: "x")])
            if let type = EnginePacketType(rawValue: byte) {
                #expect(seen == [.text(type, "x")])
            } else {
                #expect(seen == [.violation(.malformed)])
            }
        }
    }

    @Test func `takes as many packets as are allowed`() {
        #expect(read("2␞2␞2", maxPackets: 3) == Array(repeating: .text(.ping, ""), count: 3))
        #expect(read("2", maxPackets: 1) == [.text(.ping, "")])
    }

    @Test func `refuses a payload of too many packets before any of it is used`() {
        // Protocol.md 2.3.
        #expect(read("4a␞4b␞4c␞4d", maxPackets: 3) == [.violation(.tooBig)])
        #expect(read("4a␞4b", maxPackets: 1) == [.violation(.tooBig)])
        #expect(read("4a␞4b␞", maxPackets: 2) == [.violation(.tooBig)])
    }

    @Test func `refuses a body of a million separators at once`() {
        let body = [UInt8](repeating: EnginePayload.separator, count: 1_000_000)
        var seen: [Seen] = []
        let time = ContinuousClock().measure { seen = read(body) }
        #expect(seen == [.violation(.tooBig)])
        #expect(time < .milliseconds(500))
    }

    @Test func `a body is the same wherever its packets end`() {
        // No word boundary of the search may matter.
        for length in 0...40 {
            let text = String(repeating: "x", count: length)
            #expect(
                read("4\(text)␞4\(text)␞3") == [.text(.message, text), .text(.message, text), .text(.pong, "")])
        }
    }

    @Test func `survives mutated bodies and keeps what it reports inside them`() {
        var random = SeededGenerator(seed: 1)
        let separator: [UInt8] = [EnginePayload.separator]
        let seeds: [[UInt8]] = [
            Array("4hello".utf8) + separator + Array("2".utf8) + separator + Array("bAQID".utf8),
            Array("bAAAAAAAAAAAA".utf8), Array("4".utf8) + separator + Array("4".utf8), Array("2probe".utf8),
        ]
        for round in 0..<200_000 {
            let body = random.mutate(seeds[round % seeds.count])
            var payload = EnginePayload(maxPackets: 4)
            var end = -1
            var packets = 0
            do throws(ProtocolViolation) {
                while let packet = try payload.next(in: body.span) {
                    packets += 1
                    if case .text(let type, let range) = packet {
                        precondition(range.lowerBound > end && range.upperBound <= body.count)
                        precondition(body[range.lowerBound - 1] == type.rawValue)
                        precondition(!body[range].contains(EnginePayload.separator))
                        end = range.upperBound
                    }
                }
            } catch {
                continue
            }
            precondition(packets == body.count { $0 == EnginePayload.separator } + 1 && packets <= 4)
        }
    }
}
