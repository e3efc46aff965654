import SocketIO
import Synchronization

/// A server in this process, on public API as any application would write it, and the connections that drive it.
///
/// It has one loop. What `run` is given is carried out there, in a handler, while everybody else waits.
final class ScalingServer {
    let io: SocketIOServer
    let target: Target
    private let stage: Stage
    /// The connection that everything is asked for over.
    private let control: ScalingPeer

    /// What the handlers share with those who ask.
    private final class Stage: Sendable {
        let sockets = Mutex<[Socket]>([])
        let work = Mutex<@Sendable (Socket) -> Void>({ _ in })
        let longWork = Mutex<@Sendable (Socket) async -> Void>({ _ in })
        /// How many sockets are still to go until `control` is told.
        let staying = Mutex(0)
    }

    /// A connection, and what the server has for it.
    struct Client {
        let peer: ScalingPeer
        let socket: Socket
    }

    init(_ configure: (inout SocketIOServer.Configuration) -> Void = { _ in }) async throws {
        var configuration = SocketIOServer.Configuration()
        configuration.loops = 1
        // Nothing in between.
        configuration.engine.pingInterval = .seconds(3600)
        configuration.limits.roomsPerSocket = .max
        configuration.limits.namespacesPerConnection = .max
        configure(&configuration)
        let io = SocketIOServer(configuration)
        let stage = Stage()
        io.onConnection { socket in stage.sockets.withLock { $0.append(socket) } }
        io.on("run") { (socket: Socket) in
            stage.work.withLock { $0 }(socket)
            return true
        }
        io.on("run long") { (socket: Socket) async in
            await stage.longWork.withLock { $0 }(socket)
            return true
        }
        io.on("idle") { (_: Socket) in true }
        let address = try await io.listen(host: "127.0.0.1", port: 0)
        target = Target(address: Target.Address(host: "127.0.0.1", port: address.port))
        control = try ScalingPeer(Self.open(1, target)[0])
        self.io = io
        self.stage = stage
    }

    /// Carries out `work` on the loop, with the socket that asks for it; returns when it is done, and with it what it
    /// has left for the end of the turn.
    func run(_ work: @escaping @Sendable (Socket) -> Void) throws {
        stage.work.withLock { $0 = work }
        try control.send(#"421["run"]"#)
        try control.expect("431[true]")
        try idle()
    }

    /// Returns when the loop has done what it was asked for so far.
    func idle() throws {
        try control.send(#"422["idle"]"#)
        try control.expect("432[true]")
    }

    /// Has `work` begun on the loop, which `meanwhile` helps to end, and returns when it has ended.
    func run(
        long work: @escaping @Sendable (Socket) async -> Void, meanwhile: () throws -> Void = {}
    ) throws {
        stage.longWork.withLock { $0 = work }
        try control.send(#"423["run long"]"#)
        try meanwhile()
        try control.expect("433[true]")
    }

    /// Returns when `count` sockets are gone, which `body` brings about.
    func awaitDisconnects(_ count: Int, _ body: () throws -> Void) throws {
        stage.staying.withLock { $0 = count }
        try body()
        try control.expect(#"42["gone"]"#)
    }

    /// To be called before `awaitDisconnects`, of each namespace that is meant.
    func countDisconnects(of namespace: some NamespaceRegistration) {
        let stage = stage
        let control = stage.sockets.withLock { $0[0] }
        namespace.onDisconnect { _, _ in
            let left = stage.staying.withLock { left in
                left -= 1
                return left
            }
            if left == 0 { control.emit("gone") }
        }
    }

    /// Opens connections, one after another.
    func connect(_ count: Int) throws -> [Client] {
        let before = stage.sockets.withLock { $0.count }
        let peers = try Self.open(count, target).map { ScalingPeer($0) }
        // A socket is told of its connection before the application is.
        try idle()
        let sockets = stage.sockets.withLock { $0[before...] }
        return zip(peers, sockets).map { Client(peer: $0, socket: $1) }
    }

    private static func open(_ count: Int, _ target: Target) throws -> [Connection] {
        var plan = LoadPlan(work: .echo)
        plan.target = target
        plan.pace = .lockstep
        return try Connector(plan, rooms: []).open(count)
    }

    /// Nobody is waited for who would have to answer the close first: all have hung up.
    func close() async {
        control.hangUp()
        stage.sockets.withLock { $0 = [] }
        await io.close()
    }
}

extension ScalingOperation {
    /// One that needs a server.
    static func server(
        _ name: String, _ count: Int,
        _ configure: @escaping @Sendable (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ prepare: @escaping @Sendable (ScalingServer, Int) async throws -> () async throws -> Void
    ) -> ScalingOperation {
        ScalingOperation(name, count) { count in
            let server = try await ScalingServer(configure)
            return Trial(run: try await prepare(server, count), end: { await server.close() })
        }
    }
}

extension Range<Int> {
    /// All of them, in an order without a direction.
    var shuffled: [Int] {
        // Prime, and so without a divisor in common with the counts that are used.
        map { lowerBound + ($0 - lowerBound) * 7919 % Swift.max(count, 1) }
    }
}
