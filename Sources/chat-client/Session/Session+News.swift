import ChatEvents
import CommandLineOptions

// What the server says by itself.

extension Session {
    static let missed = Action.warn("-- more came than could be shown: some of it is left out")

    mutating func hear(_ news: News) -> [Action] {
        switch news {
        case .welcome(let welcome):
            rooms = Names(welcome.rooms)
            roomsNumber = welcome.number
            guard welcome.name != name else { return [] }
            name = welcome.name
            return [.print("-- here you are \(name.isolated)")]
        case .message(let message):
            guard link == .inRoom, message.room == room.name else { return hold(news) }
            return room.show(message) ? [.print(Self.line(message))] : []
        case .whisper(let message):
            let who = message.from == name ? "to \((message.to ?? "").isolated)" : "from \(message.from.isolated)"
            return [.print("[\(who)] \(message.text.isolated)")]
        case .people(let change):
            guard link == .inRoom, change.room == room.name else { return hold(news) }
            let (came, went) = room.apply(change)
            return came.map { .print("-- \($0.isolated) is here") } + went.map { .print("-- \($0.isolated) has left") }
        case .rooms(let change):
            guard change.number > roomsNumber else { return [] }
            roomsNumber = change.number
            for room in change.removed { _ = rooms.remove(room) }
            for room in change.added { _ = rooms.insert(room) }
            return []
        case .announcement(let announcement): return [.print("** \(announcement.text.isolated)")]
        case .removed(let words): return [.warn("-- \(words.isolated)")]
        case .unknown(let words):
            // A server can repeat itself for ever.
            guard words != lastTrouble else { return [] }
            lastTrouble = words
            return [.warn("-- this client does not understand what the server says: \(words.isolated)")]
        }
    }

    /// Keeps what may be news of the room that is being entered: a handler runs when the event arrives, what follows an
    /// `await` a little later, so that news can overtake the reply which they came after.
    private mutating func hold(_ news: News) -> [Action] {
        if case .asked(.join, _) = turn { held.append(news) }
        return []
    }

    /// What was held, now that the room is entered.
    mutating func hearHeld() -> [Action] {
        let old = held
        held = HeldNews()
        return (old.missesSome ? [Self.missed] : []) + old.news.flatMap { hear($0) }
    }

    static func line(_ message: Message) -> String { "\(message.from.isolated): \(message.text.isolated)" }
}
