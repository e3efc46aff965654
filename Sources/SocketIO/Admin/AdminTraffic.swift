/// What has happened between one look at a server's numbers and the next.
struct AdminTraffic {
    /// What happened since the server began to listen.
    struct Totals {
        var connections = 0
        var disconnections: [String: Int] = [:]
        var packetsIn = 0
        var packetsOut = 0
        var bytesIn = 0
        var bytesOut = 0

        mutating func add(_ other: Totals) {
            connections += other.connections
            disconnections.merge(other.disconnections, uniquingKeysWith: +)
            packetsIn += other.packetsIn
            packetsOut += other.packetsOut
            bytesIn += other.bytesIn
            bytesOut += other.bytesOut
        }
    }

    private var known: Totals?

    /// What has happened since the last time, in the second of `milliseconds` since 1970; nothing at the first.
    mutating func advance(to totals: Totals, at milliseconds: Int64) -> [AdminStatistics.Aggregate] {
        defer { known = totals }
        guard let known else { return [] }
        let second = milliseconds / 1_000 * 1_000
        // The numbers of a server that listens anew begin anew.
        func aggregate(_ type: String, _ new: Int, _ old: Int, of subType: String? = nil) -> AdminStatistics.Aggregate?
        {
            let count = new < old ? new : new - old
            return count == 0
                ? nil : AdminStatistics.Aggregate(timestamp: second, type: type, subType: subType, count: count)
        }
        return [
            aggregate("rawConnection", totals.connections, known.connections),
            aggregate("packetsIn", totals.packetsIn, known.packetsIn),
            aggregate("packetsOut", totals.packetsOut, known.packetsOut),
            aggregate("bytesIn", totals.bytesIn, known.bytesIn),
            aggregate("bytesOut", totals.bytesOut, known.bytesOut),
        ].compactMap { $0 }
            + totals.disconnections.sorted { $0.key < $1.key }.compactMap { reason, count in
                aggregate("rawDisconnection", count, known.disconnections[reason] ?? 0, of: reason)
            }
    }
}
