import ChatEvents

/// A room: who is in it, and what was said last.
struct ChatRoom: Sendable {
    let name: Name
    var isPermanent = false
    var people: Set<Name> = []
    private(set) var messages: [Message] = []
    private var bytes = 0
    /// The last message that is not kept any more.
    private var lastForgotten = 0

    init(_ name: Name, isPermanent: Bool = false) {
        self.name = name
        self.isPermanent = isPermanent
    }

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
