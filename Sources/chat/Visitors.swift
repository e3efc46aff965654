import ChatEvents
import SocketIO
import Synchronization

/// Who is connected. A name belongs to the browser that uses it, from its first socket to its last.
final class Visitors: Sendable {
    struct Summary: Codable, Sendable {
        let name: String
        let sockets: Int
        let rooms: [String]
    }

    private struct Visitor {
        let key: String
        var sockets: [SocketID: Socket] = [:]
    }

    private let visitors = Mutex<[String: Visitor]>([:])

    func isFree(_ name: String, for key: String) -> Bool {
        visitors.withLock { $0[name].map { $0.key == key } ?? true }
    }

    func isPresent(_ name: String) -> Bool {
        visitors.withLock { $0[name] != nil }
    }

    /// False if another browser has the name.
    func add(_ socket: Socket, as name: String, key: String) -> Bool {
        visitors.withLock { visitors in
            var visitor = visitors[name] ?? Visitor(key: key)
            guard visitor.key == key else { return false }
            visitor.sockets[socket.id] = socket
            visitors[name] = visitor
            return true
        }
    }

    func remove(_ socket: Socket, as name: String) {
        visitors.withLock { visitors in
            visitors[name]?.sockets[socket.id] = nil
            if visitors[name]?.sockets.isEmpty == true { visitors[name] = nil }
        }
    }

    func sockets(of name: String) -> [Socket] {
        visitors.withLock { $0[name].map { Array($0.sockets.values) } ?? [] }
    }

    func summaries(in rooms: ChatRooms) -> [Summary] {
        // Copied out first: one lock at a time.
        let present = visitors.withLock { $0.mapValues { Array($0.sockets.keys) } }
        return present.sorted { $0.key < $1.key }.map { name, sockets in
            Summary(name: name, sockets: sockets.count, rooms: rooms.rooms(of: sockets).sorted())
        }
    }
}
