import ChatEvents
import CommandLineOptions

// What the server answers.

extension Session {
    mutating func takeAnswer(_ answer: Answer) -> [Action] {
        switch turn {
        case .free, .paused: return []
        case .orphaned(let entry): return takeLateAnswer(answer, to: entry)
        case .asked(let question, let entry): return takeAnswer(answer, to: question, entry)
        }
    }

    private mutating func takeAnswer(_ answer: Answer, to question: Question, _ entry: Outbox.Entry?) -> [Action] {
        switch answer {
        case .entry(let reply):
            guard let words = reply.error else { return enter(reply, entry) }
            if let seconds = reply.retryAfter { return pause(seconds, words, question, entry) }
            return entry.map { refuse($0, words.isolated) } ?? stayOutside(words)
        case .receipt(let receipt):
            guard let words = receipt.error else { return finish(entry) }
            if let seconds = receipt.retryAfter { return pause(seconds, words, question, entry) }
            return entry.map { refuse($0, words.isolated) } ?? finish(nil)
        case .notSent:
            // That the connection is lost is on its way, and puts the entry back; or this was asked for an earlier
            // connection, and the next one is under way.
            turn = .paused(question, entry)
            return [.pause(Self.shortPause)]
        case .none(let words, connectionLost: true):
            // That it is lost, and why, is on its way.
            link = .connecting
            return takeLateAnswer(.none(words, connectionLost: true), to: entry)
        case .none(let words, connectionLost: false):
            return entry.map { doubt($0, words) } ?? stayOutside(words)
        }
    }

    /// An answer to what was asked of a connection that is gone.
    private mutating func takeLateAnswer(_ answer: Answer, to entry: Outbox.Entry?) -> [Action] {
        turn = .free
        guard let entry else { return [] }
        // To be in a room ends with the connection, and can be asked for twice.
        if case .join = entry.command {
            outbox.putBack(entry)
            return []
        }
        switch answer {
        case .notSent:
            outbox.putBack(entry)
            return []
        case .entry: return finish(entry)
        case .receipt(let receipt): return receipt.error.map { refuse(entry, $0.isolated) } ?? finish(entry)
        case .none(let words, connectionLost: _): return doubt(entry, words)
        }
    }

    /// Sent, and not answered: to send it again might say it twice.
    private mutating func doubt(_ entry: Outbox.Entry, _ words: String) -> [Action] {
        hasFailed = true
        return [.warn("-- perhaps not sent (\(words)): \(entry.line)")] + finish(entry)
    }

    // MARK: Rooms

    private mutating func enter(_ reply: JoinReply, _ entry: Outbox.Entry?) -> [Action] {
        let (old, wasInRoom) = (room.name, link == .inRoom)
        let isNew = !room.wasEntered || reply.room != old
        let messages = room.enter(reply)
        link = .inRoom
        var actions: [Action] = [.print("-- \(room.name.isolated): \(room.people.list)")]
        if reply.missesSome, !isNew {
            actions.append(.print("-- some of what was said meanwhile is not kept any more"))
        }
        actions += (isNew ? messages.suffix(10) : messages[...]).map { .print(Self.line($0)) }
        actions.append(.label(room.name))
        if wasInRoom, old != room.name { actions.append(.leave(room: old)) }
        return actions + finish(entry) + hearHeld()
    }

    /// The room that we want to be in is closed to us.
    private mutating func stayOutside(_ words: String) -> [Action] {
        guard isAttended else { return end(because: "cannot enter \(room.name): \(words)") }
        link = .inNoRoom
        turn = .free
        return [
            .warn("-- cannot enter \(room.name.isolated): \(words.isolated); /join ROOM tries another"), .label(""),
        ]
    }

    // MARK: Too soon

    private static let shortPause = 0.05

    /// Waits as long as the server says, within reason: not for ever either.
    private mutating func pause(
        _ seconds: Double, _ words: String, _ question: Question, _ entry: Outbox.Entry?
    ) -> [Action] {
        setbacks += 1
        guard setbacks < Self.setbacksLimit else {
            let tried = "\(words) (asked \(setbacks) times)"
            setbacks = 0
            return entry.map { refuse($0, tried.isolated) } ?? stayOutside(tried)
        }
        turn = .paused(question, entry)
        let pause = Action.pause(min(max(seconds, Self.shortPause), 60))
        guard isAttended, words != lastTrouble else { return [pause] }
        lastTrouble = words
        return [.print("-- \(words.isolated) It is sent then."), pause]
    }

    mutating func askAgain() -> [Action] {
        guard case .paused(let question, let entry) = turn else { return [] }
        return ask(question, for: entry)
    }
}
