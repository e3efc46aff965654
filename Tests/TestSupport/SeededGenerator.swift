/// SplitMix64: the same numbers for the same seed, so that a failing input can be produced again.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// `input` with a few bytes changed, removed, repeated or inserted.
    package mutating func mutate(_ input: [UInt8]) -> [UInt8] {
        var output = input
        for _ in 0..<Int.random(in: 1...3, using: &self) where !output.isEmpty {
            let index = Int.random(in: 0..<output.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: output[index] = UInt8(truncatingIfNeeded: next())
            case 1: output[index] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2: output.remove(at: index)
            case 3: output.insert(UInt8(truncatingIfNeeded: next()), at: index)
            case 4: output.removeSubrange(index...)
            default: output.insert(contentsOf: output[index..<min(index + 8, output.count)], at: index)
            }
        }
        return output
    }

    /// Up to `most` places to cut an input of `count` bytes at, in order.
    package mutating func cuts(in count: Int, most: Int) -> [Int] {
        guard count > 0 else { return [] }
        return (0..<Int.random(in: 0...most, using: &self)).map { _ in Int.random(in: 0...count, using: &self) }
            .sorted()
    }
}
