import AdapterConformance
import SocketIO
import SocketIOClient
import SocketIOWire
import Synchronization
import TestSupport
import Testing

@testable import SocketIORedis

@Suite(
    .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct StreamRecoveryTests {
    /// Two nodes.
    ///
    /// - Parameter count: How many entries the stream has before they are there; more than are kept of it.
    private func withNodes(
        after count: Int = 0, _ configure: @escaping @Sendable (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (Nodes, RedisTap) async throws -> Void
    ) async throws {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        let tap = try RedisTap(redis.url)
        for _ in 0..<count { _ = try await tap.client.call(RedisCommand("XADD", "socket.io", "*", "of", "nobody")) }
        var options = RedisStreamsAdapter.Options()
        if count > 0 { options.maxLength = count }
        let joining = Joining(
            makeAdapter: { [options] in try RedisStreamsAdapter(url, options: options) },
            configure: {
                $0.recovery = .init()
                configure(&$0)
            })
        try await Nodes.run(2, joined: joining) { nodes in
            for io in nodes.servers {
                io.namespace("/raw").onConnection { _ in }
                io.onConnection { socket in
                    if !socket.isRecovered {
                        socket.join("red")
                        socket.data.name = "ada"
                    }
                }
            }
            try await awayFromPool { try await body(nodes, tap) }
        }
        await tap.end()
        withExtendedLifetime(redis) {}
    }

    private func waitUntilKept(_ peer: ReturningPeer, _ tap: RedisTap) async throws {
        try await eventually("its session is kept") {
            let reply = try? await tap.client.call(RedisCommand("EXISTS", "sio:session:\(peer.pid)"))
            return reply?.integer == 1
        }
    }

    @Test func `a client that lost one node goes on at another, with all that it missed, once and in order`()
        async throws
    {
        try await withNodes { nodes, tap in
            let peer = try ReturningPeer(nodes.ports[0])
            for number in 0..<3 { nodes[number % 2].to("red").emit("n", number) }
            nodes[0].emit("n", 3)
            try peer.hear(until: 3)
            let sid = peer.sid
            var next = 4
            for turn in 0..<6 {
                peer.cut()
                try await waitUntilKept(peer, tap)
                for _ in 0..<250 {
                    nodes[turn % 2].to("red").emit("n", next)
                    nodes[turn % 2].to("blue").emit("n", -1)
                    nodes[turn % 2].except("red").emit("n", -1)
                    next += 1
                }
                nodes[turn % 2].to(SocketID(sid)).emit("n", next)
                next += 1
                try peer.comeBack(to: nodes.ports[(turn + 1) % 2])
                #expect(peer.isRecovered)
                #expect(peer.sid == sid)
                for _ in 0..<50 {
                    nodes[(turn + 1) % 2].to("red").emit("n", next)
                    next += 1
                }
                try peer.hear(until: next - 1)
            }
            let heard = peer.takeHeard()
            #expect(heard.compactMap { Int($0) }.count == heard.count)
            #expect(heard.last == "\(next - 1)")
            // What two nodes sent at once at the beginning is in no order.
            #expect(heard.dropFirst(4) == (4..<next).map { "\($0)" }[...])
            #expect(Set(heard.prefix(4)) == ["0", "1", "2", "3"])
            let found = await nodes[0].to("red").sockets()
            #expect(found.map(\.id.description) == [sid])
            let name: String? = found.first?.data.name
            #expect(name == "ada")
        }
    }

    @Test func `what comes while the middlewares decide about a client that is back is not lost`() async throws {
        let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)
        let asked = Atomic<Int>(0)
        let waits = Atomic<Bool>(false)
        try await withNodes {
            $0.recovery?.skipMiddlewares = false
            $0.loops = 2
        } _: { nodes, tap in
            for io in nodes.servers {
                io.use { _ in
                    guard waits.load(ordering: .relaxed) else { return }
                    await withCheckedContinuation { continuation in
                        gate.withLock { $0 = continuation }
                        asked.add(1, ordering: .relaxed)
                    }
                }
            }
            let witness = try ReturningPeer(nodes.ports[1])
            let peer = try ReturningPeer(nodes.ports[0])
            let sid = peer.sid
            for turn in 0..<6 {
                peer.cut()
                try await waitUntilKept(peer, tap)
                waits.store(true, ordering: .relaxed)
                try peer.comeBackDeaf(to: nodes.ports[1])
                try await eventually("the middleware is asked") { asked.load(ordering: .relaxed) == turn + 1 }
                waits.store(false, ordering: .relaxed)
                nodes[0].to(SocketID(sid)).emit("n", 2 * turn)
                nodes[0].to("red").emit("n", 2 * turn + 1)
                try witness.hear(until: 2 * turn + 1)
                gate.withLock { $0.take() }?.resume()
                try peer.awaitAnswer()
                #expect(peer.isRecovered && peer.sid == sid)
                try peer.hear(until: 2 * turn + 1)
                #expect(peer.takeHeard() == ["\(2 * turn)", "\(2 * turn + 1)"])
            }
        }
    }

    @Test func `who has missed too much when the middlewares have decided is new, also to them`() async throws {
        let gate = Gate()
        let turns = Atomic<Int>(0)
        try await withNodes {
            $0.recovery?.skipMiddlewares = false
            // What the witness has had, the loop of the other one has had, too.
            $0.loops = 1
        } _: { nodes, tap in
            for io in nodes.servers {
                io.use { socket in
                    let turn = turns.add(1, ordering: .relaxed).newValue
                    socket.join("of \(turn)")
                    socket.data.turn = turn
                    // The witness is asked about first, then who leaves and returns.
                    if turn == 3 { await gate.wait() }
                }
            }
            let witness = try ReturningPeer(nodes.ports[1])
            let peer = try ReturningPeer(nodes.ports[0])
            peer.cut()
            try await waitUntilKept(peer, tap)
            let former = (sid: peer.sid, pid: peer.pid)
            try peer.comeBackDeaf(to: nodes.ports[1])
            try await eventually("the middleware is asked") { turns.load(ordering: .relaxed) == 3 }
            let large = [UInt8](repeating: 0x61, count: 1_000_000)
            for _ in 0..<17 { nodes[0].except(Room(witness.sid)).emit("large", large) }
            nodes[0].emit("n", 1)
            try witness.hear(until: 1)
            gate.open()
            try peer.awaitAnswer()
            #expect(!peer.isRecovered && peer.takeHeard() == [])
            #expect(peer.sid != former.sid && peer.pid != former.pid)
            nodes[0].emit("n", 2)
            try peer.hear(until: 2)
            #expect(peer.takeHeard() == ["2"])
            let found = await nodes[0].to(SocketID(peer.sid)).sockets()
            let turn: Int? = found.first?.data.turn
            #expect(turn == 4)
            #expect(await nodes[0].to("of 3").sockets().map(\.id) == [])
            #expect(await nodes[0].to("of 4").sockets().map(\.id.description) == [peer.sid])
        }
    }

    @Test func `who hears all that is sent hears an event that is kept once`() async throws {
        let journal = Journal()
        try await withNodes { nodes, _ in
            nodes[0].onConnection { socket in
                socket.onAnyOutgoing { name, arguments in journal.append("\(name) \(arguments)") }
                socket.on("ask") { socket.emit("n", 1) }
            }
            let peer = try ReturningPeer(nodes.ports[0])
            try peer.send(#"42["ask"]"#)
            try peer.hear(until: 1)
            nodes[0].emit("n", 2)
            try peer.hear(until: 2)
            #expect(try [journal.next(), journal.next()] == ["n [1]", "n [2]"])
        }
        #expect(journal.rest == [])
    }

    @Test func `a client of Socket.IO 2, which cannot come back, gets what is kept`() async throws {
        try await withNodes {
            $0.engine.allowEIO3 = true
        } _: { nodes, _ in
            let client = try RawClient(port: nodes.ports[0])
            try client.openWebSocket("/socket.io/?EIO=3&transport=websocket")
            #expect(try client.receiveText().hasPrefix("0{"))
            #expect(try client.receiveText() == "40")
            nodes[0].emit("n", 1)
            #expect(try client.receiveText().hasPrefix(#"42["n",1"#))
            nodes[1].emit("n", 2)
            #expect(try client.receiveText().hasPrefix(#"42["n",2"#))
        }
    }

    @Test func `a session is had once, and in its own namespace`() async throws {
        try await withNodes { nodes, tap in
            let peer = try ReturningPeer(nodes.ports[0])
            nodes[0].emit("n", 1)
            try peer.hear(until: 1)
            let (sid, pid, offset) = (peer.sid, peer.pid, peer.offset)
            peer.cut()
            try await waitUntilKept(peer, tap)
            // Another namespace has nothing for it, and takes nothing.
            let thief = try ReturningPeer(nodes.ports[1])
            thief.claim(pid, offset)
            try thief.comeBack(to: nodes.ports[1], namespace: "/raw")
            #expect(!thief.isRecovered)
            #expect(thief.sid != sid)
            try peer.comeBack(to: nodes.ports[1])
            #expect(peer.isRecovered)
            let late = try ReturningPeer(nodes.ports[0])
            late.claim(pid, offset)
            try late.comeBack(to: nodes.ports[0])
            #expect(!late.isRecovered)
        }
    }

    @Test(arguments: ["1-0", "99999999999999999999999-0", "last", "5", "18446744073709551615-18446744073709551615"])
    func `an offset that nobody gave begins anew, and costs nobody its session`(_ offset: String) async throws {
        try await withNodes { nodes, tap in
            let peer = try ReturningPeer(nodes.ports[0])
            nodes[0].emit("n", 1)
            try peer.hear(until: 1)
            let (pid, known) = (peer.pid, peer.offset)
            peer.cut()
            try await waitUntilKept(peer, tap)
            let other = try ReturningPeer(nodes.ports[1])
            other.claim(pid, offset)
            try other.comeBack(to: nodes.ports[1])
            #expect(!other.isRecovered)
            peer.offset = known
            try peer.comeBack(to: nodes.ports[1])
            #expect(peer.isRecovered)
        }
    }

    @Test(arguments: [0, 5]) func `a client that has had no event goes on at another node`(_ entries: Int) async throws
    {
        try await withNodes(after: entries) { nodes, tap in
            let peer = try ReturningPeer(nodes.ports[0])
            let sid = peer.sid
            for turn in 1...3 {
                peer.cut()
                try await waitUntilKept(peer, tap)
                nodes[0].namespace("/raw").emit("n", 0)
                try peer.comeBack(to: nodes.ports[turn % 2])
                #expect(peer.isRecovered && peer.sid == sid && peer.offset == nil)
            }
            nodes[0].to("red").emit("n", 1)
            try peer.hear(until: 1)
            #expect(peer.heard == ["1"])
        }
    }

    @Test func `a client that is cut off again before it takes what it missed has it later, once`() async throws {
        try await withNodes { nodes, tap in
            let peer = try ReturningPeer(nodes.ports[0])
            nodes[0].emit("n", 1)
            try peer.hear(until: 1)
            for turn in 1...3 {
                peer.cut()
                try await waitUntilKept(peer, tap)
                nodes[0].emit("n", turn + 1)
                try peer.comeBackDeaf(to: nodes.ports[turn % 2])
                let (io, sid) = (nodes[turn % 2], peer.sid)
                try await eventually("it is there") { await io.local.sockets().map(\.id.description) == [sid] }
            }
            peer.cut()
            try await waitUntilKept(peer, tap)
            nodes[0].emit("n", 5)
            try peer.comeBack(to: nodes.ports[0])
            #expect(peer.isRecovered)
            nodes[1].emit("n", 6)
            try peer.hear(until: 6)
            #expect(peer.heard == (1...6).map { "\($0)" })
        }
    }

    @Test func `what a room got before the client was in it does not count as missed`() async throws {
        try await withNodes { nodes, tap in
            let peer = try ReturningPeer(nodes.ports[0])
            nodes[1].emit("n", 1)
            nodes[1].to("blue").emit("n", 2)
            nodes[1].to("red").socketsJoin("blue")
            try peer.hear(until: 1)
            try await eventually("it is in the room") { await nodes[0].to("blue").sockets().count == 1 }
            peer.cut()
            try await waitUntilKept(peer, tap)
            nodes[1].to("blue").emit("n", 3)
            try peer.comeBack(to: nodes.ports[1])
            try peer.hear(until: 3)
            #expect(peer.isRecovered && peer.heard == ["1", "3"])
        }
    }

    @Test func `what a handler does comes in its order, although events take the way to Redis and back`() async throws {
        try await withNodes { nodes, _ in
            nodes[0].on("go") { (socket: Socket) async in
                socket.emit("n", 1)
                let answer: Int? = try? await socket.emitWithAck("question")
                socket.emit("n", answer ?? 0)
                nodes[0].to("red").emit("n", 3)
                nodes[0].to("red").socketsJoin("green")
                let found = await nodes[0].to("green").sockets()
                socket.emit("n", found.count + 3)
                let replies = await nodes[0].emitWithAck("all", replying: Int.self)
                socket.emit("n", replies.all.first ?? 0)
                socket.disconnect()
            }
            let peer = try ReturningPeer(nodes.ports[0])
            try peer.send(#"42["go"]"#)
            try peer.hear(until: 1)
            let question = try peer.next()
            #expect(question.hasSuffix(#"["question"]"#))
            try peer.send("43\(question.dropFirst(2).prefix { $0.isNumber })[2]")
            try peer.hear(until: 4)
            let all = try peer.next()
            #expect(all.hasSuffix(#"["all"]"#))
            try peer.send("43\(all.dropFirst(2).prefix { $0.isNumber })[5]")
            try peer.hear("41")
            #expect(peer.heard == ["1", "2", "3", "4", "5", "41"])
        }
    }

    @Test func `an event for one socket finds its client wherever it is by then`() async throws {
        try await withNodes { nodes, tap in
            let held = Mutex<Socket?>(nil)
            nodes[0].onConnection { socket in held.withLock { $0 = $0 ?? socket } }
            let peer = try ReturningPeer(nodes.ports[0])
            let socket = try #require(held.withLock { $0 })
            socket.emit("n", 1)
            try peer.hear(until: 1)
            peer.cut()
            try await waitUntilKept(peer, tap)
            // Whoever has it here still sends to it.
            socket.emit("n", 2)
            try peer.comeBack(to: nodes.ports[1])
            try peer.hear(until: 2)
            socket.emit("n", 3)
            try peer.hear(until: 3)
            #expect(peer.isRecovered && peer.heard == ["1", "2", "3"])
        }
    }

    @Test func `a client whose node has not said that it is gone, as one that was killed, begins anew`() async throws {
        try await withNodes { nodes, _ in
            let first = try ReturningPeer(nodes.ports[0])
            nodes[0].emit("n", 1)
            try first.hear(until: 1)
            let second = try ReturningPeer(nodes.ports[1])
            second.claim(first.pid, first.offset)
            try second.comeBack(to: nodes.ports[1])
            #expect(!second.isRecovered && second.sid != first.sid && second.pid != first.pid)
            nodes[0].emit("n", 2)
            for peer in [first, second] { try peer.hear(until: 2) }
        }
    }

    @Test func `clients of a node that drains lose nothing`() async throws {
        try await withNodes { nodes, _ in
            let peers = try (0..<5).map { _ in try ReturningPeer(nodes.ports[0]) }
            var next = 0
            func emit(_ count: Int) {
                for _ in 0..<count {
                    nodes[next % 7 == 0 ? 1 : 0].to("red").emit("n", next)
                    next += 1
                }
            }
            nodes[1].emit("n", next)
            next += 1
            for peer in peers { try peer.hear(until: 0) }
            emit(400)
            let io = nodes[0]
            let end = Task { await io.shutdown(draining: .seconds(5)) }
            // The node that drains may have ended already, and has nothing to say then.
            for _ in 0..<200 {
                nodes[1].to("red").emit("n", next)
                next += 1
            }
            for peer in peers { try peer.hearUntilClosed() }
            await end.value
            // The node that is left.
            for _ in 0..<200 {
                nodes[1].to("red").emit("n", next)
                next += 1
            }
            for peer in peers {
                try peer.comeBack(to: nodes.ports[1])
                #expect(peer.isRecovered)
                nodes[1].to("red").emit("n", next)
                next += 1
            }
            for peer in peers {
                try peer.hear(until: next - 1)
                // Two nodes sent: what is in no order came once.
                let heard = peer.heard.compactMap { Int($0) }
                #expect(heard.sorted() == Array(0..<next))
                #expect(heard.filter { $0 % 7 != 0 && $0 < 400 } == (0..<400).filter { $0 % 7 != 0 })
            }
        }
    }

    @Test func `our client goes on at the next server of its address, and has lost nothing`() async throws {
        try await withNodes { nodes, tap in
            let heard = Mutex<[Int]>([])
            let manager = ClientManager(url: "http://127.0.0.1:\(nodes.ports[0])") { configuration in
                configuration.transports = [.webSocket]
                configuration.reconnection.delay = .milliseconds(50)
            }
            let socket = manager.socket()
            socket.on("n") { (number: Int) in heard.withLock { $0.append(number) } }
            try await socket.connect()
            let id = socket.id
            for number in 0..<100 { nodes[1].to("red").emit("n", number) }
            await nodes[0].shutdown(draining: .seconds(5))
            for number in 100..<200 { nodes[1].to("red").emit("n", number) }
            var configuration = nodes[0].configuration
            configuration.adapter = try RedisStreamsAdapter(tap.url)
            let next = SocketIOServer(configuration)
            try await next.listen(host: "127.0.0.1", port: nodes.ports[0])
            try await eventually("it is back") { socket.isConnected && socket.isRecovered }
            for number in 200..<300 { nodes[1].to("red").emit("n", number) }
            try await eventually("it has heard all") { heard.withLock { $0.last } == 299 }
            #expect(socket.id == id)
            #expect(heard.withLock { $0 } == Array(0..<300))
            await manager.close()
            await next.close()
        }
    }

    @Test func `while Redis takes nothing, clients hear what their own node sends, and may come back afterwards`()
        async throws
    {
        try await withNodes { nodes, tap in
            let peer = try ReturningPeer(nodes.ports[0])
            nodes[0].emit("n", 1)
            try peer.hear(until: 1)
            _ = try await tap.client.call(RedisCommand("CONFIG", "SET", "min-replicas-to-write", "1"))
            nodes[0].emit("n", 2)
            try peer.hear(#"42["n",2]"#)
            _ = try await tap.client.call(RedisCommand("CONFIG", "SET", "min-replicas-to-write", "0"))
            nodes[0].emit("n", 3)
            try peer.hear(until: 3)
            peer.cut()
            try await waitUntilKept(peer, tap)
            nodes[0].emit("n", 4)
            try peer.comeBack(to: nodes.ports[1])
            try peer.hear(until: 4)
            #expect(peer.isRecovered && peer.heard == ["1", #"42["n",2]"#, "3", "4"])
        }
    }
}
