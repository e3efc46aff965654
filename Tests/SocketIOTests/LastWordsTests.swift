import EngineIO
import SocketIO
import Synchronization
import Testing

/// What the application gives the library may run code when it goes, wherever the library lets go of it.
@Suite struct LastWordsTests {
    private final class LastWords: Sendable {
        private let words: @Sendable () -> Void

        init(_ words: @escaping @Sendable () -> Void) {
            self.words = words
        }

        deinit { words() }

        func hear() {}
    }

    @Test func `what a namespace's handler holds may change the namespace's handlers`() {
        let (io, journal) = (SocketIOServer(), Journal())
        do {
            let words = LastWords {
                io.off("other")
                journal.note("gone")
            }
            io.on("x") { (_: Socket) in words.hear() }
        }
        io.off("x")
        #expect(journal.lines == ["gone"])
    }

    @Test func `what a namespace's handler holds may end sockets when a loop lets go of it`() async throws {
        try await serve(loops: 1) { io, port in
            answerSync(io)
            let journal = Journal()
            io.onConnection { socket in
                let words = LastWords {
                    io.off("other")
                    socket.disconnect()
                    journal.note("gone")
                }
                io.on("x") { (_: Socket) in words.hear() }
            }
            let peer = try Peer(port)
            try peer.sync()
            io.off("x")
            try peer.send(#"2["sync"]"#)
            #expect(try peer.receive() == "1")
            #expect(journal.wait(for: 1) == ["gone"])
        }
    }

    @Test func `what a socket's handler holds may change the socket's handlers`() async throws {
        try await serve { io, port in
            answerSync(io)
            let journal = Journal()
            io.onConnection { socket in
                let other = socket.on("other") {}
                let words = LastWords {
                    other.cancel()
                    journal.note("gone")
                }
                socket.on("x") { words.hear() }
                socket.on("off") { socket.off("x") }
            }
            let peer = try Peer(port)
            try peer.send(#"2["off"]"#)
            try peer.sync()
            #expect(journal.lines == ["gone"])
        }
    }

    @Test func `a value of a socket may ask for the socket's values`() async throws {
        let key = SocketKey<LastWords>("words")
        try await serve { io, port in
            answerSync(io)
            let journal = Journal()
            io.onConnection { socket in
                socket[key] = LastWords { journal.note("gone, others \(socket[key] == nil ? "none" : "some")") }
                socket[key] = nil
            }
            try Peer(port).sync()
            #expect(journal.lines == ["gone, others none"])
        }
    }

    @Test func `what a handler of a bare session holds may close it`() async throws {
        let journal = Journal()
        let engine = EngineIOServer()
        engine.onConnection { socket in
            do {
                let words = LastWords {
                    socket.close()
                    journal.note("gone")
                }
                socket.onMessage { _ in words.hear() }
            }
            socket.onMessage { _ in }
        }
        let address = try await engine.listen(host: "127.0.0.1", port: 0)
        let client = try RawClient(port: address.port)
        _ = try client.get("/engine.io/?EIO=4&transport=polling")
        #expect(journal.wait(for: 1) == ["gone"])
        await engine.close()
    }

    /// Emits for each line that it is given.
    private final class EmittingLogger: ServerLogger {
        let level = LogLevel.warning
        let lines = Journal()
        private let io = Mutex<SocketIOServer?>(nil)

        func emit(with io: SocketIOServer?) {
            self.io.withLock { $0 = io }
        }

        func log(_ level: LogLevel, _ message: String) {
            lines.note(message)
            io.withLock { $0 }?.to("loud").emit("line")
        }
    }

    @Test func `a logger that emits does not change who is put into a room`() async throws {
        let logger = EmittingLogger()
        try await serve(loops: 1) { configuration in
            configuration.logger = logger
            configuration.limits.roomsPerSocket = 1
        } _: { io, port in
            answerSync(io)
            io.on("be") { (socket: Socket, room: String) in socket.join(Room(room)) }
            let peers = try (0..<4).map { _ in try Peer(port) }
            for (number, peer) in peers.enumerated() {
                try peer.send(#"2["be","\#(number < 2 ? "loud" : "quiet")"]"#)
                try peer.sync()
            }
            logger.emit(with: io)
            io.except("quiet").socketsJoin("more")
            // It is done from another thread, at once for all; then no line is on its way any more.
            _ = logger.lines.wait(for: 1)
            try peers[3].sync()
            logger.emit(with: nil)
            #expect(logger.lines.lines.count == 1, "the loud ones have a room already; the second of them is counted")
            io.to("more").emit("more")
            for (number, peer) in peers.enumerated() {
                if number < 2 { #expect(try peer.receive() == #"2["line"]"#) }
                try peer.sync()
            }
        }
    }
}
