/// The handlers of one event, in the order registered; each is added and removed in constant time.
struct HandlerList: Sendable {
    /// Nil where one was removed.
    private var handlers: [EventHandler?] = []
    private var count = 0
    /// Where each is, by id; empty until one of many is removed.
    private var places: [UInt64: Int] = [:]

    /// Up to here looking at all is faster than a table.
    private static let linearLimit = 16

    var isEmpty: Bool { count == 0 }

    var all: [EventHandler] { count == handlers.count ? handlers.map { $0! } : handlers.compactMap { $0 } }

    mutating func append(_ handler: EventHandler) {
        if !places.isEmpty { places[handler.id] = handlers.count }
        handlers.append(handler)
        count += 1
    }

    /// Removes and returns the handler of this id, if it is there.
    mutating func remove(id: UInt64) -> EventHandler? {
        guard let place = place(of: id), let handler = handlers[place] else { return nil }
        handlers[place] = nil
        places[id] = nil
        count -= 1
        if handlers.count > Self.linearLimit, count * 2 < handlers.count { compact() }
        return handler
    }

    private mutating func place(of id: UInt64) -> Int? {
        guard handlers.count > Self.linearLimit else { return handlers.firstIndex { $0?.id == id } }
        if places.isEmpty {
            for (place, handler) in handlers.enumerated() {
                if let handler { places[handler.id] = place }
            }
        }
        return places[id]
    }

    private mutating func compact() {
        handlers = handlers.filter { $0 != nil }
        places = [:]
    }
}
