internal import EngineIO
internal import NetLoop

extension SocketIOServer {
    /// What the server holds at one moment, over all loops.
    package struct Counts: Equatable, Sendable {
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

        static func += (left: inout Self, right: Self) {
            left.sessions += right.sessions
            left.sockets += right.sockets
            left.rooms += right.rooms
            left.descriptors += right.descriptors
        }
    }

    /// Counts on all loops; zero unless the server listens. Loops that do not answer within `timeout` are left out.
    package func counts(within timeout: Duration = .seconds(10)) async -> Counts {
        let shards = context.shards
        guard !shards.isEmpty else { return Counts() }
        let gathering = Gathering<Counts>(sources: shards.count)
        for shard in shards { shard.loop.post(CountRequest(shard: shard, gathering: gathering)) }
        var total = Counts()
        for counts in await gathering.outcome(within: timeout, on: shards.map(\.loop)).parts { total += counts }
        return total
    }
}

/// Asks one loop what it holds.
private struct CountRequest: LoopMessage {
    let shard: LoopBound<ServerShard>
    let gathering: Gathering<SocketIOServer.Counts>

    func deliver(on loop: EventLoop) {
        gathering.give(shard.value.counts)
    }
}
