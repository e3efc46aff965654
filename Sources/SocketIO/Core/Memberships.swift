internal import NetLoop
internal import SocketIOEvents

/// The rooms that a socket is in, its own apart, and its place in each room's list.
struct Memberships: Sendable {
    struct Membership: Sendable {
        let name: Room
        let room: LoopBound<RoomShard>
        /// Of the room.
        let number: Int
        var place: Int
    }

    private var all: [Membership] = []
    /// By the room's number; empty while there are few.
    private var positions = PositionTable()

    /// Up to here looking at all is faster, and smaller, than a table.
    private static let linearLimit = 16

    var count: Int { all.count }
    var names: [Room] { all.map(\.name) }
    var memberships: [Membership] { all }

    func contains(room number: Int) -> Bool { position(of: number) != nil }

    mutating func append(_ membership: Membership) {
        all.append(membership)
        guard all.count > Self.linearLimit || !positions.isEmpty else { return }
        positions.append(count: all.count) { Self.hash(all[$0].number) }
    }

    /// The socket has another place in the room's list.
    mutating func move(room number: Int, to place: Int) {
        if let position = position(of: number) { all[position].place = place }
    }

    mutating func remove(room number: Int) -> Membership? {
        guard let position = position(of: number) else { return nil }
        if !positions.isEmpty { positions.remove(position, count: all.count) { Self.hash(all[$0].number) } }
        all.swapAt(position, all.count - 1)
        return all.removeLast()
    }

    private func position(of number: Int) -> Int? {
        guard !positions.isEmpty else { return all.firstIndex { $0.number == number } }
        var slot = positions.firstSlot(of: Self.hash(number))
        while let position = positions.position(in: slot) {
            if all[position].number == number { return position }
            slot = positions.slot(after: slot)
        }
        return nil
    }

    /// The numbers are the loop's, one after another: nobody can choose them to collide.
    private static func hash(_ number: Int) -> Int { (number &* 0x1E37_79B9_7F4A_7C15) >> 32 }
}
