internal import Synchronization

/// The acknowledgement that a peer asked for, as the handlers of the event get it (Protocol.md 4.4).
package enum AskedAck: Sendable {
    /// The handler answers if it has a value to answer with, or an `Ack`.
    case value(UInt64)
    /// No handler has: an empty one goes once all have ended.
    case empty(EmptyAck)

    /// The id, for a handler that answers with a value.
    package var valueID: UInt64? {
        switch self {
        case .value(let id): id
        case .empty: nil
        }
    }
}

/// The acknowledgement of an event whose handlers have no value: it says that all of them have ended without throwing.
package final class EmptyAck: Sendable {
    package let id: UInt64
    private let handlersLeft: Atomic<Int>

    package init(_ id: UInt64, handlers: Int) {
        self.id = id
        handlersLeft = Atomic(handlers)
    }

    /// A handler has ended without throwing.
    ///
    /// - Returns: Whether it was the last: the acknowledgement is to be sent.
    package func handlerEnded() -> Bool {
        handlersLeft.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }
}
