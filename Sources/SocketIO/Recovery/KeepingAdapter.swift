internal import SocketIOEvents
package import SocketIOWire

/// An adapter that keeps what it carries, so that a client that has lost its node goes on at another (Protocol.md 5.6).
///
/// With it and `recovery` nothing is kept in the memory of a node: what is asked for here goes to the adapter first, comes back
/// with its place among all, and is carried out then, on all nodes in the same order.
package protocol KeepingAdapter: Adapter {
    /// Has `told` called with a place once all up to it is handed in: now, and every few seconds. In the order in which
    /// messages are handed in, and in place of who was told so far.
    func follow(_ told: @escaping @Sendable (RedisStreamID) -> Void)

    /// Waits, for seconds at most, until all is kept that was to be.
    func settle() async
}

extension SocketIOServer.Configuration {
    /// The adapter, if it keeps what clients come back to.
    var keepingAdapter: (any KeepingAdapter)? { recovery == nil ? nil : adapter as? any KeepingAdapter }
}

/// What such an adapter does for one namespace.
package protocol KeepingNamespaceAdapter: NamespaceAdapter {
    /// Carries a message without a request to all nodes, this one included, which are handed it in with its place.
    ///
    /// - Returns: False, and nothing is carried, while that is not possible: then it is published as it would be else.
    func publishKept(_ message: ClusterMessage) -> Bool

    /// Calls `body` once all that this thread had carried so far is handed in.
    ///
    /// - Parameter bytes: What waits with it.
    /// - Returns: False, and `body` is not called, while that is not possible.
    func afterKept(_ bytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool

    /// Keeps what a client that is away had, for so long.
    func keep(_ session: KeptSession, for time: Duration)

    /// Takes out what a client that comes back had, and what was sent to it since.
    ///
    /// - Parameters:
    ///   - pid: The secret that it shows.
    ///   - offset: How far it came; nil if it has had no event.
    ///   - found: Called once, in the order in which messages are handed in; with nil if there is nothing, or not all of it.
    func take(
        _ pid: SocketID, after offset: RedisStreamID?, _ found: @escaping @Sendable (KeptReturn?) -> Void)
}

/// What is kept of a client that is away.
package struct KeptSession: Sendable {
    package let id: SocketID
    package let pid: SocketID
    /// The one of its id included, if it is in that.
    package let rooms: Set<Room>
    /// What others see of it, which is all that travels.
    package let data: JSONObject
    package let progress: StreamProgress

    package init(id: SocketID, pid: SocketID, rooms: Set<Room>, data: JSONObject, progress: StreamProgress) {
        (self.id, self.pid, self.rooms, self.data, self.progress) = (id, pid, rooms, data, progress)
    }

    /// Whether the client was to get what went to `audience`.
    package func isPart(of audience: ClusterAudience) -> Bool {
        guard !audience.except.contains(where: rooms.contains) else { return false }
        return audience.rooms.isEmpty || audience.rooms.contains(where: rooms.contains)
    }
}

/// A client that comes back.
package struct KeptReturn: Sendable {
    package let session: KeptSession
    /// What it has missed, in order.
    package var missed: [PlacedEvent]
    /// All up to this place is among these, or not for it.
    package var position: RedisStreamID
    /// Whether it is known to have been in this namespace: if not, the middlewares are asked again.
    package let isTrusted: Bool

    package init(session: KeptSession, missed: [PlacedEvent], position: RedisStreamID, isTrusted: Bool) {
        (self.session, self.missed, self.position, self.isTrusted) = (session, missed, position, isTrusted)
    }
}

/// An event that was kept, and its place.
package struct PlacedEvent: Sendable {
    package let event: ClusterEvent
    package let place: RedisStreamID

    package init(_ event: ClusterEvent, at place: RedisStreamID) {
        (self.event, self.place) = (event, place)
    }
}
