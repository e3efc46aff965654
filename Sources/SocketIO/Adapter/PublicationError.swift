/// What was sent to other nodes is not known to have reached what joins them.
///
/// Some of it may have arrived all the same, or arrive later: whoever sends it again may send it twice.
public struct PublicationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Hashable, Sendable {
        /// What joins the nodes, as Redis, has refused something, or was lost before it had taken all.
        case lost
        /// It did not say in time that it has all: it is away or slow.
        case timedOut
        /// The server does not listen, or has closed: it has no other nodes.
        case closed
        /// The waiting task was cancelled.
        case cancelled
    }

    /// What went wrong.
    public let code: Code

    /// An error with that code.
    public init(_ code: Code) {
        self.code = code
    }

    public var description: String {
        switch code {
        case .lost: "what was sent to other nodes is lost, or some of it: what joins them refused it or went away"
        case .timedOut: "what joins the nodes did not say in time that it has what was sent"
        case .closed: "the server does not listen, so that nothing goes to other nodes"
        case .cancelled: "the task that waited until other nodes can have what was sent was cancelled"
        }
    }
}
