internal import SocketIOEvents

/// Rooms that were named one after another. Adding does not copy those named before, and changes none of the selections
/// that were made before.
///
/// A link holds more rooms than the one after it: there are few links, however many rooms were named one by one, and each
/// room is copied rarely. Most selections name their rooms at once, and have no link.
struct RoomChain: Sendable {
    private final class Link: Sendable {
        let rooms: [Room]
        let previous: Link?

        init(_ rooms: [Room], after previous: Link?) {
            self.rooms = rooms
            self.previous = previous
        }
    }

    private var newest: [Room] = []
    private var older: Link?

    static let empty = RoomChain()

    func adding(_ rooms: [Room]) -> RoomChain {
        guard !rooms.isEmpty else { return self }
        var added = rooms
        var (newest, older) = (newest, older)
        while !newest.isEmpty, newest.count <= added.count {
            added = newest + added
            (newest, older) = (older?.rooms ?? [], older?.previous)
        }
        var chain = RoomChain()
        chain.newest = added
        if !newest.isEmpty { chain.older = Link(newest, after: older) }
        return chain
    }

    /// All of them, in the order named.
    var rooms: [Room] {
        guard var link = older else { return newest }
        var groups = [newest, link.rooms]
        while let previous = link.previous {
            groups.append(previous.rooms)
            link = previous
        }
        return Array(groups.reversed().joined())
    }
}
