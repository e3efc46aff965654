import SocketIOWire
import TestSupport
import Testing

@Suite struct ByteWriterTests {
    private let writer = ByteWriter(capacity: 16)

    @Test func `appends bytes, spans, arrays and texts`() {
        writer.append(UInt8(ascii: "a"))
        writer.append(Array("bc".utf8).span)
        writer.append(Array("d".utf8))
        writer.append(Array("xefx".utf8)[1...2])
        writer.append("g")
        writer.append("")
        writer.append(utf8: "h\u{E9}")
        writer.append([])
        #expect(String(decoding: writer.array(), as: UTF8.self) == "abcdefgh\u{E9}")
    }

    @Test func `keeps its bytes while it grows`() {
        var random = SeededGenerator(seed: 4)
        var expected: [UInt8] = []
        for _ in 0..<500 {
            let piece = random.bytes(Int.random(in: 0...70, using: &random))
            writer.append(piece)
            expected += piece
        }
        #expect(writer.array() == expected)
        #expect(writer.count == expected.count)
        #expect(writer.array(in: 100..<200) == Array(expected[100..<200]))
    }

    @Test func `writes decimal digits`() {
        for number in [0, 1, 9, 10, 99, 12345, -1, -10, Int.max, Int.min] {
            writer.removeAll()
            writer.append(decimal: number)
            #expect(String(decoding: writer.array(), as: UTF8.self) == String(number))
        }
        writer.removeAll()
        writer.append(decimal: UInt64.max)
        writer.append(decimal: Int128.min)
        #expect(String(decoding: writer.array(), as: UTF8.self) == "\(UInt64.max)\(Int128.min)")
    }

    @Test func `reserves zeros to be filled in later`() {
        writer.append("a")
        let start = writer.reserve(20)
        #expect(start == 1)
        #expect(writer.array() == [0x61] + [UInt8](repeating: 0, count: 20))
        writer[start + 19] = 7
        #expect(writer[20] == 7)
        #expect(writer.reserve(0) == 21)
    }

    @Test func `forgets its end, or everything`() {
        writer.append("abcdef")
        writer.truncate(to: 2)
        writer.append("x")
        #expect(writer.array() == Array("abx".utf8))
        writer.append([UInt8](repeating: 1, count: 100_000))
        writer.removeAll(keeping: 1024)
        #expect(writer.count == 0)
        writer.append("again")
        #expect(writer.array() == Array("again".utf8))
    }

    @Test func `moves what it holds up and down`() {
        let writer = ByteWriter(capacity: 16)
        writer.append("head0123456789ab")
        writer.move(from: 4, by: 8)
        #expect(writer.count == 24)
        #expect(writer.array(in: 0..<4) == Array("head".utf8))
        #expect(writer.array(in: 12..<24) == Array("0123456789ab".utf8))
        writer.move(from: 12, by: -10)
        #expect(writer.array() == Array("he0123456789ab".utf8))
        writer.move(from: 14, by: 0)
        #expect(writer.count == 14)
    }

    @Test func `lends its bytes to be read and to be changed`() {
        writer.append("abcdef")
        #expect(writer.withBytes { $0.count } == 6)
        #expect(writer.withBytes(in: 2..<4) { $0[0] } == UInt8(ascii: "c"))
        writer.withMutableBytes(in: 1..<3) { $0[0] = UInt8(ascii: "X") }
        #expect(writer.array() == Array("aXcdef".utf8))
        #expect(writer.withBytes(in: 6..<6) { $0.count } == 0)
    }
}
