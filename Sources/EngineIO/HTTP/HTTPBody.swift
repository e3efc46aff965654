/// What follows the head of a response.
package enum HTTPBody: Sendable {
    case bytes([UInt8])
    /// A part of a file: opened if the client wants it, and read piece by piece as it takes it.
    case file(HTTPFile, Range<Int>)
    /// The file at this path, if there is one, looked for when it is known how the client wants it.
    case fileAt(String)
    /// Pieces without end or of unknown number: chunked, and to HTTP/1.0 until the connection ends.
    case stream(any HTTPBodyProducer & Sendable)
    /// The same, written by a task of the application.
    case written(WrittenBodyWork)
}

/// Makes the body of one response piece by piece. Called on the connection's loop.
package protocol HTTPBodyProducer: AnyObject {
    /// The client has taken what came before, but for `HTTPBodyStream.unsentLimit`: give `stream` one piece or its end,
    /// now or later. Called again only after a piece.
    func produce(for stream: HTTPBodyStream)
    /// The client has gone, or has closed its side. Called once at most. As long as the connection lasts it is asked for
    /// more nevertheless: a client that has closed its side may still read.
    func clientLeft()
    /// The connection is gone before the body was whole, after `clientLeft`: no piece is asked for any more.
    func connectionLost()
    /// The server closes, and waits a moment for what is under way.
    func serverCloses()
}

extension HTTPBodyProducer {
    package func connectionLost() {}
    package func serverCloses() {}
}

/// The body of a response that has none, or of which none is wanted.
final class NoPieces: HTTPBodyProducer {
    func produce(for stream: HTTPBodyStream) { stream.end() }
    func clientLeft() {}
}
