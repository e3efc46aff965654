internal import SocketIOEvents

/// Rooms that were named one after another. Adding takes the same time however many there are, and changes none of the
/// selections that were made before.
struct RoomChain: Sendable {
    private final class Link: Sendable {
        let rooms: [Room]
        let previous: RoomChain

        init(_ rooms: [Room], after previous: RoomChain) {
            self.rooms = rooms
            self.previous = previous
        }
    }

    private var last: Link?
    private var count = 0

    static let empty = RoomChain()

    func adding(_ rooms: [Room]) -> RoomChain {
        guard !rooms.isEmpty else { return self }
        var chain = RoomChain()
        chain.last = Link(rooms, after: self)
        chain.count = count + rooms.count
        return chain
    }

    /// All of them, in the order named.
    var rooms: [Room] {
        guard let last else { return [] }
        guard last.previous.last != nil else { return last.rooms }
        var reversed: [Room] = []
        reversed.reserveCapacity(count)
        var link: Link? = last
        while let current = link {
            reversed.append(contentsOf: current.rooms.reversed())
            link = current.previous.last
        }
        return reversed.reversed()
    }
}
