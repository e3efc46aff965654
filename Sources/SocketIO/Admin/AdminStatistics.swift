/// What administrators are told every two seconds.
struct AdminStatistics: Encodable, Sendable {
    /// Something that happened, how often in one second.
    struct Aggregate: Encodable, Sendable, Equatable {
        /// The beginning of the second, in milliseconds since 1970.
        let timestamp: Int64
        let type: String
        var subType: String?
        let count: Int
    }

    struct OfNamespace: Encodable, Sendable {
        let name: String
        let socketsCount: Int
    }

    let serverId: String
    let hostname: String
    let pid: Int
    let uptime: Double
    let clientsCount: Int
    let pollingClientsCount: Int
    let aggregatedEvents: [Aggregate]
    let namespaces: [OfNamespace]
}
