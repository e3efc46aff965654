internal import Synchronization

/// Something that one thread asks a loop to do: data and a method, not a closure, so that what crosses is in its type.
package protocol LoopMessage: Sendable {
    /// Called once on the loop's thread.
    func deliver(on loop: EventLoop)
}

/// What other threads have for a loop. Wake-ups are coalesced: one for a burst.
///
/// It has one reader at a time: the loop's thread, and after the loop's end whoever is started for late mail.
struct Mailbox: ~Copyable {
    enum Mail: Sendable {
        case message(any LoopMessage)
        case job(UnownedJob)
    }

    /// What whoever posted has to do.
    enum Delivery {
        /// The reader knows that there is mail.
        case underWay
        /// Wake the reader: there was no mail before.
        case wake
        /// Become the reader, or start one: the last one ended.
        case read
    }

    /// Not private, because Swift 6.3 cannot compile a private type within a `Mutex` of a noncopyable one.
    struct Contents {
        var mails: [Mail] = []
        var hasReader = true
    }

    private let state = Mutex(Contents())

    /// Adds `mail`.
    func post(_ mail: Mail) -> Delivery {
        state.withLock { state in
            state.mails.append(mail)
            guard state.hasReader else {
                state.hasReader = true
                return .read
            }
            return state.mails.count == 1 ? .wake : .underWay
        }
    }

    /// Takes all that is there, in the order posted.
    func take() -> [Mail] {
        state.withLock { state in
            let taken = state.mails
            state.mails = []
            return taken
        }
    }

    /// Ends the reading, unless there is mail.
    func endReading() -> Bool {
        state.withLock { state in
            if state.mails.isEmpty { state.hasReader = false }
            return !state.hasReader
        }
    }
}
