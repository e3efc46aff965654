import SocketIOWire
import TestSupport
import Testing

@Suite struct ByteSpanTests {
    @Test(arguments: 0...40)
    func `finds the first byte at every place and from every offset`(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<200 {
            // Neighbouring values provoke the false flags of a search by words.
            let bytes = (0..<count).map { _ in UInt8.random(in: 0x0A...0x0C, using: &random) ^ 0x01 }
            let offset = Int.random(in: 0...count, using: &random)
            for byte: UInt8 in [0x0A, 0x0B, 0x0D] {
                #expect(bytes.span.firstIndex(of: byte, from: offset) == bytes[offset...].firstIndex(of: byte))
            }
        }
    }

    @Test(arguments: 0...40)
    func `compares every byte`(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let bytes = random.bytes(count)
        #expect(bytes.span.equals(bytes.span) == true)
        #expect(bytes.span.equals((bytes + [0]).span) == false)
        for index in 0..<count {
            var other = bytes
            other[index] ^= 0x10
            #expect(bytes.span.equals(other.span) == false)
        }
    }

    @Test func `compares with a literal`() {
        #expect(Array("polling".utf8).span.equals("polling") == true)
        #expect(Array("polling".utf8).span.equals("pollinG") == false)
        #expect(Array("polling".utf8).span.equals("poll") == false)
        #expect([UInt8]().span.equals("") == true)
        #expect(Array("websockets".utf8).span.equals("websockets") == true)
    }

    @Test func `loads integers at every offset`() {
        let bytes = (0..<20).map { UInt8($0 * 13 & 0xFF) }
        for offset in 0...12 {
            let expected = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
            #expect(bytes.span.word(at: offset) == expected)
            #expect(bytes.span.bigEndian(at: offset, as: UInt64.self) == expected.byteSwapped)
            #expect(
                bytes.span.bigEndian(at: offset, as: UInt16.self) == UInt16(bytes[offset]) << 8
                    | UInt16(bytes[offset + 1]))
        }
    }

    @Test func `copies into arrays and texts`() {
        let bytes = Array("h\u{E9}".utf8)
        #expect([UInt8](bytes.span) == bytes)
        var target: [UInt8] = [1]
        target.append(bytes.span)
        target.append(Span())
        #expect(target == [1] + bytes)
        #expect(String(validating: bytes.span) == "h\u{E9}")
        #expect(String(validating: [0xFF].span) == nil)
    }
}
