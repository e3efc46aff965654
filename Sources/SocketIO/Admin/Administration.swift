internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// Tells administrators what happens, in the protocol of the official admin UI, and does what they ask for.
///
/// Loops call it from the middle of what they do: it only posts to the server's first loop, from where all is told in the
/// order in which a loop has seen it.
final class Administration: Sendable {
    private struct Watch {
        var watchers: Set<SocketID> = []
        var traffic = AdminTraffic()
        /// How often somebody began to look where nobody did.
        var round = 0
        /// What tells of each socket's events, while somebody looks.
        var subscriptions: [SocketID: [EventSubscription]] = [:]
    }

    let configuration: AdminConfiguration
    /// Where administrators are.
    let namespace: Namespace
    private let login: AdminLogin?
    private let watch = Mutex(Watch())
    private let watched = Atomic<Bool>(false)
    let began = ContinuousClock.now

    /// - Parameter login: Nil for everybody.
    init(_ configuration: AdminConfiguration, login: AdminLogin?, in namespace: Namespace) {
        self.configuration = configuration
        self.login = login
        self.namespace = namespace
    }

    var context: ServerContext { namespace.context }

    /// Whether somebody looks.
    var isWatched: Bool { watched.load(ordering: .relaxed) }

    /// Whether somebody looks who is told of every socket.
    var tellsAll: Bool { isWatched && configuration.mode == .development }

    // MARK: Who looks

    func install() {
        namespace.use { [self] socket in
            guard let login else { return }
            if let session = try login.admit(socket.handshake, now: socket.loop.time) {
                socket.emit("session", session)
            }
        }
        namespace.onConnection { [self] socket in welcome(socket) }
        namespace.onDisconnect { [self] socket, _ in leave(socket.id) }
        guard !configuration.isReadOnly else { return }
        for name in AdminCommand.names {
            namespace.on(name) { [self] (_: Socket, arguments: EventArguments) in perform(name, arguments) }
        }
    }

    /// Another administrator is there.
    private func welcome(_ socket: Socket) {
        let newRound = watch.withLock { watch -> Int? in
            watch.watchers.insert(socket.id)
            watched.store(true, ordering: .relaxed)
            guard watch.watchers.count == 1 else { return nil }
            watch.round += 1
            return watch.round
        }
        let isTold = configuration.mode == .development
        if isTold {
            let own = AdminSocket(socket)
            tellJoined(Room(socket.id), socket.id, in: socket.namespace)
            report("socket_connected", own, Self.timestamp)
        }
        let id = socket.id
        tell(id, "config", ["supportedFeatures": configuration.features])
        socket.loop.start { [self] in
            if isTold { tell(id, "all_sockets", await allSockets()) }
            tell(id, "server_stats", await statistics(isNext: false))
        }
        if let newRound { AdminClock(self, round: newRound, on: socket.loop).start() }
    }

    /// Whether somebody has looked all the time since a round began.
    func isOn(_ round: Int) -> Bool { watch.withLock { $0.round == round && !$0.watchers.isEmpty } }

    /// What has happened since the last time; nothing at the first since somebody looks.
    func advanceTraffic(to totals: AdminTraffic.Totals) -> [AdminStatistics.Aggregate] {
        watch.withLock { $0.traffic.advance(to: totals, at: WallClock.nanoseconds / 1_000_000) }
    }

    private func leave(_ id: SocketID) {
        let ended = watch.withLock { watch -> [EventSubscription] in
            guard watch.watchers.remove(id) != nil, watch.watchers.isEmpty else { return [] }
            watched.store(false, ordering: .relaxed)
            watch.traffic = AdminTraffic()
            defer { watch.subscriptions = [:] }
            return watch.subscriptions.values.flatMap { $0 }
        }
        for subscription in ended { subscription.cancel() }
    }

    private func perform(_ name: EventName, _ arguments: EventArguments) {
        guard let (command, target) = AdminCommand.parse(name, arguments.values),
            let namespace = context.existing(target.namespace)
        else { return }
        command.perform(in: namespace, BroadcastSelection(rooms: target.rooms))
    }

    // MARK: Subscriptions

    /// Keeps what ends with the last administrator, or with the socket; false if it is not wanted, or there already.
    func keep(_ subscriptions: @autoclosure () -> [EventSubscription], of id: SocketID) {
        let isWanted = watch.withLock { watch in
            guard !watch.watchers.isEmpty, watch.subscriptions[id] == nil else { return false }
            watch.subscriptions[id] = []
            return true
        }
        guard isWanted else { return }
        let made = subscriptions()
        let isKept = watch.withLock { watch in
            guard watch.subscriptions[id] != nil else { return false }
            watch.subscriptions[id] = made
            return true
        }
        if !isKept { for subscription in made { subscription.cancel() } }
    }

    /// The socket is gone, and so are its handlers.
    func forget(_ id: SocketID) {
        // The last who looked has taken all of them along.
        guard isWatched else { return }
        let ended = watch.withLock { $0.subscriptions.removeValue(forKey: id) }
        withExtendedLifetime(ended) {}
    }

    /// Those of `sockets` that have not gone since they were looked up.
    func stillThere(_ sockets: [AdminSocket]) -> [AdminSocket] {
        let own = namespace.name
        return watch.withLock { watch in
            sockets.filter { $0.nsp.hasSameBytes(as: own) || watch.subscriptions[$0.id] != nil }
        }
    }

    // MARK: Telling

    /// Tells all administrators, as soon as the first loop gets to it; what that has no room for is not told.
    func report<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        guard isWatched, let home = context.shards.first else { return }
        // What came with more attachments than the server sends is not told.
        guard let packet = try? namespace.packet(name, repeat each arguments) else { return }
        home.loop.post(AdminReport(namespace: namespace, packet: packet))
    }

    /// Tells one administrator.
    private func tell<each Argument: Encodable>(_ id: SocketID, _ name: EventName, _ arguments: repeat each Argument) {
        guard let packet = try? namespace.packet(name, repeat each arguments) else { return }
        namespace.perform(.broadcast(packet, BroadcastSelection(rooms: [Room(id)]), Self.options), isLocal: true)
    }

    /// It is for those who look at this server, and not for those who come back, who are told of all sockets anew.
    fileprivate static let options: EmitOptions = [.local, .passing]

    static var timestamp: String {
        ISODate(millisecondsSince1970: WallClock.nanoseconds / 1_000_000)?.description ?? ""
    }
}

/// Has a server that listens already tell administrators what happens.
struct AdministrationBeginning: LoopMessage {
    let administration: Administration
    let shard: LoopBound<ServerShard>

    func deliver(on loop: EventLoop) {
        shard.value.administration = administration
    }
}

/// Something that administrators are to be told.
private struct AdminReport: LoopMessage {
    let namespace: Namespace
    let packet: EncodedPacket

    var byteCount: Int { packet.byteCount }

    func deliver(on loop: EventLoop) {
        namespace.perform(.broadcast(packet, BroadcastSelection(), Administration.options), isLocal: true)
    }
}
