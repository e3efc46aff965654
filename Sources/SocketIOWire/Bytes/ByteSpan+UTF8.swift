extension Span where Element == UInt8 {
    /// Whether the bytes of `range` are UTF-8.
    package func isUTF8(in range: Range<Int>) -> Bool {
        (try? UTF8Span(validating: extracting(range))) != nil
    }
}
