import SocketIOWire
import Testing

@Suite struct ByteSpanUTF8Tests {
    @Test func `judges the bytes of the range only`() {
        let bytes: [UInt8] = [0xFF, 0x61, 0xE2, 0x82, 0xAC, 0xFF]
        #expect(bytes.span.isUTF8(in: 1..<5) == true)
        #expect(bytes.span.isUTF8(in: 1..<4) == false)
        #expect(bytes.span.isUTF8(in: 1..<2) == true)
        #expect(bytes.span.isUTF8(in: 0..<1) == false)
        #expect(bytes.span.isUTF8(in: 6..<6) == true)
    }
}
