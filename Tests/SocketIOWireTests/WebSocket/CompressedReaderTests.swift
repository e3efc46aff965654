import SocketIOWire
import TestSupport
import Testing

/// Messages that are marked as compressed (RFC 7692 6).
@Suite struct CompressedReaderTests {
    private func read(_ chunks: [[UInt8]], limits: WebSocketLimits = WebSocketLimits()) -> [WebSocketSeen] {
        var reader = WebSocketReader(role: .server, limits: limits, compresses: true)
        return reader.read(chunks)
    }

    private let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    @Test func `are reported as they are, between others, however they are split`() {
        let bytes =
            clientFrame(0xC1, hello) + clientFrame(0x81, "é") + clientFrame(0xC2, [0x00]) + clientFrame(0x82, [1])
            + clientFrame(0x41, [0xF2, 0x48]) + clientFrame(0x89, [7]) + clientFrame(0x00, [0xCD])
            + clientFrame(0x80, [0xFF])
            + clientFrame(0x81, "end")
        let expected: [WebSocketSeen] = [
            .compressed(.text, hello), .text("é"), .compressed(.binary, [0]), .binary([1]), .ping([7]),
            .compressed(.text, [0xF2, 0x48, 0xCD, 0xFF]), .text("end"),
        ]
        #expect(read([bytes]) == expected)
        for split in 1..<bytes.count { #expect(read(bytes.cut(at: [split])) == expected) }
        #expect(read(bytes.singleBytes) == expected)
    }

    @Test(
        arguments: [
            [(0xC8, [])], [(0xC9, [1])], [(0xCA, [])], [(0x41, [1]), (0xC0, [2])], [(0xC0, [1])], [(0xA1, [1])],
            [(0xD1, [1])], [(0xE1, [1])], [(0xF1, [1])], [(0xC3, [1])],
        ] as [[(UInt8, [UInt8])]])
    func `the mark where it must not be is a violation`(frames: [(UInt8, [UInt8])]) {
        let bytes = frames.flatMap { clientFrame($0.0, $0.1) }
        #expect(read([bytes]).last == .failure(1002))
        #expect(read(bytes.singleBytes).last == .failure(1002))
    }

    @Test func `without the extension the mark is a violation`() {
        var reader = WebSocketReader(role: .server)
        #expect(reader.read([clientFrame(0xC1, hello)]) == [.failure(1002)])
    }

    @Test func `the limit counts what comes, all fragments together`() {
        let limits = WebSocketLimits(messageBytes: 7)
        #expect(read([clientFrame(0xC1, hello)], limits: limits) == [.compressed(.text, hello)])
        #expect(read([clientFrame(0xC1, hello + [0])], limits: limits) == [.failure(1009)])
        #expect(read([clientFrame(0x41, hello), clientFrame(0x80, [0])], limits: limits) == [.failure(1009)])
    }

    @Test func `frames that are mutated do no harm`() {
        var generator = SeededGenerator(seed: 7692)
        let whole =
            clientFrame(0xC1, hello) + clientFrame(0x41, hello) + clientFrame(0x89, [1]) + clientFrame(0x80, [0])
            + clientFrame(0x81, "plain") + clientFrame(0xC2, hello)
        for _ in 0..<10_000 {
            let bytes = generator.mutate(whole)
            let cuts = generator.cuts(in: bytes.count, most: 3)
            #expect(read([bytes]) == read(bytes.cut(at: cuts)), "\(bytes) \(cuts)")
        }
    }
}
