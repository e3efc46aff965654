internal import NetLoop

/// That a socket is in a room, and where in the room's list.
struct Membership: Sendable {
    let name: Room
    let room: LoopBound<RoomShard>
    var place: Int
}
