/// The parts of a request target (RFC 9112 3.2), as offsets into the head.
struct HTTPTarget: Sendable {
    private let authorityStart: UInt16
    private let pathStart: UInt16
    private let pathEnd: UInt16
    private let rawEnd: UInt16

    /// Empty unless the target is a URL.
    var authority: Range<Int> { Int(authorityStart)..<Int(pathStart) }
    /// Empty only for a URL without a path.
    var path: Range<Int> { Int(pathStart)..<Int(pathEnd) }
    /// Without the `?`.
    var query: Range<Int> { min(Int(pathEnd) + 1, end)..<end }
    var end: Int { Int(rawEnd) }

    /// Reads a path, a URL, or the `*` of OPTIONS; the authority-form of CONNECT is for proxies.
    ///
    /// - Parameter range: Not beyond 64 KiB.
    init(_ bytes: Span<UInt8>, in range: Range<Int>, of method: HTTPMethod) throws(HTTPFailure) {
        for index in range {
            guard bytes[index].isTargetByte else { throw HTTPFailure(400, "a byte that no URL has in the target") }
        }
        guard !range.isEmpty else { throw HTTPFailure(400, "no target") }
        var authority = range.lowerBound..<range.lowerBound
        let isAsterisk = method == .options && bytes.extracting(range).equals("*")
        if !isAsterisk, bytes[range.lowerBound] != UInt8(ascii: "/") {
            authority = try Self.authority(bytes, in: range)
        }
        authorityStart = UInt16(authority.lowerBound)
        pathStart = UInt16(authority.upperBound)
        rawEnd = UInt16(range.upperBound)
        var pathEnd = authority.upperBound
        while pathEnd < range.upperBound, bytes[pathEnd] != UInt8(ascii: "?") { pathEnd &+= 1 }
        self.pathEnd = UInt16(pathEnd)
    }

    /// Where the authority is in `http://authority/path`.
    private static func authority(_ bytes: Span<UInt8>, in range: Range<Int>) throws(HTTPFailure) -> Range<Int> {
        for scheme in ["http://", "https://"] {
            let start = range.lowerBound &+ scheme.utf8.count
            guard start < range.upperBound,
                bytes.extracting(range.lowerBound..<start).equalsIgnoringCase(scheme.utf8.span)
            else { continue }
            var end = start
            while end < range.upperBound, bytes[end].isAuthorityByte { end &+= 1 }
            let isEnded = end == range.upperBound || bytes[end] == UInt8(ascii: "/") || bytes[end] == UInt8(ascii: "?")
            guard end > start, isEnded else { break }
            return start..<end
        }
        throw HTTPFailure(400, "a target that is neither a path nor a URL")
    }
}
