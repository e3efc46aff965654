/// Puts a body whose pieces come one by one into the form that its head announced; what `HTTPBodyReader` reads.
package struct HTTPBodyWriter: Sendable {
    private enum State: Sendable {
        /// The rest of what `Content-Length` said.
        case fixed(missing: Int)
        /// RFC 9112 7.1.
        case chunked
        /// The end of the connection ends it.
        case untilClose
        /// The head stands alone.
        case omitted
    }

    private var state: State

    /// - Parameter isOmitted: Whether the response has the head of a body, but none, as to HEAD.
    package init(_ length: HTTPBodyLength, isOmitted: Bool = false) {
        state =
            switch length {
            case _ where isOmitted: .omitted
            case .none: .omitted
            case .fixed(let count): .fixed(missing: count)
            case .chunked: .chunked
            case .untilClose: .untilClose
            }
    }

    /// Whether a piece may follow.
    package var takesPieces: Bool {
        switch state {
        case .fixed(let missing): missing > 0
        case .chunked, .untilClose: true
        case .omitted: false
        }
    }

    /// Appends what stands in front of a piece.
    ///
    /// - Returns: How many of its first bytes are to follow: not more than were announced.
    package mutating func beginPiece(of count: Int, into writer: ByteWriter) -> Int {
        switch state {
        case .fixed(let missing):
            let taken = min(count, missing)
            state = .fixed(missing: missing - taken)
            return taken
        case .chunked:
            // An empty chunk would be the last.
            guard count > 0 else { return 0 }
            writer.append(utf8: String(count, radix: 16))
            writer.append("\r\n")
            return count
        case .untilClose: return count
        case .omitted: return 0
        }
    }

    /// Appends what stands behind a piece that is not empty.
    package func endPiece(into writer: ByteWriter) {
        switch state {
        case .chunked: writer.append("\r\n")
        case .fixed, .untilClose, .omitted: break
        }
    }

    /// Appends the end of the body, after the last piece. False if less came than was announced.
    package func end(into writer: ByteWriter) -> Bool {
        switch state {
        case .fixed(let missing): return missing == 0
        case .chunked:
            writer.append("0\r\n\r\n")
            return true
        case .untilClose, .omitted: return true
        }
    }
}
