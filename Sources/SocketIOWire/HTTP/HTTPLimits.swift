/// What one HTTP message may hold (Protocol.md 6). Kept small: every connection has a copy.
package struct HTTPLimits: Sendable {
    private let rawHeadBytes: UInt16
    private let rawHeaderCount: UInt16
    private let rawBodyBytes: UInt32

    /// The start line and all fields with their line ends; one more is 414 or 431. Chunk extensions and trailers of a
    /// body may together be as long; one more is 400.
    package var lineAndHeaderBytes: Int { Int(rawHeadBytes) }

    /// The most fields; one more is 431.
    package var headerCount: Int { Int(rawHeaderCount) }

    /// The most bytes of a decoded body; one more is 413.
    package var bodyBytes: Int { Int(rawBodyBytes) }

    /// Values beyond what the compact form holds (64 KiB, 65535, 4 GiB) are lowered to that.
    package init(lineAndHeaderBytes: Int = 16 * 1024, headerCount: Int = 100, bodyBytes: Int = 1_000_000) {
        rawHeadBytes = UInt16(clamping: lineAndHeaderBytes)
        rawHeaderCount = UInt16(clamping: headerCount)
        rawBodyBytes = UInt32(clamping: bodyBytes)
    }

    /// The same with so much more room for a head.
    package func widened(bytes: Int, headers: Int) -> HTTPLimits {
        HTTPLimits(
            lineAndHeaderBytes: lineAndHeaderBytes + bytes, headerCount: headerCount + headers, bodyBytes: bodyBytes)
    }

    /// Whether a head that was taken within wider limits is within these, too.
    package func allow(_ head: HTTPRequestHead) -> Bool {
        head.fields.storage.count <= lineAndHeaderBytes && head.fields.entries.count <= headerCount
    }

    /// Whether a head is within these where it is passed on with `bytes` more, and a blank in each field.
    package func allow(_ head: HTTPRequestHead, adding bytes: Int) -> Bool {
        head.fields.storage.count + head.fields.entries.count + bytes <= lineAndHeaderBytes
    }

    /// Whether a body is announced with more bytes than are taken.
    func isExceeded(by length: HTTPBodyLength) -> Bool {
        switch length {
        case .fixed(let count): count > bodyBytes
        case .none, .chunked, .untilClose: false
        }
    }
}
