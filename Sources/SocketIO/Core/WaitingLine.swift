/// Sockets that wait for something, first come, first served; each may leave at any time.
struct WaitingLine {
    /// A place in it.
    typealias Ticket = UInt64

    private var sockets: [Ticket: Socket] = [:]
    /// Of the one who has waited longest, or of one who has left before.
    private var first: Ticket = 0
    private var next: Ticket = 0

    /// False only if nobody waits.
    var mayHaveAny: Bool { first < next }

    mutating func append(_ socket: Socket) -> Ticket {
        defer { next += 1 }
        sockets[next] = socket
        return next
    }

    mutating func remove(_ ticket: Ticket) { sockets[ticket] = nil }

    mutating func removeFirst() -> SocketCore? {
        guard !sockets.isEmpty else {
            first = next
            return nil
        }
        while first < next {
            defer { first += 1 }
            if let socket = sockets.removeValue(forKey: first) { return SocketCore(socket) }
        }
        return nil
    }
}
