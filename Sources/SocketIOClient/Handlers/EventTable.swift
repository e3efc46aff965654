/// A socket's handlers, by the bytes of the event's name.
///
/// What is removed is returned, as by `Registrations`.
struct EventTable {
    private var handlers: [[UInt8]: Registrations<EventHandler>] = [:]
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
        handlers[name, default: Registrations()].add(handler, id: handler.id)
    }

    mutating func remove(_ id: UInt64) -> EventHandler? {
        guard let name = names.removeValue(forKey: id) else { return nil }
        let removed = handlers[name]?.remove(id)
        if handlers[name]?.isEmpty == true { handlers[name] = nil }
        return removed
    }

    mutating func removeAll(of name: String) -> [EventHandler] {
        guard var removed = handlers.removeValue(forKey: Array(name.utf8)) else { return [] }
        let all = removed.inOrder()
        for handler in all { names[handler.id] = nil }
        return all
    }
}
