/// What a value is.
package enum JSONKind: UInt8, Sendable {
    case null, `true`, `false`, number, string, array, object
}

/// Told by the scanner what it meets, in the order of the text.
protocol JSONSink {
    /// A value that holds no others; the range of a string lies between its quotes.
    mutating func scalar(_ kind: JSONKind, _ range: Range<Int>)
    /// A string; `isEscaped` if it holds a backslash.
    mutating func string(_ range: Range<Int>, isEscaped: Bool)
    /// A key; its value follows.
    mutating func key(_ range: Range<Int>, isEscaped: Bool)
    /// An array or an object begins.
    mutating func open(_ kind: JSONKind, at offset: Int)
    /// The innermost array or object ends.
    mutating func close()
}

/// Keeps of a string whether it is written with escapes.
struct StringForm: JSONSink {
    private(set) var isEscaped = false

    mutating func string(_ range: Range<Int>, isEscaped: Bool) { self.isEscaped = isEscaped }
    mutating func key(_ range: Range<Int>, isEscaped: Bool) {}
    mutating func scalar(_ kind: JSONKind, _ range: Range<Int>) {}
    mutating func open(_ kind: JSONKind, at offset: Int) {}
    mutating func close() {}
}

/// For checking only; its calls vanish when the scanner is specialised for it.
struct NothingKept: JSONSink {
    @inline(__always) mutating func scalar(_ kind: JSONKind, _ range: Range<Int>) {}
    @inline(__always) mutating func string(_ range: Range<Int>, isEscaped: Bool) {}
    @inline(__always) mutating func key(_ range: Range<Int>, isEscaped: Bool) {}
    @inline(__always) mutating func open(_ kind: JSONKind, at offset: Int) {}
    @inline(__always) mutating func close() {}
}
