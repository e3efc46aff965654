/// A socket's handlers, by the bytes of the event's name.
struct EventTable {
    private var handlers: [[UInt8]: [EventHandler]] = [:]

    /// The handlers of an event, in the order registered.
    func handlers(of name: Span<UInt8>) -> [EventHandler] {
        handlers[Array(name)] ?? []
    }

    mutating func add(_ handler: EventHandler, for name: String) {
        handlers[Array(name.utf8), default: []].append(handler)
    }

    mutating func remove(_ id: UInt64) {
        handlers = handlers.mapValues { $0.filter { $0.id != id } }.filter { !$0.value.isEmpty }
    }

    mutating func removeAll(of name: String) {
        handlers[Array(name.utf8)] = nil
    }
}
