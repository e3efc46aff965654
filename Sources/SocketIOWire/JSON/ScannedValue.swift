/// A value that the scanner has accepted: where it lies in its text, and what is known of it.
///
/// Compact, because every message carries a few; a text that is longer than 4 GiB is not scanned.
package struct ScannedValue: Equatable, Sendable {
    private let start: UInt32
    private let end: UInt32
    /// 0 if nothing is known, 1 for a plain string, otherwise the scan that kept the nodes.
    private let knowledge: UInt32

    @inline(__always)
    package init(_ range: Range<Int>, isPlainString: Bool) {
        self.init(range, knowledge: isPlainString ? 1 : 0)
    }

    /// An array or an object.
    @inline(__always)
    init(_ range: Range<Int>, scan: JSONMemory.Scan?) {
        self.init(range, knowledge: scan.map { $0.number &+ 1 } ?? 0)
    }

    @inline(__always)
    private init(_ range: Range<Int>, knowledge: UInt32) {
        start = UInt32(range.lowerBound)
        end = UInt32(range.upperBound)
        self.knowledge = knowledge
    }

    package var range: Range<Int> {
        @inline(__always) get { Int(start)..<Int(end) }
    }

    /// Whether it is a string without escapes, whose text is what stands between its quotes.
    package var isPlainString: Bool {
        @inline(__always) get { knowledge == 1 }
    }

    /// The scan of a ``JSONMemory`` that kept the value's nodes, if one did.
    var scan: JSONMemory.Scan? {
        @inline(__always) get { knowledge > 1 ? JSONMemory.Scan(number: knowledge &- 1) : nil }
    }
}
