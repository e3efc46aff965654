/// A value that the scanner has accepted: where it lies in its text, and what is known of it.
///
/// Compact, because every message carries a few; a text that is longer than 4 GiB is not scanned.
package struct ScannedValue: Equatable, Sendable {
    private let start: UInt32
    private let end: UInt32
    /// Whether it is a string without escapes, whose text is what stands between its quotes.
    package let isPlainString: Bool

    @inline(__always)
    package init(_ range: Range<Int>, isPlainString: Bool) {
        start = UInt32(range.lowerBound)
        end = UInt32(range.upperBound)
        self.isPlainString = isPlainString
    }

    package var range: Range<Int> {
        @inline(__always) get { Int(start)..<Int(end) }
    }
}
