import SocketIOWire
import TestSupport
import Testing

@Suite struct EngineSessionIDTests {
    /// Counts what is drawn from it, and gives the same numbers for the same seed.
    private struct CountingGenerator: RandomNumberGenerator {
        var generator: SeededGenerator
        var drawn = 0

        mutating func next() -> UInt64 {
            drawn += 1
            return generator.next()
        }
    }

    /// Always the same word.
    private struct ConstantGenerator: RandomNumberGenerator {
        let word: UInt64
        func next() -> UInt64 { word }
    }

    private static let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    @Test func `is 20 characters of the URL-safe alphabet`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let id = EngineSessionID.random(using: &random)
            #expect(id.utf8.count == 20 && id.allSatisfy { Self.alphabet.contains($0) })
        }
    }

    @Test func `holds 120 bits of the generator and nothing else`() {
        var zeros = ConstantGenerator(word: 0)
        var ones = ConstantGenerator(word: .max)
        #expect(EngineSessionID.random(using: &zeros) == "AAAAAAAAAAAAAAAAAAAA")
        #expect(EngineSessionID.random(using: &ones) == "____________________")
        // Neither a counter nor the time: the same bits make the same id.
        var first = SeededGenerator(seed: 7)
        var second = SeededGenerator(seed: 7)
        #expect(EngineSessionID.random(using: &first) == EngineSessionID.random(using: &second))
        var counting = CountingGenerator(generator: SeededGenerator(seed: 7))
        _ = EngineSessionID.random(using: &counting)
        #expect(counting.drawn == 2)
    }

    @Test func `every character takes every value`() {
        var random = SeededGenerator(seed: 2)
        var seen = [Set<Character>](repeating: [], count: 20)
        for _ in 0..<3_000 {
            for (place, character) in EngineSessionID.random(using: &random).enumerated() {
                seen[place].insert(character)
            }
        }
        #expect(seen.allSatisfy { $0 == Self.alphabet })
    }

    @Test func `does not repeat`() {
        var random = SeededGenerator(seed: 3)
        var seen = Set<String>()
        for _ in 0..<20_000 { seen.insert(EngineSessionID.random(using: &random)) }
        #expect(seen.count == 20_000)
        var system = SystemRandomNumberGenerator()
        #expect(EngineSessionID.random(using: &system) != EngineSessionID.random(using: &system))
    }

    @Test(arguments: 1...64)
    func `an id is drawn for every loop`(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for loop in 0..<count {
            let id = EngineSessionID.random(homeLoop: loop, count: count, using: &random)
            #expect(id.utf8.count == 20)
            #expect(EngineSessionID.homeLoop(of: id, count: count) == loop)
        }
    }

    @Test(arguments: [2, 3, 4, 7, 8, 16, 48, 64])
    func `ids are spread evenly over the loops`(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        var sessions = [Int](repeating: 0, count: count)
        for _ in 0..<(count * 200) {
            sessions[EngineSessionID.homeLoop(of: EngineSessionID.random(using: &random), count: count)] += 1
        }
        // 200 each: more than five standard deviations either way would be no chance.
        #expect(sessions.allSatisfy { $0 > 125 && $0 < 275 })
    }

    @Test(arguments: ["", "a", "__proto__", "€", "\0", String(repeating: "x", count: 100_000)])
    func `any text has a home`(id: String) {
        for count in 1...64 { #expect((0..<count).contains(EngineSessionID.homeLoop(of: id, count: count))) }
        #expect(EngineSessionID.homeLoop(of: id, count: 0) == 0)
        #expect(EngineSessionID.homeLoop(of: id, count: 1) == 0)
    }

    @Test func `the applications' own ids are spread, too`() {
        for count in [2, 3, 4, 8] {
            var sessions = [Int](repeating: 0, count: count)
            for number in 0..<(200 * count) {
                sessions[EngineSessionID.homeLoop(of: "user-\(number)", count: count)] += 1
            }
            #expect(sessions.allSatisfy { $0 > 125 && $0 < 275 })
        }
    }
}
