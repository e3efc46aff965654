internal import EngineIO
internal import NetLoop
internal import SocketIOEvents

// What is looked up on all loops.

extension Administration {
    /// The sockets of all namespaces, as many as may be told at once. What happens to them is told from now on.
    func allSockets() async -> [AdminSocket] {
        let limits = configuration.limits
        let found = await context.shards.gather { [self] shard in
            var room = AdminRoom(within: limits)
            var told: [AdminSocket] = []
            for socket in shard.allSockets {
                let seen = AdminSocket(socket)
                guard room.takes(seen) else { break }
                overhear(socket)
                told.append(seen)
            }
            return told
        }
        var room = AdminRoom(within: limits)
        return stillThere(Array(found.joined().prefix { room.takes($0) }))
    }

    /// - Parameter isNext: Whether what has happened since the last time is told as well, and so never again.
    func statistics(isNext: Bool) async -> AdminStatistics {
        var (counts, totals) = ([LoopCounts](), AdminTraffic.Totals())
        let shards = context.shards
        for (count, traffic) in await shards.gather({ ($0.counts, AdminTraffic.Totals($0)) }) {
            counts.append(count)
            totals.add(traffic)
        }
        let all = SocketIOServer.Counts(of: counts)
        let namespaces = context.namespaceNames.sorted().map {
            AdminStatistics.OfNamespace(name: $0, socketsCount: all.sockets[$0] ?? 0)
        }
        return AdminStatistics(
            serverId: configuration.serverID ?? "\(Machine.hostName)#\(Machine.processID)",
            hostname: Machine.hostName, pid: Machine.processID, uptime: began.duration(to: .now) / .seconds(1),
            clientsCount: all.connections.values.reduce(0, +), pollingClientsCount: all.connections[.polling] ?? 0,
            // Without a loop that does not answer the sums are none to count from.
            aggregatedEvents: isNext && counts.count == shards.count ? advanceTraffic(to: totals) : [],
            namespaces: namespaces)
    }
}

/// How much more an administrator is told at once.
private struct AdminRoom {
    private var sockets: Int
    private var bytes: Int

    init(within limits: AdminConfiguration.Limits) {
        sockets = limits.sockets
        bytes = limits.socketBytes
    }

    mutating func takes(_ socket: AdminSocket) -> Bool {
        guard sockets > 0, socket.byteCount <= bytes else { return false }
        sockets -= 1
        bytes -= socket.byteCount
        return true
    }
}

extension AdminTraffic.Totals {
    /// Of one loop.
    fileprivate init(_ shard: ServerShard) {
        self.init()
        let events = shard.eventCounts
        connections = shard.engine.openedCount
        disconnections = Dictionary(
            shard.tally.disconnects.map { ($0.rawValue, $1) }, uniquingKeysWith: +)
        (packetsIn, packetsOut) = (events.received, events.sent)
        (bytesIn, bytesOut) = (shard.loop.receivedByteCount, shard.loop.sentByteCount)
    }
}
