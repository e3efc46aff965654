internal import SocketIO
internal import SocketIOEvents

/// The rooms that this node has lately asked others to put sockets into. A node subscribes to the channel of a room when the
/// first of its sockets has joined it: until Redis knows, what goes to that channel does not come to it.
struct RecentRooms {
    typealias Instant = ContinuousClock.Instant

    /// Each is kept for so long at least, and twice as long at most.
    static let time = Duration.seconds(10)
    /// More of them in that time are as good as all.
    static let limit = 10_000

    private var newer: Set<Room> = []
    private var older: Set<Room> = []
    /// When the newer ones become the older ones.
    private var turn: Instant?
    /// There were too many to tell them apart.
    private var isAll = (newer: false, older: false)

    mutating func insert(_ rooms: [Room], now: Instant) {
        roll(now)
        guard newer.count + rooms.count <= Self.limit else {
            isAll.newer = true
            newer = []
            return
        }
        newer.formUnion(rooms)
    }

    func contains(_ room: Room, now: Instant) -> Bool {
        guard let turn, now < turn.advanced(by: Self.time) else { return false }
        if isAll.newer || newer.contains(room) { return true }
        return now < turn && (isAll.older || older.contains(room))
    }

    private mutating func roll(_ now: Instant) {
        guard let turn else {
            turn = now.advanced(by: Self.time)
            return
        }
        guard now >= turn else { return }
        let isLate = now >= turn.advanced(by: Self.time)
        (older, isAll.older) = isLate ? ([], false) : (newer, isAll.newer)
        (newer, isAll.newer) = ([], false)
        self.turn = (isLate ? now : turn).advanced(by: Self.time)
    }
}
