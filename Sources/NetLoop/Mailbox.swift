internal import Synchronization

/// Something that one thread asks a loop to do: data and a method, not a closure, so that what crosses is in its type.
package protocol LoopMessage: Sendable {
    /// Called once on the loop's thread.
    func deliver(on loop: EventLoop)
}

/// What other threads have for a loop. Wake-ups are coalesced: one for a burst.
struct Mailbox: ~Copyable {
    enum Mail: Sendable {
        case message(any LoopMessage)
        case job(UnownedJob)
    }

    private let mails = Mutex<[Mail]>([])

    /// Adds `mail`; true if the loop must be woken, because it was empty before.
    func post(_ mail: Mail) -> Bool {
        mails.withLock { mails in
            mails.append(mail)
            return mails.count == 1
        }
    }

    /// Takes all that is there, in the order posted.
    func take() -> [Mail] {
        mails.withLock { mails in
            let taken = mails
            mails = []
            return taken
        }
    }
}
