internal import SocketIOEvents

/// What happened on one loop since the server began to listen: plain numbers, which are gathered when somebody asks.
struct ServerTally: Sendable {
    /// Of namespaces that have ended; the others have their own.
    var events = EventCounts()
    var disconnects: [DisconnectReason: Int] = [:]
}

/// Events that came, and that went out: a broadcast counts once for each socket.
struct EventCounts: Sendable {
    var received = 0
    var sent = 0

    mutating func add(_ other: EventCounts) {
        received += other.received
        sent += other.sent
    }
}
