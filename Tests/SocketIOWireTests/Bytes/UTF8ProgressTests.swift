import SocketIOWire
import TestSupport
import Testing

@Suite struct UTF8ProgressTests {
    private func accepts(_ pieces: [[UInt8]]) -> Bool {
        var progress = UTF8Progress()
        return pieces.allSatisfy({ progress.accept($0.span) }) && progress.isComplete
    }

    @Test func `agrees with the standard library on every pair and on many longer sequences`() {
        for first in 0...255 {
            for second in 0...255 {
                let bytes = [UInt8(first), UInt8(second)]
                #expect(accepts([bytes]) == (String(validating: bytes, as: UTF8.self) != nil))
                #expect(accepts(bytes.singleBytes) == accepts([bytes]))
            }
        }
        var random = SeededGenerator(seed: 6)
        let interesting: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<100_000 {
            let bytes = (0..<Int.random(in: 3...6, using: &random)).map { _ in
                interesting.randomElement(using: &random)!
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            guard accepts([bytes]) == expected, accepts(bytes.singleBytes) == expected,
                accepts(bytes.cut(at: random.cuts(in: bytes.count, most: 3))) == expected
            else {
                Issue.record("differs: \(bytes)")
                return
            }
        }
    }

    @Test func `accepts characters of every length cut anywhere`() {
        let bytes = Array("a\u{E9}\u{20AC}\u{1F600}\u{10FFFF}\u{D7FF}\u{E000}z".utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count { #expect(accepts(bytes.cut(at: [first, second]))) }
        }
    }

    @Test(arguments: [[0xC0], [0xE0, 0x9F], [0xED, 0xA0], [0xF0, 0x8F], [0xF4, 0x90], [0xF5], [0x80]] as [[UInt8]])
    func `rejects at the first byte that cannot be right`(bytes: [UInt8]) {
        var progress = UTF8Progress()
        for byte in bytes.dropLast() { #expect(progress.accept([byte].span) == true) }
        #expect(progress.accept([bytes.last!].span) == false)
    }

    @Test func `is complete only between characters`() {
        var progress = UTF8Progress()
        #expect(progress.isComplete)
        #expect(progress.accept([0xE2, 0x82].span) == true)
        #expect(!progress.isComplete)
        #expect(progress.accept(Span()) == true)
        #expect(!progress.isComplete)
        #expect(progress.accept([0xAC].span) == true)
        #expect(progress.isComplete)
    }
}
