import SocketIO
import SocketIOClient
import Synchronization

extension ScalingOperation {
    /// One that needs this project's client, and a server in this process: what both cost is counted.
    static func client(
        _ name: String, _ count: Int,
        _ configure: @escaping @Sendable (inout ClientSocket.Configuration) -> Void = { _ in },
        _ prepare: @escaping @Sendable (SocketIOServer, ClientSocket, Int) async throws -> () async throws -> Void
    ) -> ScalingOperation {
        ScalingOperation(name, count) { count in
            let server = try await ScalingServer()
            let io = server.io
            io.on("question") { (_: Socket, number: Int) in number }
            let manager = ClientManager(url: "http://127.0.0.1:\(server.target.address.port)") {
                $0.transports = [.webSocket]
                configure(&$0.sockets)
            }
            return Trial(
                run: try await prepare(io, manager.socket(), count),
                end: {
                    await manager.close()
                    await server.close()
                })
        }
    }

    /// What waits in a client, or is awaited.
    static func client() -> [ScalingOperation] {
        [
            client("client-emit-offline", 128) { _, socket, count in
                {
                    for number in 0..<count { socket.emit("event", number) }
                    // Only what has been kept can be sent.
                    try await socket.connect()
                    guard try await socket.emitWithAck("question", 1) == 1 else {
                        throw LoadFailure("another's answer")
                    }
                }
            },
            client("client-acks-that-time-out-offline", 64) { _, socket, count in
                { await askOften(socket, count, timeout: .milliseconds(300)) }
            },
            client("client-acks-cancelled-offline", 64) { _, socket, count in
                {
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask { await askOften(socket, count, timeout: .seconds(60)) }
                        group.cancelAll()
                    }
                }
            },
            client("client-acks-that-time-out", 64) { io, socket, count in
                io.on("silence") { (_: Socket, _: Int) in }
                try await socket.connect()
                return { await askOften(socket, count, "silence", timeout: .milliseconds(300)) }
            },
            client("client-acks-answered", 64) { _, socket, count in
                try await socket.connect()
                return { await askOften(socket, count, timeout: .seconds(60)) }
            },
            client("client-acks-answered-after-connecting", 64) { _, socket, count in
                {
                    async let answers: Void = askOften(socket, count, timeout: .seconds(60))
                    try await socket.connect()
                    await answers
                }
            },
            client("client-acks-of-a-lost-connection", 64) { io, socket, count in
                let arrivals = Arrivals()
                // Once all are there: they come in any order.
                io.on("silence") { (asked: Socket, _: Int) in
                    if arrivals.note() % count == 0 { asked.disconnect(closingConnection: true) }
                }
                try await socket.connect()
                return { await askOften(socket, count, "silence", timeout: .seconds(60)) }
            },
            client("client-retries", 128, { $0.retries = 1 }) { io, socket, count in
                try await socket.connect()
                return {
                    for number in 0..<count { socket.emit("question", number) }
                    guard try await socket.emitWithAck("question", 1) == 1 else {
                        throw LoadFailure("another's answer")
                    }
                }
            },
        ]
    }

    private static func askOften(
        _ socket: ClientSocket, _ count: Int, _ name: EventName = "question", timeout: Duration
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    // No answer is one that is waited for.
                    _ = try? await socket.emitWithAck(name, number, timeout: timeout) as Int
                }
            }
        }
    }

    /// What is registered on a client's socket.
    static func clientHandlers() -> [ScalingOperation] {
        [
            client("client-on-names", 64) { _, socket, count in
                let names = names(count)
                try await socket.connect()
                return {
                    for name in names { socket.on(name) { (_: Int) in } }
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-on-one-name", 64) { _, socket, count in
                try await socket.connect()
                return {
                    for _ in 0..<count { socket.on("event") { (_: Int) in } }
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-off-names", 64) { _, socket, count in
                let names = names(count)
                try await socket.connect()
                for name in names { socket.on(name) { (_: Int) in } }
                try await awaitRoundTrip(of: socket)
                return {
                    for index in names.indices.shuffled { socket.off(names[index]) }
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-cancel-names", 32) { _, socket, count in
                let subscriptions = Subscriptions()
                try await socket.connect()
                for name in names(count) { subscriptions.append(socket.on(name) { (_: Int) in }) }
                try await awaitRoundTrip(of: socket)
                return {
                    subscriptions.cancelAll()
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-cancel-one-name", 32) { _, socket, count in
                let subscriptions = Subscriptions()
                try await socket.connect()
                for _ in 0..<count { subscriptions.append(socket.on("event") { (_: Int) in }) }
                try await awaitRoundTrip(of: socket)
                return {
                    subscriptions.cancelAll()
                    try await awaitRoundTrip(of: socket)
                }
            },
            client("client-find-names", 64) { io, socket, count in
                let names = names(count)
                io.on("burst") { (asking: Socket) in
                    for name in names { asking.emit(name, 1) }
                    return true
                }
                try await socket.connect()
                for name in names { socket.on(name) { (_: Int) in } }
                try await awaitRoundTrip(of: socket)
                return { guard try await socket.emitWithAck("burst") == true else { throw LoadFailure("no answer") } }
            },
            client("client-once-names", 32) { io, socket, count in
                let names = names(count)
                io.on("burst") { (asking: Socket) in
                    for name in names { asking.emit(name, 1) }
                    return true
                }
                try await socket.connect()
                for name in names { socket.once(name) { (_: Int) in } }
                try await awaitRoundTrip(of: socket)
                return { guard try await socket.emitWithAck("burst") == true else { throw LoadFailure("no answer") } }
            },
        ]
    }

    /// Returns when the client has done what it was asked for so far.
    static func awaitRoundTrip(of socket: ClientSocket) async throws {
        guard try await socket.emitWithAck("question", 1) == 1 else { throw LoadFailure("another's answer") }
    }
}

/// Counts what arrives.
private final class Arrivals: Sendable {
    private let count = Atomic(0)

    /// How many there are with this one.
    func note() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
