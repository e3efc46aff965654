internal import SocketIOWire

/// Handlers by event name, found by the name's bytes so that no `String` is made for a message.
///
/// Never changes: a change makes another table, so that handlers may be registered while an event is handled.
final class EventTable: Sendable {
    private struct Entry: Sendable {
        let name: [UInt8]
        var handlers: [EventHandler]
    }

    private let entries: [Entry]
    private let names: EventNameIndex
    /// The handlers of each entry as they are called.
    let chains: [HandlerChain]

    static let empty = EventTable([])

    private init(_ entries: [Entry]) {
        self.entries = entries
        names = EventNameIndex(entries.map(\.name))
        chains = entries.map { HandlerChain($0.handlers[...]) }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Where the handlers of an event are in `chains`.
    @inline(always)
    func position(of name: Span<UInt8>) -> Int? { names.position(of: name) }

    /// The handlers of an event, in the order registered.
    func handlers(of name: Span<UInt8>) -> HandlerChain? {
        position(of: name).map { chains[$0] }
    }

    func adding(_ handler: EventHandler, for name: String) -> EventTable {
        var entries = entries
        let name = Array(name.utf8)
        if let position = names.position(of: name.span) {
            entries[position].handlers.append(handler)
        } else {
            entries.append(Entry(name: name, handlers: [handler]))
        }
        return EventTable(entries)
    }

    func removingAll(for name: String) -> EventTable {
        EventTable(entries.filter { $0.name != Array(name.utf8) })
    }

    func removing(id: UInt64) -> EventTable {
        var entries = entries
        for position in entries.indices { entries[position].handlers.removeAll { $0.id == id } }
        return EventTable(entries.filter { !$0.handlers.isEmpty })
    }
}

/// A handler and those registered after it for the same event.
///
/// A chain of constants: following it takes no reference counts, as an array's elements would.
final class HandlerChain: Sendable {
    private let handler: EventHandler
    private let next: HandlerChain?

    /// - Parameter handlers: One or more.
    init(_ handlers: ArraySlice<EventHandler>) {
        handler = handlers[handlers.startIndex]
        next = handlers.count > 1 ? HandlerChain(handlers.dropFirst()) : nil
    }

    /// Calls the handlers in order, until one of them ends the socket.
    @inline(always)
    func call(
        _ core: SocketCore, _ event: EventPayload, _ ackID: inout UInt64?, _ text: Span<UInt8>,
        _ attachments: [[UInt8]]
    ) {
        guard core.isConnected else { return }
        if handler.isOnce { core.forget(handler) }
        handler.call(core, event, ackID, text, attachments)
        // Protocol.md 4.4: an acknowledgement is sent once; the first handler that replies sends it.
        if handler.replies { ackID = nil }
        next?.callRest(core, event, &ackID, text, attachments)
    }

    private func callRest(
        _ core: SocketCore, _ event: EventPayload, _ ackID: inout UInt64?, _ text: Span<UInt8>,
        _ attachments: [[UInt8]]
    ) {
        call(core, event, &ackID, text, attachments)
    }
}
