import EngineIO
import SocketIO
import SocketIORedis

/// A node as an application would write it that is to lose nothing: what it acknowledges is in Redis. Ends at SIGTERM, once
/// its clients have gone elsewhere.
func runNode(port: Int, redis: String) async throws {
    let redis = try RedisURL(redis)
    var configuration = SocketIOServer.Configuration()
    var options = RedisStreamsAdapter.Options()
    options.maxLength = 1_000_000
    configuration.adapter = try RedisStreamsAdapter(redis, options: options)
    configuration.recovery = .init()
    configuration.loops = 2
    configuration.engine.pingInterval = .seconds(2)
    configuration.engine.pingTimeout = .seconds(2)
    configuration.engine.forwarding = NodeForwarding(
        host: "127.0.0.1", secret: "known to all nodes of a soak", directory: try RedisNodeDirectory(redis))
    configuration.engine.forwarding?.lifetime = .seconds(3)
    let io = SocketIOServer(configuration)
    io.onConnection { socket in
        if !socket.isRecovered { socket.join("all") }
    }
    io.on("say") { (_: Socket, writer: Int, number: Int, attempt: Int) in
        try await io.waitUntilPublished(timeout: .seconds(3)) { io.to("all").emit("said", writer, number, attempt) }
        return number
    }
    try await io.run(host: "127.0.0.1", port: port, draining: .seconds(3))
}
