internal import SocketIOWire

/// What is registered for one event or one moment, in the order registered: each is added and removed in constant time,
/// and all are put in a row when they are called after a change.
///
/// What is removed is returned: when the last reference to a handler goes, code of the application may run, which is not
/// to happen within a change.
struct Registrations<Handler> {
    private var queue = DepartureQueue<Handler>()
    /// As they are called, if they were since the last change.
    private var row: [Handler]?

    var isEmpty: Bool { queue.isEmpty }

    mutating func add(_ handler: Handler, id: UInt64) {
        queue.append(handler, id: id)
        row = nil
    }

    mutating func remove(_ id: UInt64) -> Handler? {
        guard let removed = queue.remove(id) else { return nil }
        row = nil
        return removed
    }

    mutating func inOrder() -> [Handler] {
        if let row { return row }
        let elements = queue.elements
        row = elements
        return elements
    }
}

extension Registrations: Sendable where Handler: Sendable {}
