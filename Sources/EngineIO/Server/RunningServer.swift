internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// The loops, the shards and the listener of a server that listens.
struct RunningServer: Sendable {
    let address: SocketAddress
    let shards: [LoopBound<EngineShard>]
    private let group: EventLoopGroup
    private let listener: LoopBound<Listener>

    /// How long the peers have to answer the last close frames.
    private static let closeGrace = Duration.seconds(1)

    static func start(
        on address: SocketAddress, tls: TLSContext?, configuration: EngineIOServer.Configuration, routes: HTTPRoutes,
        layer: UpperLayer
    ) async throws(SystemError) -> RunningServer {
        let group = try EventLoopGroup(count: configuration.loops ?? Machine.coreCount)
        let shards = group.loops.map { loop in
            let shard = EngineShard(
                loop: loop, configuration: configuration, routes: routes, makeHandler: layer.makeHandler)
            return LoopBound(shard, on: loop)
        }
        for shard in shards { await shard.loop.call { _ in shard.value.siblings = shards } }
        layer.onStart(shards)
        let count = ConnectionCount()
        let limit = configuration.limits.connections
        let listening = await group.loops[0].call { loop in
            Result { () throws(SystemError) in
                let listener = try Listener(on: address, loop: loop, group: group, tls: tls) { connection in
                    guard count.add(connection, limit: limit) else {
                        configuration.logger.log(
                            at: .warning, "connection refused: \(limit) are open; raise `limits.connections`")
                        return connection.close()
                    }
                    _ = HTTPConnection(connection, shard: shards[connection.loop.index].value)
                }
                return (LoopBound(listener, on: loop), listener.address)
            }
        }
        switch listening {
        case .success(let (listener, bound)):
            return RunningServer(address: bound, shards: shards, group: group, listener: listener)
        case .failure(let error):
            group.stop {}
            throw error
        }
    }

    /// Ends the sessions, waits a moment for the peers to see it, and stops the loops.
    func stop(_ completion: @escaping @Sendable () -> Void) {
        let remaining = Remaining(shards.count) { group.stop(completion) }
        let listener = listener
        listener.loop.post(OnLoop { _ in listener.value.close() })
        for shard in shards {
            shard.loop.post(
                OnLoop { loop in
                    shard.value.closeAll()
                    _ = LoopDrain(shard.value, until: loop.now.advanced(by: Self.closeGrace), remaining: remaining)
                })
        }
    }
}

/// Counts the loops that still have connections; the last one to finish ends the server.
private final class Remaining: Sendable {
    private let count: Atomic<Int>
    private let completion: @Sendable () -> Void

    init(_ count: Int, completion: @escaping @Sendable () -> Void) {
        self.count = Atomic(count)
        self.completion = completion
    }

    func finishOne() {
        if count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { completion() }
    }
}

/// Waits until a loop has no connections, or for the deadline, and then closes what is left.
private final class LoopDrain: TimerTarget {
    private let shard: EngineShard
    private let deadline: ContinuousClock.Instant
    private let remaining: Remaining

    private static let interval = Duration.milliseconds(10)

    private var loop: EventLoop { shard.loop }

    init(_ shard: EngineShard, until deadline: ContinuousClock.Instant, remaining: Remaining) {
        self.shard = shard
        self.deadline = deadline
        self.remaining = remaining
        _ = loop.schedule(self, at: loop.now)
    }

    func timerFired(now: ContinuousClock.Instant) {
        guard loop.connectionCount == 0 || now >= deadline else {
            _ = loop.schedule(self, at: now.advanced(by: Self.interval))
            return
        }
        loop.closeAll()
        shard.retire()
        remaining.finishOne()
    }
}

/// A few words to a loop at the beginning and the end of a server.
private struct OnLoop: LoopMessage {
    let body: @Sendable (EventLoop) -> Void

    init(_ body: @escaping @Sendable (EventLoop) -> Void) {
        self.body = body
    }

    func deliver(on loop: EventLoop) {
        body(loop)
    }
}
