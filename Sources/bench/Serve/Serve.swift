import Glibc
import SocketIO

/// The server under test, on public API as any application would write it.
enum Serve {
    /// Serves until the process is told to end; if it is tethered, until standard input ends.
    static func run(_ options: Options) -> Never {
        Host.raiseDescriptorLimit()
        Task.detached {
            do {
                try await serve(options)
                exit(0)
            } catch {
                print(error)
                exit(1)
            }
        }
        if options.isTethered {
            Host.waitForEndOfInput()
            exit(0)
        }
        while true { pause() }
    }

    private static func serve(_ options: Options) async throws {
        let io = SocketIOServer()
        io.configuration.loops = options.loops
        if options.compresses { io.configuration.engine.perMessageDeflate = .init() }
        io.configuration.engine.allowEIO3 = options.isVersion2
        if let adapter = options.adapter { io.configuration.adapter = try adapter.make(options.redis) }

        io.on("echo") { (socket: Socket, arguments: EventArguments) in socket.emit("echo", arguments) }
        io.on("echo-ack") { (_: Socket, arguments: EventArguments) in arguments }
        io.on("echo-string") { (socket: Socket, text: String) in socket.emit("echo-string", text) }
        io.on("ack-string") { (_: Socket, text: String) in text }
        io.on("echo-async") { (socket: Socket, text: String) async in socket.emit("echo-async", text) }
        io.on("echo-json") { (socket: Socket, value: JSONValue) in socket.emit("echo-json", value) }
        io.on("echo-typed") { (socket: Socket, record: Record) in socket.emit("echo-typed", record) }
        io.on("echo-binary") { (socket: Socket, bytes: [UInt8]) in socket.emit("echo-binary", bytes) }
        io.on("join") { (socket: Socket, room: String) in
            socket.join(Room(room))
            return true
        }
        io.on("leave") { (socket: Socket, room: String) in
            socket.leave(Room(room))
            return true
        }
        io.on("bcast") { (_: Socket, room: String, message: String) in io.to(Room(room)).emit("bcast", message) }

        let streams = EventStreams()
        io.http.get(Opening.streamPath) { _ in
            // Before its head is sent: it misses nothing from then on.
            let texts = streams.add()
            return .events { stream in for await text in texts { try await stream.send(text) } }
        }
        io.on("publish") { (_: Socket, text: String) in
            streams.send(text)
            return true
        }

        io.on("mark") { (_: Socket) in
            Mark.noticedByCallgrind()
            return true
        }

        // Handlers of each socket, as most applications have them.
        io.namespace("/visit").onConnection { socket in
            socket.on("say") { (text: String) in socket.broadcast.emit("said", text) }
            socket.on("ask") { (text: String) in text }
            socket.on("join") { (room: String) in socket.join(Room(room)) }
        }

        let address = try await io.listen(host: "127.0.0.1", port: options.port)
        if options.adapter != nil { try await waitUntilJoined(io) }
        Host.printLine("listening on \(address.port)")
        await io.waitUntilClosed()
    }

    /// Returns when this node hears of itself.
    private static func waitUntilJoined(_ io: SocketIOServer) async throws {
        for _ in 0..<500 {
            if let count = await io.nodeCount, count > 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw LoadFailure("the node does not join the others")
    }
}
