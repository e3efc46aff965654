import SocketIO
import Testing

/// Serves with recovery.
func serveRecovering(
    loops: Int = 1, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
    _ body: (SocketIOServer, Int) async throws -> Void
) async throws {
    try await serve(loops: loops) {
        $0.recovery = .init()
        configure(&$0)
    } _: { io, port in
        answerSync(io)
        io.on("join") { (socket: Socket, room: String) in socket.join(Room(room)) }
        try await body(io, port)
    }
}

/// Returns once the socket of `peer` has left the server.
func waitUntilGone(_ io: SocketIOServer, _ peer: ReturningPeer) async {
    let namespace = io.namespace(peer.namespace)
    #expect(await eventually { await namespace.to(SocketID(peer.sid)).sockets().isEmpty })
}
