import SocketIO
import Synchronization
import Testing

/// How far a client is with what it is sent, and who waits for it.
@Suite(.timeLimit(.minutes(1))) struct BackpressureTests {
    private static let megabyte = String(repeating: "x", count: 1_000_000)

    /// The socket of the next client.
    private func socket(of io: SocketIOServer, connecting: () throws -> Void) throws -> Socket {
        let connected = Mutex<Socket?>(nil)
        io.onConnection { socket in connected.withLock { $0 = socket } }
        try connecting()
        return try #require(connected.withLock { $0 })
    }

    /// Sends so much that the kernel does not take all of it.
    private func flood(_ socket: Socket, megabytes: Int = 20) {
        for number in 0..<megabytes { socket.emit("page", number, Self.megabyte) }
    }

    @Test func `what a client takes at once is drained at once`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("go") { (socket: Socket) in
                socket.emit("a")
                let isDrained = await socket.drained()
                journal.note("\(isDrained) \(socket.bufferedBytes) \(socket.isWritable)")
            }
            let peer = try Peer(port)
            try peer.send(#"2["go"]"#)
            #expect(try peer.receive() == #"2["a"]"#)
            #expect(journal.wait(for: 1) == ["true 0 true"])
        }
    }

    @Test func `a client that does not read is waited for, and any thread sees how much waits`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 100_000_000 }) { io, port in
            let journal = Journal()
            var peer: Peer?
            let socket = try socket(of: io) { peer = try Peer(port, receiveBuffer: 4096) }
            #expect(socket.bufferedBytes == 0)
            #expect(socket.isWritable)
            flood(socket)
            Task { journal.note("drained \(await socket.drained())") }
            #expect(await eventually { socket.bufferedBytes > 5_000_000 })
            #expect(socket.bufferedBytes <= 21_000_000)
            #expect(!socket.isWritable)
            #expect(journal.lines == [])
            for number in 0..<20 { #expect(try peer?.receive().hasPrefix(#"2["page",\#(number),"#) == true) }
            #expect(journal.wait(for: 1) == ["drained true"])
            #expect(await eventually { socket.bufferedBytes == 0 && socket.isWritable })
        }
    }

    @Test func `on the loop it is exact, elsewhere it is up to an eighth less`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 100_000_000 }) { io, port in
            let journal = Journal()
            io.on("ask") { (socket: Socket) in journal.note("\(socket.bufferedBytes)") }
            var peer: Peer?
            let socket = try socket(of: io) { peer = try Peer(port, receiveBuffer: 4096) }
            flood(socket)
            // The loop answers behind what was emitted.
            _ = await io.counts
            #expect(await eventually { socket.bufferedBytes > 5_000_000 })
            try peer?.send(#"2["ask"]"#)
            let exact = try #require(Int(journal.wait(for: 1)[0]))
            #expect(exact - exact / 8 <= socket.bufferedBytes && socket.bufferedBytes <= exact)
        }
    }

    @Test func `what is emitted later is not waited for`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 200_000_000 }) { io, port in
            let journal = Journal()
            var peer: Peer?
            let socket = try socket(of: io) { peer = try Peer(port, receiveBuffer: 4096) }
            flood(socket, megabytes: 10)
            Task { journal.note("first \(await socket.drained())") }
            #expect(await eventually { socket.bufferedBytes > 1_000_000 })
            flood(socket, megabytes: 50)
            Task { journal.note("second \(await socket.drained())") }
            for _ in 0..<12 { _ = try peer?.receive() }
            #expect(journal.wait(for: 1) == ["first true"])
            #expect(socket.bufferedBytes > 1_000_000)
            for _ in 12..<60 { _ = try peer?.receive() }
            #expect(journal.wait(for: 2) == ["first true", "second true"])
        }
    }

    @Test func `over polling it takes a poll`() async throws {
        try await serve { io, port in
            let journal = Journal()
            var poller: PollingPeer?
            let socket = try socket(of: io) { poller = try PollingPeer(port) }
            socket.emit("a")
            Task { journal.note("drained \(await socket.drained())") }
            #expect(await eventually { socket.bufferedBytes > 0 })
            #expect(!socket.isWritable)
            #expect(journal.lines == [])
            #expect(try poller?.receive() == #"2["a"]"#)
            #expect(journal.wait(for: 1) == ["drained true"])
            #expect(socket.bufferedBytes == 0)
        }
    }

    @Test func `over an upgrade the wait goes on`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            var poller: PollingPeer?
            let socket = try socket(of: io) { poller = try PollingPeer(port) }
            socket.emit("a")
            Task { journal.note("drained \(await socket.drained())") }
            #expect(await eventually { socket.bufferedBytes > 0 })
            let peer = try Peer(port, upgrading: #require(poller))
            #expect(try peer.receive() == #"2["a"]"#)
            #expect(journal.wait(for: 1) == ["drained true"])
        }
    }

    @Test(arguments: [false, true])
    func `the wait ends with the socket, and with its task`(cancelling: Bool) async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 100_000_000 }) { io, port in
            let journal = Journal()
            var peer: Peer?
            let socket = try socket(of: io) { peer = try Peer(port, receiveBuffer: 4096) }
            flood(socket)
            let waits = (0..<10).map { _ in Task { journal.note("\(await socket.drained())") } }
            #expect(await eventually { socket.bufferedBytes > 5_000_000 })
            if cancelling { for wait in waits { wait.cancel() } } else { peer?.raw.close() }
            #expect(journal.wait(for: 10) == Array(repeating: "false", count: 10))
            if !cancelling {
                #expect(await socket.drained() == false)
                #expect(socket.bufferedBytes == 0)
                #expect(!socket.isWritable)
            }
        }
    }

    @Test func `a task that is cancelled already does not wait`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 100_000_000 }) { io, port in
            let (journal, gate) = (Journal(), Gate())
            var peer: Peer?
            let socket = try socket(of: io) { peer = try Peer(port, receiveBuffer: 4096) }
            flood(socket)
            let wait = Task {
                await gate.passed()
                journal.note("\(await socket.drained())")
            }
            wait.cancel()
            gate.open()
            #expect(journal.wait(for: 1) == ["false"])
            withExtendedLifetime(peer) {}
        }
    }

    @Test func `many waits end, each by itself`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 100_000_000 }) { io, port in
            let (drained, cancelled) = (Journal(), Journal())
            var peer: Peer?
            let socket = try socket(of: io) { peer = try Peer(port, receiveBuffer: 4096) }
            flood(socket)
            let waits = (0..<10_000).map { _ in
                Task {
                    if await socket.drained() { drained.note("") } else { cancelled.note("") }
                }
            }
            #expect(await eventually { socket.bufferedBytes > 5_000_000 })
            for (number, wait) in waits.enumerated() where number % 2 == 1 { wait.cancel() }
            #expect(cancelled.wait(for: 5000).count == 5000)
            for _ in 0..<20 { _ = try peer?.receive() }
            #expect(drained.wait(for: 5000).count == 5000)
        }
    }

    @Test(arguments: [false, true])
    func `a client that takes nothing is a slow consumer`(isTotal: Bool) async throws {
        try await serve(
            loops: 1,
            {
                if isTotal {
                    $0.engine.limits.bufferedBytesTotal = 5_000_000
                } else {
                    $0.engine.limits.stallTime = .milliseconds(100)
                }
            }
        ) { io, port in
            let journal = Journal()
            io.onDisconnect { _, reason in journal.note("\(reason) \(reason == .slowConsumer)") }
            var peer: Peer?
            let socket = try socket(of: io) { peer = try Peer(port, receiveBuffer: 4096) }
            flood(socket, megabytes: 14)
            #expect(journal.wait(for: 1) == ["slow consumer true"])
            withExtendedLifetime(peer) {}
        }
    }
}
