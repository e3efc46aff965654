import SocketIOWire
import TestSupport
import Testing

@Suite struct MaskingTests {
    /// RFC 6455 5.3, word by word.
    private func reference(_ payload: [UInt8], key: [UInt8], from start: Int, offset: Int) -> [UInt8] {
        payload.enumerated().map { $0 < start ? $1 : $1 ^ key[($0 - start + offset) % 4] }
    }

    private let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    private let word: UInt32 = 0x37FA_213D

    @Test(arguments: 0...100)
    func `equals the reference at every start and offset`(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for start in 0...min(count, 8) {
            for offset in 0...7 {
                let original = random.bytes(count)
                var masked = original
                var span = masked.mutableSpan
                Masking.apply(word, to: &span, in: start..<count, offset: offset)
                #expect(masked == reference(original, key: key, from: start, offset: offset))
            }
        }
    }

    @Test func `in pieces equals at once`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let original = random.bytes(Int.random(in: 0...150, using: &random))
            let cuts = random.cuts(in: original.count, most: 4)
            var byOffset = original
            var byRotation = original
            var start = 0
            var rotated = word
            for end in cuts + [original.count] {
                var span = byOffset.mutableSpan
                Masking.apply(word, to: &span, in: start..<end, offset: start)
                var other = byRotation.mutableSpan
                Masking.apply(rotated, to: &other, in: start..<end)
                rotated = Masking.rotate(rotated, by: end - start)
                start = end
            }
            let expected = reference(original, key: key, from: 0, offset: 0)
            #expect(byOffset == expected)
            #expect(byRotation == expected)
        }
    }

    @Test func `twice is nothing`() {
        var bytes = Array("Hello".utf8)
        var span = bytes.mutableSpan
        Masking.apply(word, to: &span, in: 0..<5)
        #expect(span[0] == 0x7F && span[4] == 0x58)
        Masking.apply(word, to: &span, in: 0..<5)
        #expect(bytes == Array("Hello".utf8))
    }

    @Test(arguments: 0...100)
    func `sees any byte that is not ASCII`(count: Int) {
        let ascii = reference([UInt8](repeating: 0x7F, count: count), key: key, from: 0, offset: 0)
        var bytes = ascii
        var span = bytes.mutableSpan
        #expect(Masking.apply(word, to: &span, in: 0..<count) == true)
        for index in 0..<count {
            var other = ascii
            other[index] ^= 0x80
            var span = other.mutableSpan
            #expect(Masking.apply(word, to: &span, in: 0..<count) == false)
        }
    }
}
