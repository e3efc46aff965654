import ChatEvents

/// A room: who is in it, and what was said last.
struct ChatRoom: Sendable {
    let name: Name
    /// Who made it; nil for one that is always there.
    let maker: Network?
    var people: Set<Name> = []
    private(set) var messages: [Message] = []
    private var bytes = 0
    /// The last message that is not kept any more.
    private var lastForgotten = 0

    init(_ name: Name, madeBy maker: Network?) {
        self.name = name
        self.maker = maker
    }

    /// It may make way for another.
    var isUnused: Bool { people.isEmpty && maker != nil }

    mutating func keep(_ message: Message) {
        messages.append(message)
        bytes += message.text.utf8.count
        while messages.count > Limits.messagesPerRoom || bytes > Limits.historyBytesPerRoom {
            let oldest = messages.removeFirst()
            bytes -= oldest.text.utf8.count
            lastForgotten = oldest.number
        }
    }

    func messages(since number: Int) -> [Message] {
        Array(messages.drop { $0.number <= number })
    }

    func misses(since number: Int) -> Bool { number < lastForgotten }
}
