internal import SocketIOWire

/// Handlers by event name, found by the name's bytes so that no `String` is made for a message.
///
/// Never changes: a change makes another table, so that handlers may be registered while an event is handled.
package final class EventTable<Owner: HandlerOwner>: Sendable {
    private struct Entry: Sendable {
        let name: [UInt8]
        var handlers: [EventHandler<Owner>]
    }

    private let entries: [Entry]
    /// Positions in `entries` plus one, by hash; empty while there are few names.
    private let slots: [Int32]

    /// Up to here comparing all names is faster than hashing one.
    private static var linearLimit: Int { 8 }

    package convenience init() {
        self.init([])
    }

    private init(_ entries: [Entry]) {
        self.entries = entries
        guard entries.count > Self.linearLimit else {
            slots = []
            return
        }
        var size = 16
        while size < entries.count * 2 { size *= 2 }
        var slots = [Int32](repeating: 0, count: size)
        for position in entries.indices {
            let name = entries[position].name
            var slot = Self.hash(name.span) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(position + 1)
        }
        self.slots = slots
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// The handlers of an event, in the order registered.
    package func handlers(for name: Span<UInt8>) -> [EventHandler<Owner>] {
        guard let position = position(of: name) else { return [] }
        return entries[position].handlers
    }

    package func adding(_ handler: EventHandler<Owner>, for name: String) -> EventTable<Owner> {
        var entries = entries
        let name = Array(name.utf8)
        if let position = position(of: name.span) {
            entries[position].handlers.append(handler)
        } else {
            entries.append(Entry(name: name, handlers: [handler]))
        }
        return EventTable(entries)
    }

    package func removingAll(for name: String) -> EventTable<Owner> {
        EventTable(entries.filter { $0.name != Array(name.utf8) })
    }

    package func removing(id: UInt64) -> EventTable<Owner> {
        var entries = entries
        for position in entries.indices { entries[position].handlers.removeAll { $0.id == id } }
        return EventTable(entries.filter { !$0.handlers.isEmpty })
    }

    private func position(of name: Span<UInt8>) -> Int? {
        if slots.isEmpty {
            for position in entries.indices where isNamed(position, name) { return position }
            return nil
        }
        var slot = Self.hash(name) & (slots.count - 1)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if isNamed(position, name) { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    @inline(__always)
    private func isNamed(_ position: Int, _ name: Span<UInt8>) -> Bool {
        let own = entries[position].name
        return own.span.equals(name)
    }

    /// The names are the application's, so nobody can choose them to collide; and a miss ends at an empty slot.
    private static func hash(_ name: Span<UInt8>) -> Int {
        var hash = UInt64(truncatingIfNeeded: name.count) &* 0x9E37_79B9_7F4A_7C15
        for index in name.indices { hash = (hash ^ UInt64(name[index])) &* 0x0000_0100_0000_01B3 }
        return Int(truncatingIfNeeded: hash >> 20)
    }
}
