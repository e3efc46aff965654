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
    }

    /// Counts on each loop in turn; zero unless the server listens.
    package func counts() async -> Counts {
        var total = Counts()
        for shard in context.shards ?? [] {
            let counts = await shard.loop.call { loop in
                let (sockets, rooms) = shard.value.counts
                return Counts(
                    sessions: shard.value.engine.value.sessionCount, sockets: sockets, rooms: rooms,
                    descriptors: loop.connectionCount)
            }
            total.sessions += counts.sessions
            total.sockets += counts.sockets
            total.rooms += counts.rooms
            total.descriptors += counts.descriptors
        }
        return total
    }
}

extension SocketShard {
    /// Sockets and rooms of all namespaces on this loop.
    fileprivate var counts: (sockets: Int, rooms: Int) {
        var counts = (sockets: 0, rooms: 0)
        forEachNamespace { namespace in
            counts.sockets += namespace.socketCount
            counts.rooms += namespace.roomCount
        }
        return counts
    }
}
