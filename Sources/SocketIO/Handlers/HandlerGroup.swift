internal import SocketIOWire

/// The handlers of one event, as they are called. Never changes: what is registered or removed while an event is handled
/// counts from the next event on.
final class HandlerGroup: Sendable {
    private let first: EventHandler
    /// Most events have one handler.
    private let rest: [EventHandler]

    /// Whether it stands for one that has to be made anew.
    let isStale: Bool

    /// - Parameter handlers: One or more.
    init(_ handlers: [EventHandler]) {
        first = handlers[0]
        rest = Array(handlers.dropFirst())
        isStale = false
    }

    private init() {
        first = EventHandler(of: []) { _, _, _, _, _, _ in }
        rest = []
        isStale = true
    }

    static let stale = HandlerGroup()

    var handlerIDs: [UInt64] { [first.id] + rest.map(\.id) }

    /// Calls the handlers in order, until one of them ends the socket.
    @inline(always)
    func call(
        _ socket: Socket, _ event: EventPayload, _ ackID: inout UInt64?, _ text: Span<UInt8>,
        _ attachments: [[UInt8]]
    ) {
        guard socket.isConnected else { return }
        first.call(socket, event, &ackID, text, attachments)
        if !rest.isEmpty { callRest(socket, event, &ackID, text, attachments) }
    }

    @inline(never)
    private func callRest(
        _ socket: Socket, _ event: EventPayload, _ ackID: inout UInt64?, _ text: Span<UInt8>,
        _ attachments: [[UInt8]]
    ) {
        for handler in rest {
            guard socket.isConnected else { return }
            handler.call(socket, event, &ackID, text, attachments)
        }
    }
}
