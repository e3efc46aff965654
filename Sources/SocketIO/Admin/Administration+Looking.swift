internal import EngineIO
internal import NetLoop
internal import SocketIOEvents

// What is looked up on all loops.

extension Administration {
    /// The sockets of all namespaces, as many as may be told at once. What happens to them is told from now on.
    func allSockets() async -> [AdminSocket] {
        let limit = max(configuration.limits.sockets, 0)
        let found = await context.shards.gather { [self] shard in
            let sockets = shard.allSockets.prefix(limit)
            for socket in sockets { overhear(socket) }
            return sockets.map(AdminSocket.init)
        }
        return Array(found.joined().prefix(limit))
    }

    func statistics() async -> AdminStatistics {
        let loops = await context.shards.gather { $0.counts }
        var connections: [TransportName: Int] = [:]
        var sockets: [String: Int] = [:]
        for loop in loops {
            connections.merge(loop.connections, uniquingKeysWith: +)
            for namespace in loop.namespaces { sockets[namespace.name, default: 0] += namespace.sockets }
        }
        let namespaces = context.namespaceNames.sorted().map {
            AdminStatistics.OfNamespace(name: $0, socketsCount: sockets[$0] ?? 0)
        }
        return AdminStatistics(
            serverId: configuration.serverID ?? "\(Machine.hostName)#\(Machine.processID)",
            hostname: Machine.hostName, pid: Machine.processID, uptime: began.duration(to: .now) / .seconds(1),
            clientsCount: connections.values.reduce(0, +), pollingClientsCount: connections[.polling] ?? 0,
            aggregatedEvents: [], namespaces: namespaces)
    }
}
