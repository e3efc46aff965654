import SocketIOWire
import Testing

@Suite struct WebSocketWriterTests {
    private let writer = ByteWriter()

    @Test func `writes the unmasked frames of RFC 6455 5_7`() {
        WebSocketWriter.appendFrame(.text, "Hello".utf8.span, to: writer)
        #expect(writer.array() == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        writer.removeAll()
        WebSocketWriter.appendFrame(.pong, "Hello".utf8.span, maskedWith: 0x37FA_213D, to: writer)
        #expect(writer.array() == [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    }

    @Test(
        arguments: [
            (0, [0x82, 0]), (125, [0x82, 125]), (126, [0x82, 126, 0, 126]), (65535, [0x82, 126, 0xFF, 0xFF]),
            (65536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])])
    func `writes the shortest length`(count: Int, header: [UInt8]) {
        WebSocketWriter.appendHeader(.binary, payloadCount: count, to: writer)
        #expect(writer.array() == header)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 70001])
    func `what it writes is what a reader reads`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        WebSocketWriter.appendFrame(.binary, payload.span, maskedWith: 0xDEAD_BEEF, to: writer)
        var server = WebSocketReader(role: .server)
        #expect(server.read([writer.array()]) == [.binary(payload)])
        writer.removeAll()
        WebSocketWriter.appendFrame(.binary, payload.span, to: writer)
        var client = WebSocketReader(role: .client)
        #expect(client.read([writer.array()]) == [.binary(payload)])
    }

    @Test(arguments: [1, 10, 124, 125, 126, 127, 65534, 65535, 65536, 65537])
    func `a message has the header that its size needs, whatever was expected`(count: Int) {
        let message = [UInt8](repeating: UInt8(ascii: "m"), count: count)
        for expected in [0, 125, 126, 65535, 65536] {
            writer.removeAll()
            writer.append("before")
            let frame = WebSocketWriter.appendText(prefix: message[0], ofAbout: expected, to: writer) { writer in
                writer.append(message.dropFirst())
            }
            #expect(frame == 6..<writer.count)
            let whole = ByteWriter()
            WebSocketWriter.appendFrame(.text, message.span, to: whole)
            #expect(writer.array() == Array("before".utf8) + whole.array())
        }
    }

    @Test func `writes a close with and without a code`() {
        WebSocketWriter.appendClose(.goingAway, reason: "bye", to: writer)
        #expect(writer.array() == [0x88, 5, 0x03, 0xE9] + Array("bye".utf8))
        writer.removeAll()
        WebSocketWriter.appendClose(nil, to: writer)
        #expect(writer.array() == [0x88, 0])
        writer.removeAll()
        WebSocketWriter.appendClose(.normal, maskedWith: 0x0102_0304, to: writer)
        #expect(writer.array() == [0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xE8 ^ 2])
    }

    @Test func `cuts a close reason after the last whole character that fits`() {
        WebSocketWriter.appendClose(.normal, reason: String(repeating: "a", count: 121) + "\u{20AC}", to: writer)
        #expect(writer.count == 2 + 2 + 121)
        writer.removeAll()
        WebSocketWriter.appendClose(.normal, reason: String(repeating: "a", count: 120) + "\u{20AC}b", to: writer)
        #expect(writer.count == 2 + 125)
    }
}
