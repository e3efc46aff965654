package import SocketIOEvents

/// From the page, or the terminal.
extension Request {
    /// Says something; the answer is what everybody gets of it.
    package static var say: Request<Draft, Message> { Request<Draft, Message>("say", replying: Message.self) }
}

/// To there.
extension Event {
    /// What was said before somebody came, in order.
    package static var history: Event<[Message]> { Event<[Message]>("history") }
    package static var message: Event<Message> { Event<Message>("message") }
}
