/// Deterministic randomness (SplitMix64), so that a failing input can be had again.
struct JSONTestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSONTestRandom {
    /// Changes a few bytes of `bytes`: replaced, removed, doubled or cut off, mostly by bytes that JSON cares about.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        let telling = Array(#"{}[]",:\u0019.eE+-tfn "#.utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xFF, 0x0A]
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &self) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0, 1: bytes[index] = telling.randomElement(using: &self)!
            case 2: bytes.insert(telling.randomElement(using: &self)!, at: index)
            case 3: bytes.remove(at: index)
            case 4: bytes.insert(contentsOf: bytes[index...].prefix(5), at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        return bytes
    }
}
