import Glibc
import NetLoop

/// A connection that is ready for its load.
final class Connection {
    private let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    var socket: CInt { descriptor.rawValue }

    /// Hangs up: the peer hears of it at once, though the descriptor stays open.
    func hangUp() {
        _ = shutdown(socket, CInt(SHUT_RDWR))
    }

    /// Sends a few bytes, for which the kernel has room.
    func send(_ bytes: [UInt8]) throws(LoadFailure) {
        guard TCP.send(bytes.span, to: socket) == bytes.count else { throw .dropped }
    }
}

/// Opens the connections of a load, some at a time.
struct Connector {
    private let target: Target
    private let rooms: [String]
    /// Whether all but the first are streams of events.
    private let opensStreams: Bool
    private let buffer = ReceiveBuffer(capacity: 1 << 16)

    /// How many openings are under way at once.
    private let width: Int
    private let patience: CInt

    init(_ plan: LoadPlan, rooms: [String]) {
        target = plan.target
        patience = plan.patience
        switch plan.pace {
        // Fewer than any server's backlog.
        case .eager, .steady: width = 64
        // In the same order in every run.
        case .lockstep: width = 1
        }
        self.rooms = rooms
        opensStreams = plan.work == .events
    }

    /// Returns when `count` connections are ready.
    func open(_ count: Int) throws -> [Connection] {
        let epoll = try Epoll()
        // For all of them.
        let deadline = Clock.now + UInt64(patience) * 3_000_000
        var connections: [Connection] = []
        var openings: [Opening] = []
        var ready = 0
        while ready < count {
            while connections.count < count, connections.count - ready < width {
                let connection = Connection(try TCP.connect(to: target.address))
                let isStream = opensStreams && !connections.isEmpty
                let opening = isStream ? Opening(ofStream: target) : Opening(target, rooms: rooms)
                try connection.send(opening.request)
                try epoll.add(connection.socket, token: connections.count)
                connections.append(connection)
                openings.append(opening)
            }
            for index in 0..<epoll.wait(milliseconds: 1000) {
                let token = epoll.event(at: index).token
                if try advance(&openings[token], connections[token]) { ready += 1 }
            }
            guard Clock.now < deadline else {
                throw LoadFailure("\(count - ready) of \(count) connections do not open")
            }
        }
        return connections
    }

    private func advance(_ opening: inout Opening, _ connection: Connection) throws -> Bool {
        switch buffer.receive(from: connection.socket) {
        case .nothing: return false
        case .end: throw LoadFailure.dropped
        case .bytes(let count):
            switch try opening.receive(buffer.array(0..<count)) {
            case .wait: return false
            case .send(let bytes):
                try connection.send(bytes)
                return false
            case .finished: return true
            }
        }
    }
}
