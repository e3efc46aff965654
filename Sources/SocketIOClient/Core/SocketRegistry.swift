internal import SocketIOWire
internal import Synchronization

/// The handles that an application has of a manager's sockets: one for each namespace, for as long as anybody holds it.
///
/// Handles are returned, and so let go of outside the lock: the end of one comes back here.
final class SocketRegistry: Sendable {
    private struct Weak {
        weak let socket: ClientSocket?
    }

    private struct State {
        var sockets: [ByteName: Weak] = [:]
        var isClosed = false
    }

    struct Registered {
        let socket: ClientSocket
        var isNew = false
        /// It came too late to be closed with the others.
        var isClosed = false
    }

    private let state = Mutex(State())

    /// How many places there are.
    var count: Int { state.withLock { $0.sockets.count } }

    func socket(of namespace: String) -> ClientSocket? {
        state.withLock { $0.sockets[ByteName(namespace)]?.socket }
    }

    func socket(of namespace: String, orMake make: () -> ClientSocket) -> Registered {
        state.withLock { state in
            if let socket = state.sockets[ByteName(namespace)]?.socket { return Registered(socket: socket) }
            let socket = make()
            if !state.isClosed { state.sockets[ByteName(namespace)] = Weak(socket: socket) }
            return Registered(socket: socket, isNew: true, isClosed: state.isClosed)
        }
    }

    /// A handle is gone: no place is kept for it, however many namespaces there were.
    func forget(_ namespace: String) {
        let other = state.withLock { state in
            let socket = state.sockets[ByteName(namespace)]?.socket
            if socket == nil { state.sockets[ByteName(namespace)] = nil }
            return socket
        }
        withExtendedLifetime(other) {}
    }

    /// Registers nothing any more; returns what was registered.
    func close() -> [ClientSocket] {
        state.withLock { state in
            state.isClosed = true
            defer { state.sockets = [:] }
            return state.sockets.values.compactMap(\.socket)
        }
    }
}
