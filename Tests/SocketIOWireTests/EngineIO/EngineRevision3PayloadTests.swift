import SocketIOWire
import TestSupport
import Testing

/// Protocol.md 9.2.
@Suite struct EngineRevision3PayloadTests {
    private typealias Seen = EnginePayloadTests.Seen

    /// What `body` holds, up to and with the first violation.
    private func read(_ body: [UInt8], maxPackets: Int = 1000) -> [Seen] {
        var seen: [Seen] = []
        do throws(ProtocolViolation) {
            var payload = try EngineDialect.revision3.payload(of: body.span, maxPackets: maxPackets)
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

    private func read(_ body: String) -> [Seen] { read(Array(body.utf8)) }

    private func write(_ packets: [EnginePacket], asText: Bool = false) -> (body: [UInt8], isBinary: Bool) {
        let writer = ByteWriter()
        let isBinary = EngineDialect.revision3.appendPayload(packets, asText: asText, to: writer)
        return (writer.array(), isBinary)
    }

    private func message(_ text: String) -> EnginePacket { .text(.message, Array(text.utf8)) }

    // MARK: Text

    @Test func `lengths are in UTF-16`() {
        #expect(
            read("6:4hello1:214:42[\"e\",\"é€😀\"]") == [
                .text(.message, "hello"), .text(.ping, ""), .text(.message, #"2["e","é€😀"]"#),
            ])
        let long = String(repeating: "aé€😀bcdefghij", count: 500)
        let (body, isBinary) = write([message(long), .text(.pong), message("")])
        #expect(isBinary == false)
        #expect(String(decoding: body, as: UTF8.self) == "\(long.utf16.count + 1):4\(long)1:31:4")
        #expect(read(body) == [.text(.message, long), .text(.pong, ""), .text(.message, "")])
    }

    @Test func `bytes are base64 behind b4, where the client wants text`() {
        #expect(read("6:b4AQID") == [.binary([1, 2, 3])])
        #expect(read("2:b4") == [.binary([])])
        let (body, isBinary) = write([message("x"), .binary([1, 2])], asText: true)
        #expect(isBinary == false)
        #expect(String(decoding: body, as: UTF8.self) == "2:4x6:b4AQI=")
    }

    @Test func `a packet without content is none`() {
        #expect(read("0:") == [])
        #expect(read("0:1:20:") == [.text(.ping, "")])
        #expect(read("009:42[\"e\",1]") == [.text(.message, #"2["e",1]"#)])
    }

    @Test(arguments: [
        "", "9", ":42", "50:42[\"e\",1]", "x:4", "-1:4", "+1:4", "0x1:4", "1.0:4", " 1:4", "12:42[\"e\",\"é\"]", "2:92",
        "42[\"e\",1]", "9:42[\"e\",1]zz", "9:42[\"e\",1]x:1", "1:b", "5:bAQID", "6:b5AQID", "1:😀", "2:4😀",
        "99999999999999999999999999:4",
    ])
    func `what is no payload is refused`(body: String) {
        #expect(read(body) == [.violation(.malformed)])
    }

    @Test func `text that is not UTF-8 is refused in either form`() {
        #expect(read([UInt8(ascii: "2"), UInt8(ascii: ":"), UInt8(ascii: "4"), 0xFF]) == [.violation(.notUTF8)])
        #expect(read([0, 2, 0xFF, UInt8(ascii: "4"), 0xFF]) == [.violation(.notUTF8)])
    }

    // MARK: Text and bytes

    @Test func `with bytes each packet says what it is`() {
        let (body, isBinary) = write([message("2[\"é\"]"), .binary([1, 255]), .binary([])])
        #expect(isBinary == true)
        #expect(body == [0, 8, 255] + Array("42[\"é\"]".utf8) + [1, 3, 255, 4, 1, 255, 1, 1, 255, 4])
        #expect(read(body) == [.text(.message, "2[\"é\"]"), .binary([1, 255]), .binary([])])
        let long = write([.binary(Array(repeating: 7, count: 1233))]).body
        #expect(Array(long.prefix(7)) == [1, 1, 2, 3, 4, 255, 4])
        #expect(read(long) == [.binary(Array(repeating: 7, count: 1233))])
    }

    @Test func `bytes of another type, or of none, mean nothing`() {
        #expect(read([1, 0, 255]) == [])
        #expect(read([1, 2, 255, 9, 1, 0, 1, 255, UInt8(ascii: "2")]) == [.text(.ping, "")])
    }

    @Test(
        arguments: [
            [0], [0, 9, 1], [0, 255, 52], [0, 0, 255], [0, 9, 255, 52], [0, 10, 255, 52], [0, 0x31, 255, 52],
            [0, 1, 255, 52, 2, 1, 255, 52], [0, 1, 255, 57], [0] + Array(repeating: 1, count: 310) + [255],
            [0, 1, 255, UInt8(ascii: "b")],
        ] as [[UInt8]])
    func `what is no payload of text and bytes is refused`(body: [UInt8]) {
        #expect(read(body) == [.violation(.malformed)])
    }

    // MARK: Limits

    @Test func `a body of too many packets is refused before any of it is used`() {
        #expect(read(Array("1:21:2".utf8), maxPackets: 2).count == 2)
        #expect(read(Array("1:21:21:2".utf8), maxPackets: 2) == [.violation(.tooBig)])
        #expect(read(Array("0:0:0:".utf8), maxPackets: 2) == [.violation(.tooBig)])
        let ping: [UInt8] = [0, 1, 255, UInt8(ascii: "2")]
        #expect(read(ping + ping, maxPackets: 2).count == 2)
        #expect(read(ping + ping + ping, maxPackets: 2) == [.violation(.tooBig)])
    }

    @Test func `any packets come back as they were, and no other bytes do harm`() {
        var generator = SeededGenerator(seed: 3)
        let alphabet = Array("a7:\"\u{0}é€😀")
        for _ in 0..<2_000 {
            let packets: [EnginePacket] = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                let count = Int.random(in: 0...20, using: &generator)
                if Bool.random(using: &generator) {
                    return .binary((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
                }
                return message(String((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? "a" }))
            }
            let expected: [Seen] = packets.map {
                switch $0 {
                case .text(let type, let content): .text(type, String(decoding: content, as: UTF8.self))
                case .binary(let bytes): .binary(bytes)
                }
            }
            for asText in [true, false] {
                var body = write(packets, asText: asText).body
                #expect(read(body) == expected)
                _ = read(Array(body.prefix(Int.random(in: 0...body.count, using: &generator))))
                body[Int.random(in: body.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                _ = read(body)
            }
        }
    }
}
