package import NetLoop

/// What follows the head of a response.
package enum HTTPBody: Sendable {
    case bytes([UInt8])
    /// A part of a file, read piece by piece as the client takes it.
    case file(OpenFile, Range<Int>)
    /// Pieces without end or of unknown number: chunked, and to HTTP/1.0 until the connection ends.
    case stream(any HTTPBodyProducer)
}

/// Makes the body of one response piece by piece. Called on the connection's loop.
package protocol HTTPBodyProducer: AnyObject, Sendable {
    /// The client has taken what came before, but for `HTTPBodyStream.unsentLimit`: give `stream` one piece or its end,
    /// now or later. Called again only after a piece.
    func produce(for stream: HTTPBodyStream)
    /// The client has gone, or has closed its side. Called once at most. As long as the connection lasts it is asked for
    /// more nevertheless: a client that has closed its side may still read.
    func clientLeft()
}

/// Reads a part of a file for a response.
final class HTTPFileProducer: HTTPBodyProducer {
    private let file: OpenFile
    private let range: Range<Int>

    private static let pieceBytes = 64 * 1024

    init(_ file: OpenFile, _ range: Range<Int>) {
        self.file = file
        self.range = range
    }

    func produce(for stream: HTTPBodyStream) {
        let start = range.lowerBound + stream.byteCount
        let piece = file.read(start..<min(start + Self.pieceBytes, range.upperBound))
        // A file that has become shorter: the response cannot be made whole.
        if piece.isEmpty { stream.end() } else { stream.send(piece) }
    }

    func clientLeft() {}
}
