/// An event that is declared once and used on both sides: its name and its arguments' types.
///
/// ```swift
/// extension Event {
///     static var message: Event<Message> { Event<Message>("chat message") }
///     static var moved: Event<Int, Int> { Event<Int, Int>("moved") }
/// }
///
/// socket.on(.message) { message in print(message.text) }
/// socket.emit(.moved, 3, 4)
/// ```
public struct Event<each Argument: Codable & Sendable>: Sendable {
    /// What the event is called on the wire.
    public let name: EventName

    /// The event of that name.
    public init(_ name: EventName) {
        self.name = name
    }
}

/// An event that is answered: its name, its arguments' types and its reply's.
///
/// ```swift
/// extension Request {
///     static var history: Request<Int, [Message]> { Request<Int, [Message]>("history", replying: [Message].self) }
/// }
///
/// socket.on(.history) { limit in await log.suffix(limit) }
/// let recent = try await socket.emitWithAck(.history, 20)
/// ```
public struct Request<each Argument: Codable & Sendable, Reply: Codable & Sendable>: Sendable {
    /// What the event is called on the wire.
    public let name: EventName

    /// The event of that name, with an answer of that type.
    public init(_ name: EventName, replying: Reply.Type) {
        self.name = name
    }
}
