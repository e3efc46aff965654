internal import SocketIOWire

/// Handlers by event name, found by the name's bytes so that no `String` is made for a message.
///
/// Belongs to one loop: a socket's own, or that loop's copy of a namespace's. A change takes constant time; the group
/// that is called is made anew with the next event.
struct EventTable {
    private var names = NameIndex()
    private var lists: [HandlerList] = []
    /// The handlers of each name as they are called; stale where they have changed since.
    private var groups: [HandlerGroup] = []

    init() {}

    var isEmpty: Bool { groups.isEmpty }

    var count: Int { groups.count }

    /// The handlers of an event.
    mutating func group(of name: Span<UInt8>) -> HandlerGroup? {
        guard let position = names.position(of: name) else { return nil }
        if groups[position].isStale { renew(position) }
        return groups[position]
    }

    /// The table as it is now, in a form that is faster to ask.
    mutating func dispatch() -> EventDispatch {
        for position in groups.indices where groups[position].isStale { renew(position) }
        return EventDispatch(names: EventDispatch.Names(names), groups: groups)
    }

    @inline(never)
    private mutating func renew(_ position: Int) {
        groups[position] = HandlerGroup(lists[position].all)
    }

    mutating func add(_ handler: EventHandler, for name: [UInt8]) {
        if let position = names.position(of: name.span) {
            lists[position].append(handler)
            groups[position] = .stale
        } else {
            names.append(name)
            var list = HandlerList()
            list.append(handler)
            lists.append(list)
            groups.append(HandlerGroup([handler]))
        }
    }

    /// Removes one handler.
    ///
    /// - Returns: What is no longer held, to be let go of once nothing is being changed: it may run code of the
    ///   application then.
    mutating func remove(id: UInt64, of name: [UInt8]) -> Removed {
        guard let position = names.position(of: name.span),
            let handler = lists[position].remove(id: id)
        else { return Removed() }
        let group = groups[position]
        if lists[position].isEmpty {
            forget(position)
        } else {
            groups[position] = .stale
        }
        return Removed(handler: handler, group: group)
    }

    /// Removes all handlers of a name; returns as above.
    mutating func removeAll(of name: [UInt8]) -> Removed {
        guard let position = names.position(of: name.span) else { return Removed() }
        let removed = Removed(list: lists[position], group: groups[position])
        forget(position)
        return removed
    }

    /// Carries out a change of one handler; what is no longer held is added to `removed`.
    mutating func apply(_ change: HandlerRegistry.Change, _ removed: inout [Removed]) {
        switch change {
        case .add(let handler, let name): add(handler, for: name)
        case .remove(let id, let name): removed.append(remove(id: id, of: name))
        case .removeAll(let name): removed.append(removeAll(of: name))
        case .nothing: break
        }
    }

    /// Becomes what a namespace has registered.
    mutating func apply(_ update: HandlerRegistry.Update, _ removed: inout [Removed]) {
        switch update {
        case .changes(let changes):
            for change in changes { apply(change, &removed) }
        case .all(let registered):
            for (position, list) in lists.enumerated() {
                removed.append(Removed(list: list, group: groups[position]))
            }
            self = EventTable()
            for (name, list) in registered {
                names.append(name)
                lists.append(list)
                groups.append(HandlerGroup.stale)
            }
        }
    }

    private mutating func forget(_ position: Int) {
        names.remove(at: position)
        let last = groups.count - 1
        lists[position] = lists[last]
        groups[position] = groups[last]
        lists.removeLast()
        groups.removeLast()
    }

    /// What a table held until now.
    struct Removed {
        var handler: EventHandler?
        var list: HandlerList?
        var group: HandlerGroup?
    }
}

/// The handlers of a table that is not changing: two references, so that it can be moved out and back.
struct EventDispatch {
    let names: Names
    let groups: [HandlerGroup]

    final class Names {
        private let index: NameIndex

        init(_ index: NameIndex) {
            self.index = index
        }

        @inline(always)
        func position(of name: Span<UInt8>) -> Int? { index.position(of: name) }
    }
}
