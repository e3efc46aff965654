extension Array where Element == UInt8 {
    /// The bytes in pieces that begin at `cuts`, which are in order.
    package func cut(at cuts: [Int]) -> [[UInt8]] {
        let bounds = [0] + cuts + [count]
        return zip(bounds, bounds.dropFirst()).map { Array(self[$0..<$1]) }
    }

    /// One piece per byte.
    package var singleBytes: [[UInt8]] { map { [$0] } }

    /// The bytes written as hexadecimal digits; spaces are ignored.
    package init(hex: String) {
        let digits = hex.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue ?? 0) }
        self = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
