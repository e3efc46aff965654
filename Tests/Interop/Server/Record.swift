import SocketIO
import Synchronization

/// What the tests cannot see from a client: how many sockets live, and why others have gone.
final class Record: Sendable {
    struct Summary: Codable, Sendable {
        var sockets = 0
        /// Reason by socket id.
        var reasons: [String: String] = [:]
        /// Rooms that the socket was still in when `onDisconnecting` ran, by socket id.
        var lastRooms: [String: [String]] = [:]
    }

    private let state = Mutex(Summary())

    var summary: Summary { state.withLock { $0 } }

    func connected() {
        state.withLock { $0.sockets += 1 }
    }

    func disconnecting(_ id: SocketID, from rooms: Set<Room>) {
        let names = rooms.map { "\($0)" }.sorted()
        state.withLock { $0.lastRooms["\(id)"] = names }
    }

    func disconnected(_ id: SocketID, _ reason: DisconnectReason) {
        state.withLock { state in
            state.sockets -= 1
            state.reasons["\(id)"] = "\(reason)"
        }
    }
}
