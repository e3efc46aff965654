/// What is registered on a namespace, and the latest changes: a loop that knows an earlier state is told these, not all.
struct HandlerRegistry: Sendable {
    /// Something that happened to the handlers of events.
    enum Change: Sendable {
        case add(EventHandler, name: [UInt8])
        case remove(id: UInt64, name: [UInt8])
        case removeAll(name: [UInt8])
        /// Stands where something was added that has been removed since.
        case nothing
    }

    /// What a loop has to do to be up to date.
    enum Update {
        case changes(ArraySlice<Change>)
        /// Too much has changed: everything, by name.
        case all([[UInt8]: HandlerList])
    }

    private var lifecycle = LifecycleHandlers()
    /// Handlers of what other nodes send to servers: asked for one event at a time, so that loops keep no copies.
    var serverSide: [[UInt8]: [ServerSideHandler]] = [:]
    /// How often everything was forgotten.
    private var era = 0
    private var events: [[UInt8]: HandlerList] = [:]
    private var eventCount = 0
    /// The changes of events that came last, the newest at the end.
    private var recent: [Change] = []
    /// Which of all changes added the handler of an id, where that may be among the recent ones.
    private var additions: [UInt64: Int] = [:]
    /// How many changes of events came before those.
    private var forgotten = 0

    init() {}

    /// With nothing registered, where `other` was before: loops that know an earlier state are told everything.
    init(after other: HandlerRegistry) {
        forgotten = other.eventVersion + 1
        era = other.era + 1
    }

    /// What a loop knows of the handlers for a socket's life: they only ever grow, until all are forgotten.
    struct LifecycleState: Equatable {
        fileprivate(set) var era = -1
        fileprivate(set) var counts = LifecycleHandlers.Counts()
    }

    var lifecycleState: LifecycleState { LifecycleState(era: era, counts: lifecycle.counts) }

    /// What has been registered for a socket's life since `state`.
    ///
    /// - Returns: Those that are new, or all of them if what is known is not valid any more.
    func lifecycle(since state: LifecycleState) -> (handlers: LifecycleHandlers, areAll: Bool) {
        state.era == era ? (lifecycle.dropFirst(state.counts), false) : (lifecycle, true)
    }

    /// As many changes are kept in any case.
    private static let minRecent = 64

    /// The state of the events: how many changes there were.
    var eventVersion: Int { forgotten + recent.count }

    /// - Parameter version: What the loop knows; -1 for nothing.
    func update(since version: Int) -> Update {
        version < forgotten ? .all(events) : .changes(recent[(version - forgotten)...])
    }

    /// Registers something that concerns a socket's life, which only ever grows.
    mutating func register(_ change: (inout LifecycleHandlers) -> Void) {
        change(&lifecycle)
    }

    /// Carries out a change.
    ///
    /// - Returns: What is no longer held, to be let go of when no lock is held: it may run code of the application then.
    mutating func apply(_ change: Change) -> [EventHandler] {
        var removed: [EventHandler] = []
        switch change {
        case .add(let handler, let name):
            events[name, default: HandlerList()].append(handler)
            eventCount += 1
            additions[handler.id] = eventVersion
        case .remove(let id, let name):
            guard let handler = events[name]?.remove(id: id) else { return [] }
            if events[name]?.isEmpty == true { events[name] = nil }
            removed.append(handler)
        case .removeAll(let name):
            guard let list = events.removeValue(forKey: name) else { return [] }
            removed = list.all
        case .nothing:
            return []
        }
        for handler in removed { forgetAddition(of: handler) }
        eventCount -= removed.count
        recent.append(change)
        forgetOldChanges()
        return removed
    }

    /// A loop that has not been told of the handler need not hear of it.
    private mutating func forgetAddition(of handler: EventHandler) {
        guard let number = additions.removeValue(forKey: handler.id), number >= forgotten else { return }
        recent[number - forgotten] = .nothing
    }

    private mutating func forgetOldChanges() {
        // Whoever is further behind than that is told everything at no higher cost.
        guard recent.count > max(Self.minRecent, eventCount) * 2 else { return }
        let old = recent.count / 2
        for case .add(let handler, _) in recent.prefix(old) { additions[handler.id] = nil }
        recent.removeFirst(old)
        forgotten += old
    }
}

/// How much of a namespace's registry a loop knows.
struct KnownHandlers {
    var lifecycle = HandlerRegistry.LifecycleState()
    var eventVersion = -1
}

/// What a loop has to do to know all of it.
struct HandlersUpdate {
    let lifecycle: LifecycleHandlers
    /// Whether these are instead of those that it knows.
    let isAllOfLifecycle: Bool
    let events: HandlerRegistry.Update
    /// What it knows then.
    let known: KnownHandlers
}

/// What is registered on a namespace for the moments of a socket's life.
struct LifecycleHandlers: Sendable {
    var middlewares: [Middleware] = []
    var connection: [LifecycleHandler<Void>] = []
    var disconnecting: [LifecycleHandler<DisconnectReason>] = []
    var disconnect: [LifecycleHandler<DisconnectReason>] = []
    var any: [AnyEventHandler] = []
    var rooms: [RoomHandler] = []

    struct Counts: Equatable {
        var middlewares = 0
        var connection = 0
        var disconnecting = 0
        var disconnect = 0
        var any = 0
        var rooms = 0
    }

    var counts: Counts {
        Counts(
            middlewares: middlewares.count, connection: connection.count, disconnecting: disconnecting.count,
            disconnect: disconnect.count, any: any.count, rooms: rooms.count)
    }

    /// Those behind the first so many of each list.
    func dropFirst(_ counts: Counts) -> LifecycleHandlers {
        LifecycleHandlers(
            middlewares: Array(middlewares.dropFirst(counts.middlewares)),
            connection: Array(connection.dropFirst(counts.connection)),
            disconnecting: Array(disconnecting.dropFirst(counts.disconnecting)),
            disconnect: Array(disconnect.dropFirst(counts.disconnect)),
            any: Array(any.dropFirst(counts.any)),
            rooms: Array(rooms.dropFirst(counts.rooms)))
    }

    mutating func append(_ others: LifecycleHandlers) {
        middlewares += others.middlewares
        connection += others.connection
        disconnecting += others.disconnecting
        disconnect += others.disconnect
        any += others.any
        rooms += others.rooms
    }
}
