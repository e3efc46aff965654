/// One loop's members of a room.
final class RoomShard {
    let name: Room
    /// No other room of the namespace has it on this loop, nor will.
    let number: Int
    /// Whether it is the room of a socket's own id, where others are guests.
    let isOwnRoom: Bool
    private(set) var members: [Socket] = []

    init(_ name: Room, number: Int) {
        self.name = name
        self.number = number
        isOwnRoom = OwnRoomGuests.isGuest(in: [name])
    }

    /// Adds `socket` and returns its place.
    func append(_ socket: Socket) -> Int {
        members.append(socket)
        return members.count - 1
    }

    /// Removes the member at `place`; the last one takes it, which is returned if there is another.
    func remove(at place: Int) -> Socket? {
        let last = members.removeLast()
        guard place < members.count else { return nil }
        members[place] = last
        return last
    }
}
