internal import SocketIOWire

/// A socket's handlers, by the bytes of the event's name.
///
/// What is removed is returned: when the last reference to a handler goes, code of the application may run, which is
/// not to happen within a change.
struct EventTable {
    /// The handlers of one event.
    private struct Handlers {
        private(set) var queue = DepartureQueue<EventHandler>()
        /// As they are called, once an event has asked.
        private var called: [EventHandler]?

        mutating func add(_ handler: EventHandler) {
            queue.append(handler, id: handler.id)
            called = nil
        }

        mutating func remove(_ id: UInt64) -> EventHandler? {
            defer { called = nil }
            return queue.remove(id)
        }

        mutating func inOrder() -> [EventHandler] {
            if let called { return called }
            let elements = queue.elements
            called = elements
            return elements
        }
    }

    private var handlers: [[UInt8]: Handlers] = [:]
    /// The event of each handler.
    private var names: [UInt64: [UInt8]] = [:]

    /// Whether there is any handler.
    var hasHandlers: Bool { !names.isEmpty }

    /// The handlers of an event, in the order registered.
    mutating func handlers(of name: Span<UInt8>) -> [EventHandler] {
        handlers[Array(name)]?.inOrder() ?? []
    }

    mutating func add(_ handler: EventHandler, for name: String) {
        let name = Array(name.utf8)
        names[handler.id] = name
        handlers[name, default: Handlers()].add(handler)
    }

    mutating func remove(_ id: UInt64) -> EventHandler? {
        guard let name = names.removeValue(forKey: id) else { return nil }
        let removed = handlers[name]?.remove(id)
        if handlers[name]?.queue.isEmpty == true { handlers[name] = nil }
        return removed
    }

    mutating func removeAll(of name: String) -> [EventHandler] {
        guard let removed = handlers.removeValue(forKey: Array(name.utf8))?.queue.elements else { return [] }
        for handler in removed { names[handler.id] = nil }
        return removed
    }
}
