internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// One loop's part of a namespace: its sockets and its rooms. Lives on that loop.
final class NamespaceShard {
    let namespace: Namespace
    let server: SocketShard
    let loop: EventLoop
    /// The loop's.
    let scratch: ByteWriter
    /// The loop's, for the arguments of events.
    let memory: JSONMemory
    /// The namespace's.
    let wireName: [UInt8]
    /// The server's.
    let packetLimits: PacketLimits
    private var handlers = NamespaceHandlers()
    private var handlersVersion = -1
    // Parts of `handlers` that every message asks for; nil while there are none.
    /// With the table's chains, so that what is taken out holds them; nil while some are called, too.
    private var events: (table: EventTable, chains: [HandlerChain])?
    private(set) var anyHandlers: [AnyEventHandler]?
    private var sockets = KeyedTable<SocketCore>()
    private var rooms: [Room: RoomShard] = [:]
    /// The mark of the latest broadcast: a socket that carries it has been reached, or is left out.
    private var mark: UInt32 = 0

    init(_ namespace: Namespace, server: SocketShard) {
        self.namespace = namespace
        self.server = server
        loop = server.loop
        scratch = loop.scratch
        memory = loop.scratch.jsonMemory
        wireName = namespace.wireName
        packetLimits = server.packetLimits
    }

    /// Whether the caller is on the loop's thread.
    @inline(never)
    var isCurrent: Bool { loop.isCurrent }

    /// Starts `operation`, which catches its errors, on the loop, where the caller is.
    func start<Result: Sendable>(_ operation: sending @escaping @isolated(any) () async throws -> Result) {
        loop.start(operation)
    }

    var socketCount: Int { sockets.count }
    var roomCount: Int { rooms.count }

    /// What is registered on the namespace now.
    func currentHandlers() -> NamespaceHandlers {
        refreshHandlers()
        return handlers
    }

    /// Brings this loop's copy up to date; costs one load when nothing changed.
    @inline(always)
    func refreshHandlers() {
        guard namespace.handlersVersion != handlersVersion else { return }
        renewHandlers()
    }

    @inline(never)
    private func renewHandlers() {
        // They end when nothing is being changed any more: what they hold may run code of the application then.
        let ended = (handlers, events, anyHandlers)
        defer { withExtendedLifetime(ended) {} }
        (handlers, handlersVersion) = namespace.currentHandlers()
        events = handlers.events.isEmpty ? nil : (handlers.events, handlers.events.chains)
        anyHandlers = handlers.any.isEmpty ? nil : handlers.any
    }

    /// The namespace's handlers of an event, as of the last refresh.
    func handlers(of name: Span<UInt8>) -> HandlerChain? {
        handlers.events.handlers(of: name)
    }

    /// Has `body` call the namespace's handlers of an event, as of the last refresh; false if there are none.
    ///
    /// Not to be called within `body`: no event arrives while another is handled (`HTTPConnection.continueInput`).
    @inline(always)
    func callHandlers(of name: Span<UInt8>, _ body: (HandlerChain) -> Void) -> Bool {
        // Moved out and back: to hold it once more would cost each message two atomic operations.
        guard let events = events.take() else { return false }
        let version = handlersVersion
        defer {
            // A handler may have changed what is registered.
            if version == handlersVersion { self.events = events }
        }
        guard let position = events.table.position(of: name) else { return false }
        events.chains.withElement(at: position, body)
        return true
    }

    // MARK: Sockets and rooms

    func add(_ core: SocketCore) {
        sockets.insert(core)
    }

    func remove(_ core: SocketCore) {
        sockets.remove(core)
    }

    /// The room `name`, made if it is new.
    func room(_ name: Room) -> RoomShard {
        if let room = rooms[name] { return room }
        let room = RoomShard(name)
        rooms[name] = room
        return room
    }

    /// Forgets the room once nobody is in it.
    func removeIfEmpty(_ room: RoomShard) {
        if room.members.isEmpty { rooms[room.name] = nil }
    }

    // MARK: Broadcasting

    /// Calls `body`, which runs no code of the application, once for each socket of the selection that lives here.
    func forEach(in selection: BroadcastSelection, _ body: (SocketCore) -> Void) {
        mark &+= 1
        for room in selection.except { forEachMember(of: room) { $0.mark = mark } }
        if let excluded = selection.exceptSocket, let core = sockets[excluded] { core.mark = mark }
        if selection.rooms.isEmpty {
            for core in sockets.all where core.mark != mark { body(core) }
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

    /// The sockets of the selection that live here, to be used one by one: what is done with one may run code of the
    /// application, which may select others.
    private func members(of selection: BroadcastSelection) -> [SocketCore] {
        var members: [SocketCore] = []
        forEach(in: selection) { members.append($0) }
        return members
    }

    /// The members of a room; the room of a socket's own id needs no table.
    private func forEachMember(of name: Room, _ body: (SocketCore) -> Void) {
        if let room = rooms[name] {
            let members = room.members
            for place in members.indices { members.withElement(at: place, body) }
        }
        if let id = SocketID(ownerOf: name), let core = sockets[id], core.isInOwnRoom { body(core) }
    }

    func perform(_ command: NamespaceCommand) {
        switch command {
        case .broadcast(let packet, let selection, let options):
            broadcast(packet, to: selection, options)
        case .broadcastWithAck(let packet, let id, let selection, let acks):
            broadcast(packet, id: id, to: selection, acks)
        case .join(let rooms, let selection):
            for core in members(of: selection) { core.joinNow(rooms) }
        case .leave(let rooms, let selection):
            for core in members(of: selection) { core.leaveNow(rooms) }
        case .disconnect(let selection, let closesConnection):
            for core in members(of: selection) { core.disconnectNow(closingConnection: closesConnection) }
        }
    }

    /// Sends a packet that is framed once to every socket of the selection.
    private func broadcast(_ packet: EncodedPacket, to selection: BroadcastSelection, _ options: EmitOptions) {
        var message = SharedMessage(packet.text, on: loop)
        forEach(in: selection) { $0.send(&message, packet.attachments, options) }
    }

    private func broadcast(
        _ packet: EncodedPacket, id: UInt64, to selection: BroadcastSelection, _ acks: BroadcastAcks
    ) {
        var message = SharedMessage(packet.text, on: loop)
        var expected: [(SocketID, LoopBound<SocketCore>)] = []
        forEach(in: selection) { core in
            guard core.isConnected else { return }
            expected.append((core.id, LoopBound(core, on: loop)))
            // Over the limit of pending ones it is settled already, and missing.
            guard core.expectAck(id, .broadcast(acks, core.id)) else { return }
            core.send(&message, packet.attachments, [])
        }
        acks.loopSent(to: expected)
    }
}

/// One loop's members of a room.
final class RoomShard {
    let name: Room
    fileprivate(set) var members: [SocketCore] = []

    init(_ name: Room) {
        self.name = name
    }

    /// Adds `core` and returns its place.
    func append(_ core: SocketCore) -> Int {
        members.append(core)
        return members.count - 1
    }

    /// Removes the member at `place`; the last one takes it, which is returned if there is another.
    func remove(at place: Int) -> SocketCore? {
        let last = members.removeLast()
        guard place < members.count else { return nil }
        members[place] = last
        return last
    }
}

extension SocketCore: Keyed {
    var key: SocketID { id }
}
