/// A value that the scanner has accepted: where it lies in its text, and what is known of it.
package struct ScannedValue: Equatable, Sendable {
    package let range: Range<Int>
    /// Whether it is a string without escapes, whose text is what stands between its quotes.
    package let isPlainString: Bool

    @inline(__always)
    package init(_ range: Range<Int>, isPlainString: Bool) {
        self.range = range
        self.isPlainString = isPlainString
    }
}
