internal import SocketIOEvents
internal import SocketIOWire

/// The handlers of one event, as they are called. Never changes: what is registered or removed while an event is handled
/// counts from the next event on.
final class HandlerGroup: Sendable {
    private let first: EventHandler
    /// Most events have one handler.
    private let rest: [EventHandler]

    /// Whether one of them answers with a value.
    private let replies: Bool

    /// Whether it is one handler, which does: what most events are that ask for an acknowledgement.
    private let isOneReply: Bool

    /// Whether it stands for one that has to be made anew.
    let isStale: Bool

    /// - Parameter handlers: One or more.
    init(_ handlers: [EventHandler]) {
        first = handlers[0]
        rest = Array(handlers.dropFirst())
        replies = handlers.contains(where: \.replies)
        isOneReply = replies && rest.isEmpty
        isStale = false
    }

    private init() {
        first = EventHandler(of: []) { _, _, _, _, _, _ in }
        rest = []
        replies = false
        isOneReply = false
        isStale = true
    }

    static let stale = HandlerGroup()

    var handlerIDs: [UInt64] { [first.id] + rest.map(\.id) }

    /// Calls the handlers in order, until one of them ends the socket.
    ///
    /// - Parameter ackID: The acknowledgement that the client asks for.
    @inline(always)
    func call(
        _ socket: Socket, _ event: EventPayload, _ ackID: UInt64?, _ text: Span<UInt8>, _ attachments: [[UInt8]]
    ) {
        guard socket.isConnected else { return }
        guard let ackID else {
            first.call(socket, event, nil, text, attachments)
            if !rest.isEmpty { callRest(socket, event, text, attachments) }
            return
        }
        if isOneReply { return first.call(socket, event, .value(ackID), text, attachments) }
        callAsked(socket, event, ackID, text, attachments)
    }

    @inline(never)
    private func callRest(
        _ socket: Socket, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]]
    ) {
        for handler in rest {
            guard socket.isConnected else { return }
            handler.call(socket, event, nil, text, attachments)
        }
    }
}

// Where the client asks for an acknowledgement.
extension HandlerGroup {
    @inline(never)
    private func callAsked(
        _ socket: Socket, _ event: EventPayload, _ ackID: UInt64, _ text: Span<UInt8>, _ attachments: [[UInt8]]
    ) {
        var asked: AskedAck? = replies ? .value(ackID) : .empty(EmptyAck(ackID, handlers: count))
        callAll(socket, event, &asked, text, attachments)
    }

    /// Calls the handlers of `shared`, a namespace's, and then these, which are a socket's own.
    func call(
        after shared: HandlerGroup?, _ socket: Socket, _ event: EventPayload, _ ackID: UInt64?, _ text: Span<UInt8>,
        _ attachments: [[UInt8]]
    ) {
        guard let shared, let ackID else {
            shared?.call(socket, event, ackID, text, attachments)
            return call(socket, event, ackID, text, attachments)
        }
        var asked: AskedAck? =
            shared.replies || replies
            ? .value(ackID) : .empty(EmptyAck(ackID, handlers: shared.count + count))
        shared.callAll(socket, event, &asked, text, attachments)
        callAll(socket, event, &asked, text, attachments)
    }

    private func callAll(
        _ socket: Socket, _ event: EventPayload, _ asked: inout AskedAck?, _ text: Span<UInt8>,
        _ attachments: [[UInt8]]
    ) {
        for place in 0..<count {
            guard socket.isConnected else { return }
            let handler = place == 0 ? first : rest[place - 1]
            handler.call(socket, event, asked, text, attachments)
            // Protocol.md 4.4: an acknowledgement is sent once; the first handler that can answer does, or none.
            if handler.replies { asked = nil }
        }
    }

    private var count: Int { rest.count + 1 }
}
