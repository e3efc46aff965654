extension Masking {
    /// The key whose first byte meets what follows after `count` masked bytes.
    package static func rotate(_ key: UInt32, by count: Int) -> UInt32 {
        let shift = UInt32(truncatingIfNeeded: count & 3) &* 8
        return key &<< shift | key &>> (32 &- shift)
    }
}
