/// What a `Range` asks for (RFC 9110 14.2) of a representation whose length is known.
package enum HTTPRange: Equatable, Sendable {
    /// All of it: there is no range, it is none that is understood, or there are several.
    case whole
    case part(Range<Int>)
    /// Nothing that is there.
    case unsatisfiable

    /// - Parameter length: An empty representation is always whole: it has no part that could be named.
    package init(_ header: String?, ofLength length: Int) {
        self = .whole
        guard let header, length > 0, let range = Self.positions(in: header.utf8.span) else { return }
        switch range {
        case (nil, nil): break
        case (nil, let suffix?): self = suffix == 0 ? .unsatisfiable : .part(max(0, length - suffix)..<length)
        case (let first?, let last):
            guard first <= last ?? .max else { return }
            self = first < length ? .part(first..<min(last ?? .max, length - 1) + 1) : .unsatisfiable
        }
    }

    /// What `Content-Range` says of the part, or of that there is none (RFC 9110 14.4).
    package func contentRange(ofLength length: Int) -> String? {
        switch self {
        case .whole: nil
        case .part(let range): "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
        case .unsatisfiable: "bytes */\(length)"
        }
    }

    /// The numbers around the `-` of a single range of bytes; nil if it is none.
    private static func positions(in header: Span<UInt8>) -> (Int?, Int?)? {
        let unit = "bytes="
        let start = unit.utf8.count
        guard header.count > start, header.extracting(0..<start).equalsIgnoringCase(unit.utf8.span) else { return nil }
        let range = header.extracting(header.trimmed(start..<header.count))
        guard let dash = range.firstIndex(of: UInt8(ascii: "-")),
            let first = number(range.extracting(0..<dash)), let last = number(range.extracting(dash &+ 1..<range.count))
        else { return nil }
        return (first, last)
    }

    /// The number that the digits are, nil within for no digits; nil for anything else. Numbers beyond all lengths are one.
    private static func number(_ digits: Span<UInt8>) -> Int?? {
        guard digits.count > 0 else { return .some(nil) }
        var number = 0
        for index in digits.indices {
            guard digits[index].isDigit else { return nil }
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(digits[index] &- UInt8(ascii: "0")))
            number = overflow || sumOverflow ? .max : sum
        }
        return number
    }
}
