import SocketIO
import SocketIOClient

extension ScalingOperation {
    /// What is registered on a client for the moments of its life, and namespaces that come and go.
    static func clientLifecycle() -> [ScalingOperation] {
        [
            client("client-on-disconnect", 64) { _, socket, count in
                try await socket.connect()
                return {
                    for _ in 0..<count { socket.onDisconnect { _ in } }
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-cancel-on-disconnect", 64) { _, socket, count in
                let subscriptions = Subscriptions()
                try await socket.connect()
                for _ in 0..<count { subscriptions.append(socket.onDisconnect { _ in }) }
                try await awaitRoundTrip(of: socket)
                return {
                    subscriptions.cancelAll()
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-on-any", 64) { _, socket, count in
                try await socket.connect()
                return {
                    for _ in 0..<count { socket.onAny { _, _ in } }
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-manager-on-close", 64) { _, socket, count in
                try await socket.connect()
                return {
                    for _ in 0..<count { socket.manager.onClose { _ in } }
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-manager-cancel-on-close", 64) { _, socket, count in
                let subscriptions = Subscriptions()
                try await socket.connect()
                for _ in 0..<count { subscriptions.append(socket.manager.onClose { _ in }) }
                try await awaitRoundTrip(of: socket)
                return {
                    subscriptions.cancelAll()
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-on-handler-error", 64) { _, socket, count in
                { for _ in 0..<count { socket.manager.onHandlerError { _, _ in } } }
            },
            client("client-cancel-on-handler-error", 64) { _, socket, count in
                let subscriptions = Subscriptions()
                for _ in 0..<count { subscriptions.append(socket.manager.onHandlerError { _, _ in }) }
                return { subscriptions.cancelAll() }
            },
            client("client-namespaces", 64) { io, socket, count in
                let names = namespaceNames(count)
                for name in names { _ = io.namespace(name) }
                try await socket.connect()
                return {
                    let sockets = names.map { socket.manager.socket($0) }
                    for socket in sockets { try await socket.connect() }
                    for socket in sockets { socket.disconnect() }
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-leave-unanswered", 64) { io, socket, count in
                let names = namespaceNames(count)
                for name in names { io.namespace(name).use { _ in try await Task.sleep(for: .seconds(3600)) } }
                try await socket.connect()
                let sockets = names.map { socket.manager.socket($0) }
                for socket in sockets { socket.open() }
                try await awaitRoundTrip(of: socket)
                return {
                    for socket in sockets { socket.disconnect() }
                    try await awaitRoundTrip(of: socket)
                }
            },
        ]
    }

    private static func namespaceNames(_ count: Int) -> [String] {
        (0..<count).map { "/namespace-\(1_000 + $0)" }
    }
}
