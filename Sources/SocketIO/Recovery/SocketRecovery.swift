internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// By what a connected socket can be recovered.
final class SocketRecovery: Sendable {
    /// The secret that the client shows when it comes back.
    let pid: SocketID
    let isRecovered: Bool
    /// The offset that the client came back with: until it gets another event, it has no newer one.
    let knownOffset: String?
    /// Where in the loop's log the socket began.
    let position: Atomic<Int>

    init(pid: SocketID, isRecovered: Bool = false, knownOffset: String? = nil, position: Int = 0) {
        self.pid = pid
        self.isRecovered = isRecovered
        self.knownOffset = knownOffset
        self.position = Atomic(position)
    }
}

/// What is kept of a socket while its client is away. Lives in the table of one loop, and crosses to another.
struct RecoverySession: Sendable {
    let id: SocketID
    let pid: SocketID
    /// The namespace's number.
    let namespace: Int
    let guests: OwnRoomGuests
    let rooms: [Room]
    let isInOwnRoom: Bool
    let values: SharedSocketState.Values
    /// How far a client has come that shows this offset, or none.
    var knownOffset: String?
    var position: Int
    /// When it is too late to come back.
    let deadline: ContinuousClock.Instant

    /// Whether the client was to get what went to `audience`.
    func isPart(of audience: RecoveryAudience) -> Bool {
        guard audience.namespace == namespace else { return false }
        switch audience.target {
        case .socket(let socket):
            return socket == id
        case .selection(let selection):
            guard selection.exceptSocket != id, !selection.except.contains(where: isIn) else { return false }
            return selection.rooms.isEmpty || selection.rooms.contains(where: isIn)
        }
    }

    private func isIn(_ room: Room) -> Bool {
        roomSet.contains(room) || isInOwnRoom && SocketID(ownerOf: room) == id
    }

    private let roomSet: Set<Room>

    init(
        id: SocketID, pid: SocketID, namespace: Namespace, rooms: [Room], isInOwnRoom: Bool,
        values: SharedSocketState.Values, knownOffset: String?, position: Int, deadline: ContinuousClock.Instant
    ) {
        self.id = id
        self.pid = pid
        self.namespace = namespace.number
        guests = namespace.guests
        self.rooms = rooms
        roomSet = Set(rooms)
        self.isInOwnRoom = isInOwnRoom
        self.values = values
        self.knownOffset = knownOffset
        self.position = position
        self.deadline = deadline
    }
}

/// Whom an event in the log was for.
struct RecoveryAudience: Sendable {
    /// The namespace's number.
    let namespace: Int
    let target: Target

    enum Target: Sendable {
        case socket(SocketID)
        case selection(BroadcastSelection)
    }
}

/// What a client shows that wants to come back.
struct RecoveryClaim: Sendable {
    let pid: SocketID
    /// How far it came; nil if it has had no event.
    let offset: String?

    /// What stands in the payload of a CONNECT; nil if that is no claim.
    init?(_ auth: [UInt8]) {
        guard !auth.isEmpty, let shown = try? JSONCoding.decode(Shown.self, from: auth.span, attachments: []) else {
            return nil
        }
        // Kept with a socket, and shorter than that wherever it is one of ours.
        guard (shown.offset?.utf8.count ?? 0) <= 64 else { return nil }
        pid = SocketID(shown.pid)
        offset = shown.offset
    }

    private struct Shown: Decodable {
        let pid: String
        let offset: String?
    }
}
