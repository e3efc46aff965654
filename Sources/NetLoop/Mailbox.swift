internal import Synchronization

/// Something that one thread asks a loop to do: data and a method, not a closure, so that what crosses is in its type.
package protocol LoopMessage: Sendable {
    /// Called once on the loop's thread.
    func deliver(on loop: EventLoop)
    /// How many bytes it holds for as long as it waits; zero for what has to be delivered, however much waits.
    var byteCount: Int { get }
}

extension LoopMessage {
    package var byteCount: Int { 0 }
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
        /// Too many bytes wait already: it is not taken.
        case refused
    }

    /// Not private, because Swift 6.3 cannot compile a private type within a `Mutex` of a noncopyable one.
    struct Contents {
        var mails: [Mail] = []
        var hasReader = true
        /// Of the messages that count.
        var byteCount = 0
    }

    private let state = Mutex(Contents())
    /// Bytes of messages at which no more are taken.
    private let byteLimit: Int

    init(byteLimit: Int = .max) {
        self.byteLimit = byteLimit
    }

    /// Adds `mail`, unless it counts and too much waits.
    ///
    /// - Parameter byteCount: What it holds; zero for what is taken in any case.
    func post(_ mail: Mail, byteCount: Int = 0) -> Delivery {
        state.withLock { state in
            if byteCount > 0 {
                // One that is too large on its own is taken where nothing waits.
                guard state.byteCount == 0 || state.byteCount <= byteLimit - byteCount else { return .refused }
                state.byteCount += byteCount
            }
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
            state.byteCount = 0
            return taken
        }
    }

    /// There is no reader after all: the next one who posts is to be it, or to start one.
    func abandonReading() {
        state.withLock { $0.hasReader = false }
    }

    /// Ends the reading, unless there is mail.
    func endReading() -> Bool {
        state.withLock { state in
            if state.mails.isEmpty { state.hasReader = false }
            return !state.hasReader
        }
    }
}
