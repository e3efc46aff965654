import SocketIO
import Synchronization
import Testing

/// Volatile events of which the newest is kept for a client that cannot take it.
@Suite(.timeLimit(.minutes(1))) struct LatestTests {
    private static let megabyte = String(repeating: "x", count: 1_000_000)

    /// A client that does not read, and its socket, for which something waits.
    private func withSlowClient(
        _ configure: @escaping (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (SocketIOServer, Int, Socket, Peer) async throws -> Void
    ) async throws {
        try await serve(
            loops: 1,
            {
                $0.engine.limits.bufferedBytes = 100_000_000
                configure(&$0)
            }
        ) { io, port in
            let connected = Mutex<Socket?>(nil)
            io.onConnection { socket in connected.withLock { $0 = $0 ?? socket } }
            let peer = try Peer(port, receiveBuffer: 4096)
            let socket = try #require(connected.withLock { $0 })
            for _ in 0..<20 { socket.emit("page", Self.megabyte) }
            #expect(await eventually { socket.bufferedBytes > 5_000_000 })
            try await body(io, port, socket, peer)
        }
    }

    /// What a client gets behind the pages, up to the event `end`.
    private func rest(of peer: Peer) throws -> [String] {
        var rest: [String] = []
        while rest.last != #"2["end"]"# {
            let packet = try peer.receive()
            if !packet.hasPrefix(#"2["page""#) { rest.append(packet) }
        }
        return rest
    }

    /// Emits `end` once the client has taken all that waited.
    private func end(_ socket: Socket) {
        Task {
            await socket.drained()
            // What was kept has been sent with the turn in which the wait ended.
            socket.emit("end")
        }
    }

    private final class Held: Sendable {
        weak let socket: Socket?
        init(_ socket: Socket) { self.socket = socket }
    }

    @Test func `what is emitted while a lost client is told of keeps nothing of it`() async throws {
        try await serve { io, port in
            let held = Mutex<Held?>(nil)
            io.onConnection { socket in held.withLock { $0 = Held(socket) } }
            io.onDisconnecting { [weak io] _, _ in io?.latest.emit("count", 1) }
            let peer = try Peer(port)
            peer.raw.close()
            #expect(await eventually { await io.counts.sockets == [:] })
            #expect(await eventually { held.withLock { $0 != nil && $0?.socket == nil } })
        }
    }

    @Test func `a client that takes all gets all`() async throws {
        try await serve { io, port in
            io.on("go") { (socket: Socket) in
                for number in 0..<3 { socket.latest.emit("cursor", number) }
                io.latest.emit("all", [UInt8]([1]))
                socket.emit("end")
            }
            let peer = try Peer(port)
            try peer.send(#"2["go"]"#)
            for number in 0..<3 { #expect(try peer.receive() == #"2["cursor",\#(number)]"#) }
            #expect(try peer.receive() == #"51-["all",{"_placeholder":true,"num":0}]"#)
            #expect(try peer.receiveBinary() == [1])
            #expect(try peer.receive() == #"2["end"]"#)
        }
    }

    @Test(arguments: [false, true])
    func `of each name the newest arrives, in the order of the names`(recovery: Bool) async throws {
        try await withSlowClient({ $0.recovery = recovery ? .init() : nil }) { _, _, socket, peer in
            for number in 0..<100 {
                socket.latest.emit("cursor", number)
                socket.volatile.emit("lost", number)
                socket.latest.emit("na\"me", number, [UInt8]([UInt8(number)]))
            }
            end(socket)
            var rest: [String] = []
            while rest.count < 3 {
                let packet = try peer.receive()
                guard !packet.hasPrefix(#"2["page""#) else { continue }
                rest.append(packet)
                if packet.hasPrefix("5") { #expect(try peer.receiveBinary() == [99]) }
            }
            #expect(rest[0] == #"2["cursor",99]"#)
            #expect(rest[1] == #"51-["na\"me",99,{"_placeholder":true,"num":0}]"#)
            #expect(rest[2].hasPrefix(#"2["end""#))
        }
    }

    @Test func `a broadcast keeps one for the slow, and the others get all`() async throws {
        try await withSlowClient { io, port, socket, slow in
            let fast = try Peer(port)
            for number in 0..<50 {
                io.latest.emit("cursor", number)
                #expect(try fast.receive() == #"2["cursor",\#(number)]"#)
            }
            socket.latest.broadcast.emit("others", 1)
            #expect(try fast.receive() == #"2["others",1]"#)
            end(socket)
            #expect(try rest(of: slow) == [#"2["cursor",49]"#, #"2["end"]"#])
        }
    }

    @Test func `over polling the newest goes with the next poll`() async throws {
        try await serve(loops: 1) { io, port in
            // From a handler, while no poll is open.
            io.on("move") { (socket: Socket, first: Int) in
                for number in first..<first + 10 { socket.latest.emit("cursor", number) }
                if first > 0 { socket.emit("behind") }
            }
            let poller = try PollingPeer(port)
            try poller.send(#"2["move",0]"#)
            #expect(try poller.receive() == #"2["cursor",9]"#)
            try poller.send(#"2["move",10]"#)
            #expect(try poller.receive() == #"2["behind"]"#)
            #expect(try poller.receive() == #"2["cursor",19]"#)
        }
    }

    @Test func `a socket that leaves takes with it what waits`() async throws {
        try await withSlowClient({ $0.limits.latestBytesTotal = 10_000 }) { io, port, socket, peer in
            for number in 0..<20 { socket.latest.emit("\(number)" as String, Self.megabyte.prefix(300).description) }
            peer.raw.close()
            #expect(await eventually { await io.counts().sockets == 0 })
            socket.latest.emit("gone")
            // All of the total is free again.
            try await expectKept(io, port, 15)
        }
    }

    @Test func `latestBytes: what is over it is dropped, and what is kept stays`() async throws {
        try await withSlowClient({ $0.limits.latestBytes = 3000 }) { _, _, socket, peer in
            socket.latest.emit("a", 1)
            socket.latest.emit("b", String(repeating: "b", count: 2000))
            socket.latest.emit("c", String(repeating: "c", count: 2000))
            socket.latest.emit("a", String(repeating: "a", count: 2000))
            socket.latest.emit("b", 2)
            socket.latest.emit("d", String(repeating: "d", count: 1500))
            end(socket)
            let received = try rest(of: peer)
            let kept = String(repeating: "d", count: 1500)
            #expect(received == [#"2["a",1]"#, #"2["b",2]"#, #"2["d","\#(kept)"]"#, #"2["end"]"#])
        }
    }

    @Test func `latestBytesTotal is that of all sockets`() async throws {
        try await serve(loops: 1, { $0.limits.latestBytesTotal = 10_000 }) { io, port in
            let sockets = Mutex<[Socket]>([])
            io.onConnection { socket in sockets.withLock { $0.append(socket) } }
            let pollers = try (0..<3).map { _ in try PollingPeer(port) }
            for socket in sockets.withLock({ $0 }) { socket.latest.emit("x", Self.megabyte.prefix(4500).description) }
            // The loop has taken all three before a poll gives the total something back.
            _ = await io.counts()
            for poller in pollers.prefix(2) { #expect(try poller.receive().hasPrefix(#"2["x""#)) }
            for name in ["a", "b"] {
                io.emit(name)
                #expect(try pollers[2].receive() == #"2["\#(name)"]"#)
            }
        }
    }

    /// How many kept events of 300 bytes there is room for.
    private func expectKept(_ io: SocketIOServer, _ port: Int, _ least: Int) async throws {
        let connected = Mutex<Socket?>(nil)
        io.onConnection { socket in connected.withLock { $0 = socket } }
        let poller = try PollingPeer(port)
        let socket = try #require(connected.withLock { $0 })
        for number in 0..<least { socket.latest.emit("\(number)" as String, Self.megabyte.prefix(300).description) }
        for number in 0..<least { #expect(try poller.receive().hasPrefix(#"2["\#(number)","#)) }
    }
}
