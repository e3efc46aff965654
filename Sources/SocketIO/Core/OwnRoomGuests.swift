internal import SocketIOEvents
internal import Synchronization

/// How many rooms of sockets' own ids others are in, each counted once for each loop, and how many messages are on their way
/// that put somebody there. While there is none, each such room has a home: the loop of its owner.
///
/// Any thread may ask. Who is to join counts before it is done, so that what the caller sends there later gets there.
final class OwnRoomGuests: Sendable {
    private let count = Atomic<Int>(0)

    var isNone: Bool { count.load(ordering: .acquiring) == 0 }

    func add(_ change: Int) {
        if change != 0 { count.wrappingAdd(change, ordering: .acquiringAndReleasing) }
    }

    /// Whether a socket that joins `rooms` is somebody's guest.
    ///
    /// - Parameter host: The socket, if it is one: its own room is no other's.
    static func isGuest(in rooms: [Room], of host: SocketID? = nil) -> Bool {
        rooms.contains { room in SocketID(ownerOf: room).map { $0 != host } ?? false }
    }
}
