internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// By what a connected socket can be recovered.
///
/// Any thread may ask; the socket's loop changes it.
final class SocketRecovery: Sendable {
    struct State: Sendable {
        /// The secret that the client shows when it comes back.
        var pid: SocketID
        var isRecovered = false
        /// The offset that the client came back with: until it gets another event, it has no newer one.
        var knownOffset: String?
        /// Where in the loop's log the socket began.
        var position = 0
    }

    let state: Mutex<State>
    /// Where in the log the latest event stands that was sent to the socket.
    let latest = Atomic<Int>(0)
    /// How far the socket is where an adapter keeps what is sent.
    let progress: LoopBound<KeptProgress>?

    init(_ state: State, progress: LoopBound<KeptProgress>? = nil) {
        self.state = Mutex(state)
        self.progress = progress
    }
}

/// What is kept of a socket while its client is away. Lives in the table of one loop, and crosses to another.
struct RecoverySession: Sendable {
    let id: SocketID
    let pid: SocketID
    let namespace: Namespace
    let rooms: Set<Room>
    let isInOwnRoom: Bool
    let values: SharedSocketState.Values
    /// A client that shows this offset, or none, stands at `position`.
    var knownOffset: String?
    var position: Int
    /// Where the latest event stands that was sent to the socket.
    var latest: Int
    /// Where the log was when the client was away.
    var end: Int
    /// When it is too late to come back.
    let deadline: ContinuousClock.Instant

    /// Whether the client was to get what went to `audience`.
    func isPart(of audience: RecoveryAudience) -> Bool {
        guard audience.namespace == namespace.number else { return false }
        switch audience.target {
        case .socket(let socket):
            return socket == id
        case .selection(let selection):
            guard selection.exceptSocket != id, !selection.except.contains(where: isIn) else { return false }
            return selection.rooms.isEmpty || selection.rooms.contains(where: isIn)
        }
    }

    private func isIn(_ room: Room) -> Bool {
        rooms.contains(room) || isInOwnRoom && SocketID(ownerOf: room) == id
    }

    /// What it holds in memory, but for the application's values.
    var byteCount: Int {
        rooms.reduce(1_024) { $0 + $1.description.utf8.count + 2 * MemoryLayout<Room>.stride }
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

    /// What it holds in memory.
    var byteCount: Int {
        switch target {
        case .socket: 0
        case .selection(let selection): selection.byteCount
        }
    }
}

/// An event that a client has missed, and where in its loop's log it stands.
struct MissedPacket: Sendable {
    let packet: EncodedPacket
    let number: UInt64?
    let position: Int
}

/// What a client shows that wants to come back.
struct RecoveryClaim: Sendable {
    let pid: SocketID
    /// How far it came; nil if it has had no event.
    let offset: String?

    /// Longer than any of ours.
    private static let offsetLimit = 64

    /// What stands in the payload of a CONNECT; nil if that is no claim, or none that could be right.
    init?(_ auth: [UInt8]) {
        guard !auth.isEmpty, let shown = try? JSONCoding.decode(Shown.self, from: auth.span, attachments: []),
            (shown.offset?.utf8.count ?? 0) <= Self.offsetLimit, let pid = SocketID(ownerOf: Room(shown.pid))
        else { return nil }
        self.pid = pid
        offset = shown.offset
    }

    private struct Shown: Decodable {
        let pid: String
        let offset: String?
    }
}
