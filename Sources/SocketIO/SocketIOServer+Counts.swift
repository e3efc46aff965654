public import EngineIO
internal import NetLoop
public import SocketIOEvents

extension SocketIOServer {
    /// What a server has at one moment.
    public struct Counts: Equatable, Sendable {
        /// Connected clients, by how they are connected; each counts once, whatever namespaces it has joined.
        public internal(set) var connections: [TransportName: Int] = [:]
        /// Connected sockets by the name of their namespace; `/` is the main one.
        public internal(set) var sockets: [String: Int] = [:]
        /// Rooms that somebody is in, by the name of their namespace. The room of a socket's own id counts if another
        /// socket is in it.
        public internal(set) var rooms: [String: Int] = [:]
    }

    /// How many clients, sockets and rooms there are on this node; nothing while the server does not listen.
    ///
    /// All event loops are asked, each for the moment at which it answers: no message costs more because this can be known.
    /// It takes time with the number of connections and rooms, so ask every few seconds, not for each request. An event
    /// loop that does not answer within 10 seconds is left out.
    ///
    /// ```swift
    /// let clients = await io.counts.connections.values.reduce(0, +)
    /// ```
    /// `metrics` has these and what happened.
    public var counts: Counts {
        get async {
            Counts(of: await context.loopCounts())
        }
    }

    /// What is to be let go of in the end, over all loops.
    package struct Holdings: Equatable, Sendable {
        /// Engine.IO sessions.
        package var sessions = 0
        /// Connected sockets of all namespaces.
        package var sockets = 0
        /// Rooms with a member, each counted once a loop; the rooms of the sockets' own ids are not.
        package var rooms = 0
        /// Descriptors that the loops watch, the listener's included.
        package var descriptors = 0

        package init(sessions: Int = 0, sockets: Int = 0, rooms: Int = 0, descriptors: Int = 0) {
            self.sessions = sessions
            self.sockets = sockets
            self.rooms = rooms
            self.descriptors = descriptors
        }
    }

    /// Counts on all loops; zero unless the server listens.
    package func counts(within timeout: Duration = .seconds(10)) async -> Holdings {
        var total = Holdings()
        for loop in await context.loopCounts(within: timeout) {
            total.sessions += loop.sessions
            total.descriptors += loop.descriptors
            for namespace in loop.namespaces {
                total.sockets += namespace.sockets
                total.rooms += namespace.rooms.count
            }
        }
        return total
    }
}

extension ServerContext {
    fileprivate func loopCounts(within timeout: Duration = .seconds(10)) async -> [LoopCounts] {
        await shards.gather(within: timeout) { $0.counts }
    }
}

extension SocketIOServer.Counts {
    /// What these loops have together.
    init(of loops: [LoopCounts]) {
        var rooms: [String: Set<Room>] = [:]
        for loop in loops {
            connections.merge(loop.connections, uniquingKeysWith: +)
            for namespace in loop.namespaces {
                if namespace.sockets > 0 { sockets[namespace.name, default: 0] += namespace.sockets }
                if !namespace.rooms.isEmpty { rooms[namespace.name, default: []].formUnion(namespace.rooms) }
            }
        }
        self.rooms = rooms.mapValues(\.count)
    }
}

extension Namespace {
    fileprivate func countMembers(of room: Room) async -> Int {
        let asked = meant
        let numbers = asked.map(\.number)
        let selection = BroadcastSelection(rooms: [room])
        let deadline = ContinuousClock.now.advanced(by: .seconds(5))
        let elsewhere = asked.map { $0.findElsewhere(selection) }
        // Each knows its own guests in the rooms of ids: of several, all loops are asked.
        let shards = asked.count == 1 ? asked[0].homes(of: selection) : context.shards
        let here = await shards.gather { shard in
            numbers.reduce(0) { $0 + (shard.existing($1)?.memberCount(of: room) ?? 0) }
        }.reduce(0, +)
        var others = RemoteSockets()
        for inquiry in elsewhere {
            // They answer side by side; who is asked for last has had as long as the first.
            let left = ContinuousClock.now.duration(to: deadline)
            others.add(await inquiry.answers(within: left, on: context.loops), in: self)
        }
        return here + others.count
    }
}

extension NamespaceRegistration {
    /// How many sockets of the namespace are in `room` now; for namespaces made as clients ask, of all of them. All event
    /// loops are asked, as for `SocketIOServer.counts`, but at no cost that grows with the room. Other nodes are asked for
    /// their members, as with `sockets()`; one that does not answer within 5 seconds is left out.
    ///
    /// ```swift
    /// let people = await io.memberCount(of: "lobby")
    /// ```
    public func memberCount(of room: Room) async -> Int {
        await registrationNamespace.countMembers(of: room)
    }
}

/// What one loop has.
struct LoopCounts: Sendable {
    struct OfNamespace: Sendable {
        let name: String
        let sockets: Int
        let rooms: [Room]
    }

    var sessions = 0
    var descriptors = 0
    var connections: [TransportName: Int] = [:]
    var namespaces: [OfNamespace] = []
}

extension [LoopBound<ServerShard>] {
    /// What `count` says on each of these loops; those that do not answer within `timeout` are left out.
    func gather<Count: Sendable>(
        within timeout: Duration = .seconds(10), _ count: @escaping @Sendable (ServerShard) -> Count
    ) async -> [Count] {
        guard !isEmpty else { return [] }
        let gathering = Gathering<Count>(sources: self.count)
        for shard in self { shard.loop.post(CountRequest(shard: shard, gathering: gathering, count: count)) }
        return await gathering.outcome(within: timeout, on: map(\.loop)).parts
    }
}

/// Asks one loop what it has.
private struct CountRequest<Count: Sendable>: LoopMessage {
    let shard: LoopBound<ServerShard>
    let gathering: Gathering<Count>
    let count: @Sendable (ServerShard) -> Count

    func deliver(on loop: EventLoop) {
        gathering.give(count(shard.value))
    }
}
