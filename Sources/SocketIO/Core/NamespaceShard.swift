internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// One loop's part of a namespace: its sockets and its rooms. Lives on that loop.
final class NamespaceShard {
    let namespace: Namespace
    let server: ServerShard
    let loop: EventLoop
    /// The loop's.
    let scratch: ByteWriter
    /// The server's part of this loop has it, for what is decoded and encoded here.
    let memory: JSONMemory
    /// The namespace's.
    let wireName: [UInt8]
    /// The server's.
    let packetLimits: PacketLimits
    /// The server's, unless somebody wants to know what is sent.
    private var emitsAreWrittenInPlace: Bool
    /// How many sockets have handlers of what is sent to them.
    private var overheardCount = 0
    private var handlersVersion = -1
    /// What is registered for a socket's life, as of the last refresh, but for `anyHandlers`.
    private var lifecycle = LifecycleHandlers()
    /// Nil while there are none: what every message asks for.
    private(set) var anyHandlers: [AnyEventHandler]?
    private var known = KnownHandlers()
    /// This loop's copy of the handlers of events.
    private var events = EventTable()
    /// The same in a form that does not change; nil after a change, and while it is used.
    private var dispatch: EventDispatch?
    /// How many events came since the handlers changed last.
    private var eventsSinceChange = 0
    private var sockets = KeyedTable<Socket>()
    private var rooms: [Room: RoomShard] = [:]
    private var lastRoomNumber = 0
    /// Whether somebody wants to hear of the rooms: from then on all that happens to them here is noted.
    private(set) var notesRooms = false
    /// The mark of the latest broadcast: a socket that carries it has been reached, or is left out.
    private var mark: UInt32 = 0
    /// Plain numbers, because each message counts.
    private var receivedEvents = 0
    private var sentEvents = 0
    /// By the latest selection; who is in several of its rooms, or left out, counts each time.
    private(set) var visited = 0

    init(_ namespace: Namespace, server: ServerShard) {
        self.namespace = namespace
        self.server = server
        loop = server.loop
        scratch = loop.scratch
        memory = server.memory
        wireName = namespace.wireName
        packetLimits = server.packetLimits
        emitsAreWrittenInPlace = server.writesInPlace
    }

    /// Whether the caller is on the loop's thread.
    @inline(never)
    var isCurrent: Bool { loop.isCurrent }

    /// Whether the caller is on the loop's thread, and what it emits there may be written in place.
    @inline(never)
    var writesInPlace: Bool { loop.isCurrent && emitsAreWrittenInPlace }

    /// Whether there is a socket with handlers of what is sent to it.
    var isOverheard: Bool { overheardCount > 0 }

    /// One more socket has such handlers, or one less.
    func noteOverheard(_ change: Int) {
        overheardCount += change
        // What is not a packet of its own could not be told.
        emitsAreWrittenInPlace = server.writesInPlace && overheardCount == 0
    }

    /// Starts `operation`, which catches its errors, on the loop, where the caller is.
    func start<Result: Sendable>(_ operation: sending @escaping @isolated(any) () async throws -> Result) {
        loop.start(operation)
    }

    // MARK: Counting

    var eventCounts: EventCounts { EventCounts(received: receivedEvents, sent: sentEvents) }

    /// An event has come.
    @inline(__always)
    func noteReceived() { receivedEvents &+= 1 }

    /// An event goes out to so many sockets.
    @inline(__always)
    func noteSent(_ count: Int = 1) { sentEvents &+= count }

    var allSockets: [Socket] { sockets.all }

    var counts: LoopCounts.OfNamespace {
        LoopCounts.OfNamespace(name: namespace.name, sockets: sockets.count, rooms: Array(rooms.keys))
    }

    func memberCount(of name: Room) -> Int {
        let owner = SocketID(ownerOf: name).flatMap { sockets[$0] }
        return (rooms[name]?.members.count ?? 0) + (owner?.isInOwnRoom == true ? 1 : 0)
    }

    // MARK: Handlers

    /// What is registered for a socket's life now.
    func currentHandlers() -> LifecycleHandlers {
        refreshHandlers()
        return lifecycle
    }

    /// Brings this loop's copies up to date; costs one load when nothing changed.
    @inline(always)
    func refreshHandlers() {
        guard namespace.registered.version != handlersVersion else { return }
        renewHandlers()
    }

    @inline(never)
    private func renewHandlers() {
        // It may change meanwhile: then the next refresh sees it.
        let version = namespace.registered.version
        let update = namespace.registered.update(since: known)
        // They end when nothing is being changed any more: what they hold may run code of the application then.
        var ended: (LifecycleHandlers, [AnyEventHandler]?, EventDispatch?) = (LifecycleHandlers(), nil, dispatch)
        var removed: [EventTable.Removed] = []
        defer { withExtendedLifetime((ended, removed)) {} }
        if update.isAllOfLifecycle {
            swap(&ended.0, &lifecycle)
            swap(&ended.1, &anyHandlers)
        }
        add(update.lifecycle)
        events.apply(update.events, &removed)
        dispatch = nil
        eventsSinceChange = 0
        (handlersVersion, known) = (version, update.known)
    }

    private func add(_ handlers: LifecycleHandlers) {
        // Each list has one owner here, and grows in place.
        var handlers = handlers
        if !handlers.any.isEmpty {
            var all = anyHandlers.take() ?? []
            all += handlers.any
            anyHandlers = all
            handlers.any = []
        }
        lifecycle.append(handlers)
        if !notesRooms, !lifecycle.rooms.isEmpty { beginNotingRooms() }
    }

    private func beginNotingRooms() {
        notesRooms = true
        var members = rooms.mapValues(\.members.count)
        for socket in sockets.all where socket.isInOwnRoom { members[Room(socket.id), default: 0] += 1 }
        if !members.isEmpty { namespace.roomWatch.adopt(members) }
    }

    /// Calls the namespace's handlers of an event, as of the last refresh; false if there are none.
    @inline(always)
    func callHandlers(
        of name: Span<UInt8>, for socket: Socket, _ event: EventPayload, _ ackID: UInt64?, _ text: Span<UInt8>,
        _ attachments: [[UInt8]]
    ) -> Bool {
        // Moved out and back: to hold it once more would cost each message two atomic operations. An event within this
        // one, and one after a change, finds its handlers in the table.
        guard let dispatch = dispatch.take() else {
            return callHandlersInTable(of: name, for: socket, event, ackID, text, attachments)
        }
        let version = handlersVersion
        defer {
            // A handler may have changed what is registered.
            if version == handlersVersion { self.dispatch = dispatch }
        }
        guard let position = dispatch.names.position(of: name) else { return false }
        dispatch.groups.withElement(at: position) { $0.call(socket, event, ackID, text, attachments) }
        return true
    }

    @inline(never)
    private func callHandlersInTable(
        of name: Span<UInt8>, for socket: Socket, _ event: EventPayload, _ ackID: UInt64?, _ text: Span<UInt8>,
        _ attachments: [[UInt8]]
    ) -> Bool {
        eventsSinceChange += 1
        // After as many events as there are names it has cost each of them no more than one name.
        if eventsSinceChange > events.count { dispatch = events.dispatch() }
        guard let group = events.group(of: name) else { return false }
        group.call(socket, event, ackID, text, attachments)
        return true
    }

    /// The namespace's handlers of an event, as of the last refresh.
    func handlers(of name: Span<UInt8>) -> HandlerGroup? { events.group(of: name) }

    // MARK: Sockets and rooms

    func add(_ socket: Socket) {
        sockets.insert(socket)
    }

    func remove(_ socket: Socket) {
        sockets.remove(socket)
    }

    /// The room `name`, if it has a member here.
    func existingRoom(_ name: Room) -> RoomShard? { rooms[name] }

    /// The room `name`, made if it is new.
    func room(_ name: Room) -> RoomShard {
        if let room = rooms[name] { return room }
        lastRoomNumber += 1
        let room = RoomShard(name, number: lastRoomNumber)
        rooms[name] = room
        if room.isOwnRoom { namespace.guests.add(1) }
        return room
    }

    /// Forgets the room once nobody is in it.
    func removeIfEmpty(_ room: RoomShard) {
        guard room.members.isEmpty else { return }
        rooms[room.name] = nil
        if room.isOwnRoom { namespace.guests.add(-1) }
    }

    // MARK: Broadcasting

    /// Calls `body`, which runs no code of the application, once for each socket of the selection that lives here.
    func forEach(in selection: BroadcastSelection, _ body: (SocketCore) -> Void) {
        mark = mark == .max ? 1 : mark + 1
        for room in selection.except { forEachMember(of: room) { $0.mark = mark } }
        if let excluded = selection.exceptSocket, let socket = sockets[excluded] { SocketCore(socket).mark = mark }
        visited = 0
        if selection.rooms.isEmpty {
            visited = sockets.count
            for socket in sockets.all {
                let core = SocketCore(socket)
                if core.mark != mark { body(core) }
            }
        } else if selection.rooms.count == 1, selection.except.isEmpty {
            forEachMember(of: selection.rooms[0]) { core in
                if core.mark != mark { body(core) }
            }
        } else {
            for room in selection.rooms {
                forEachMember(of: room) { core in
                    guard core.mark != mark else { return }
                    core.mark = mark
                    body(core)
                }
            }
        }
    }

    /// Whether `visited` says how many of a selection `forEach` reaches, at no cost for each: of one room, or of all.
    func isVisitedWhole(_ selection: BroadcastSelection) -> Bool {
        selection.except.isEmpty && selection.exceptSocket == nil && selection.rooms.count <= 1
    }

    /// The sockets of the selection that live here, to be used one by one: what is done with one may run code of the
    /// application, which may select others.
    func members(of selection: BroadcastSelection) -> [SocketCore] {
        var members: [SocketCore] = []
        forEach(in: selection) { members.append($0) }
        return members
    }

    /// The members of a room; the room of a socket's own id needs no table.
    private func forEachMember(of name: Room, _ body: (SocketCore) -> Void) {
        if let room = rooms[name] {
            let members = room.members
            for place in members.indices { members.withElement(at: place) { body(SocketCore($0)) } }
            visited += members.count
        }
        if let id = SocketID(ownerOf: name), let socket = sockets[id] {
            let core = SocketCore(socket)
            if core.isInOwnRoom {
                body(core)
                visited += 1
            }
        }
    }

    /// Gives up this loop's copies of the handlers: what these hold often leads back here. To be let go of when nothing is
    /// being changed: they may run code of the application then.
    func takeHandlers() -> (LifecycleHandlers, [AnyEventHandler]?, EventTable, EventDispatch?) {
        defer {
            lifecycle = LifecycleHandlers()
            anyHandlers = nil
            events = EventTable()
            dispatch = nil
            // Somebody who still asks is told again.
            (handlersVersion, known) = (-1, KnownHandlers())
        }
        return (lifecycle, anyHandlers, events, dispatch)
    }
}
