/// No usable acknowledgement came.
public struct AckError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Hashable, Sendable {
        /// The peer did not answer in time.
        case timedOut
        /// The connection ended first, or there was none.
        case disconnected
        /// The answer is not of the type that was asked for.
        case undecodableReply
        /// An argument of the request cannot be encoded: nothing was sent. What it was is told to `onHandlerError`.
        case unencodable
        /// The waiting task was cancelled.
        case cancelled
        /// More acknowledgements are awaited than the limit allows.
        case tooManyPending
    }

    /// What went wrong.
    public let code: Code

    /// An error with that code.
    public init(_ code: Code) {
        self.code = code
    }

    public var description: String {
        switch code {
        case .timedOut: "the peer did not acknowledge in time"
        case .disconnected: "the connection ended before the acknowledgement"
        case .undecodableReply: "the acknowledgement is not of the expected type"
        case .unencodable: "an argument cannot be encoded, so that nothing was sent"
        case .cancelled: "the task that waited for the acknowledgement was cancelled"
        case .tooManyPending: "too many acknowledgements are awaited from this peer"
        }
    }
}
