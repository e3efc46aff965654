import ChatEvents

/// What is known of the room that is shown.
struct RoomView {
    /// As the server spells it, once it has been entered.
    private(set) var name: String
    private(set) var people = Names()
    private(set) var wasEntered = false
    /// Of `people`: what was decided before it is known already, even if it arrives later.
    ///
    /// The server tells its changes of people in order, so that only an answer to `join` crosses them.
    private var peopleNumber = 0
    /// The numbers of the messages that were shown last: one can arrive after another that was said later, and again with
    /// the reply to `join`.
    private var shown: [Int] = []

    /// More than messages overtake each other.
    private static let overlap = 16

    init(_ name: String) {
        self.name = name
    }

    /// The number of the last message before which none is missing; 0 if there is none.
    var since: Int { shown.dropLast(Self.overlap).last ?? (shown.first ?? 1) - 1 }

    /// Takes over who is there, and returns what was said and not shown yet.
    mutating func enter(_ reply: JoinReply) -> [Message] {
        if name != reply.room { self = RoomView(reply.room) }
        wasEntered = true
        // Who asks again for the room that they are in may have heard of later changes before the answer.
        if reply.number >= peopleNumber {
            peopleNumber = reply.number
            people = Names(reply.people)
        }
        return reply.messages.filter { show($0) }
    }

    /// Whether the message is one of this room, and was not shown yet.
    mutating func show(_ message: Message) -> Bool {
        guard message.room == name, !shown.contains(message.number) else { return false }
        shown.append(message.number)
        if shown.count > 16 * Self.overlap { shown.removeFirst(8 * Self.overlap) }
        return true
    }

    /// Who came and who went that was not known.
    mutating func apply(_ change: PeopleChange) -> (came: [String], went: [String]) {
        guard change.room == name, change.number > peopleNumber else { return ([], []) }
        peopleNumber = change.number
        return (
            came: change.came.filter { people.insert($0) },
            went: change.went.filter { people.remove($0) }
        )
    }
}
