import EngineIO
import Foundation
@testable import SocketIO
import TestSupport
import Testing

extension SocketKey {
    fileprivate static var nick: SocketKey<String> { SocketKey<String>("nick") }
}

@Suite struct RecoveryTests {
    // MARK: What the official server does

    @Test func `the reply to CONNECT has a secret, and events have an offset, as on the official server`() async throws
    {
        try await serveRecovering { io, port in
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            let reply = try peer.receive()
            #expect(reply.wholeMatch(of: /0\{"sid":"[\w-]{20}","pid":"[\w-]{20}"\}/) != nil, "\(reply)")
            let id = try #require(await io.sockets().first).id
            io.emit("e", 1)
            #expect(try peer.receive().wholeMatch(of: /2\["e",1,"[\w-]{6}\.1"\]/) != nil)
            io.emit("e")
            #expect(try peer.receive().wholeMatch(of: /2\["e","[\w-]{6}\.2"\]/) != nil)
            io.to(id).emit("e", ["a": 1])
            #expect(try peer.receive().wholeMatch(of: /2\["e",\{"a":1\},"[\w-]{6}\.3"\]/) != nil)
            io.emit("e", [1, 2] as [UInt8])
            #expect(
                try peer.receive().wholeMatch(of: /51-\["e",\{"_placeholder":true,"num":0\},"[\w-]{6}\.4"\]/) != nil)
            #expect(try peer.receiveBinary() == [1, 2])
            io.volatile.emit("e", 1)
            #expect(try peer.receive() == #"2["e",1]"#)
            async let answer: BroadcastReplies<Int> = io.emitWithAck("q", "text", timeout: .seconds(60))
            let question = try peer.receive()
            #expect(question.wholeMatch(of: /2\d+\["q","text"\]/) != nil)
            try peer.send("3\(question.dropFirst().prefix { $0.isNumber })[1]")
            #expect(await answer.replies == [id: 1])
        }
    }

    @Test func `a client that comes back finds its id, rooms and values, and what it missed, before it is connected`()
        async throws
    {
        try await serveRecovering { io, port in
            let journal = Journal()
            io.onConnection { socket in
                journal.note("\(socket.isRecovered) \(socket[.nick] ?? "-") \(socket.rooms.count)")
            }
            io.on("be") { (socket: Socket, name: String) in socket[.nick] = name }
            let peer = try ReturningPeer(port)
            let id = peer.sid
            try peer.send(#"2["join","room"]"#)
            try peer.send(#"2["be","ada"]"#)
            io.emit("e", 1)
            try peer.sync()
            peer.cut()
            await waitUntilGone(io, peer)
            io.emit("e", 2)
            io.to("room").emit("e", 3)
            io.to("elsewhere").emit("e", 4)
            io.except("room").emit("e", 5)
            io.volatile.emit("e", 6)
            io.to(SocketID(id)).emit("e", 7)
            try peer.comeBack()
            #expect(peer.isRecovered && peer.sid == id)
            #expect(peer.received == ["1", "2", "3", "7"])
            #expect(journal.lines == ["false - 1", "true ada 2"])
            io.to("room").emit("e", 8)
            try peer.sync(until: 5)
            #expect(peer.received.last == "8")
            // Once more, and without a new event in between.
            for _ in 0..<2 {
                peer.cut()
                await waitUntilGone(io, peer)
                try peer.comeBack()
                #expect(peer.isRecovered && peer.sid == id && peer.received.count == 5)
            }
        }
    }

    @Test func `what a handler, another thread and another socket emit is recovered alike`() async throws {
        try await serveRecovering { io, port in
            io.on("echo") { (socket: Socket, text: String) in
                socket.emit("e", text)
                socket.emit("e", [text])
                socket.to("room").emit("e", "to \(text)")
            }
            let (peer, other) = (try ReturningPeer(port), try ReturningPeer(port))
            for one in [peer, other] {
                try one.send(#"2["join","room"]"#)
                try one.sync()
            }
            let socket = try #require(await io.to(SocketID(peer.sid)).sockets().first)
            try peer.send(#"2["echo","x"]"#)
            try other.send(#"2["echo","y"]"#)
            try other.sync()
            peer.cut()
            await waitUntilGone(io, peer)
            socket.emit("e", "late")
            try peer.comeBack()
            #expect(peer.isRecovered)
            #expect(peer.received == ["x", "[x]", "to y", "late"])
            #expect(other.received == ["to x", "y", "[y]"])
        }
    }

    @Test func `a client that has had no event yet is recovered, too`() async throws {
        try await serveRecovering(loops: 2) { io, port in
            let peers = try (0..<4).map { _ in try ReturningPeer(port) }
            for peer in peers {
                #expect(peer.offset == nil)
                peer.cut()
                await waitUntilGone(io, peer)
            }
            io.emit("e", 1)
            for peer in peers {
                try peer.comeBack()
                #expect(peer.isRecovered && peer.received == ["1"])
            }
        }
    }

    @Test func `nothing is kept while nobody is there who could ask for it`() async throws {
        try await serveRecovering { io, port in
            for round in 1...3 {
                for number in 0..<10 { io.emit("e", number) }
                let peer = try ReturningPeer(port)
                io.emit("e", "heard")
                try peer.sync(until: 1)
                // Each event that is kept has the next number.
                #expect(peer.offset?.hasSuffix(".\(round)") == true, "\(peer.offset ?? "-")")
                try peer.send("1")
                await waitUntilGone(io, peer)
            }
        }
    }

    // MARK: Who is not recovered

    @Test func `who disconnects or is disconnected comes back as somebody new`() async throws {
        try await serveRecovering { io, port in
            let peer = try ReturningPeer(port)
            try peer.send("1")
            await waitUntilGone(io, peer)
            try peer.comeBack()
            #expect(!peer.isRecovered)
            io.disconnectSockets()
            await waitUntilGone(io, peer)
            try peer.comeBack()
            #expect(!peer.isRecovered)
            // As long as it is there, nobody else can be it.
            let thief = try Peer(port, connecting: false)
            try thief.send(#"0{"pid":"\#(peer.pid)"}"#)
            let reply = try thief.receive()
            #expect(!reply.contains(peer.pid) && !reply.contains(peer.sid))
        }
    }

    @Test func `a claim that is not right is no claim, and harms nobody`() async throws {
        try await serveRecovering(loops: 2) { io, port in
            let (peer, victim) = (try ReturningPeer(port), try ReturningPeer(port))
            io.emit("e", 1)
            for one in [peer, victim] { try one.sync() }
            victim.cut()
            await waitUntilGone(io, victim)
            let long = String(repeating: "x", count: 300_000)
            let claims = [
                "{}", #"{"pid":1}"#, #"{"pid":null,"offset":"*"}"#, #"{"pid":"","offset":""}"#, #"{"pid":[]}"#,
                #"{"pid":"\#(long)","offset":"\#(long)"}"#, #"{"pid":"\#(victim.pid)","offset":"\#(long)"}"#,
                #"{"pid":"\#(victim.pid)","offset":"*"}"#, #"{"pid":"\#(victim.pid)","offset":"0-0"}"#,
                #"{"pid":"\#(victim.pid)","offset":7}"#,
                #"{"pid":"\#(victim.sid)","offset":"\#(victim.offset ?? "")"}"#,
                #"{"pid":"\#(peer.pid)","offset":"\#(peer.offset ?? "")"}"#,
            ]
            for claim in claims {
                let attacker = try Peer(port, connecting: false)
                try attacker.send("0" + claim)
                let reply = try attacker.receive()
                #expect(!reply.contains(victim.pid) && !reply.contains(victim.sid), "\(claim.prefix(60))")
                #expect(!reply.contains(peer.pid) && !reply.contains(peer.sid), "\(claim.prefix(60))")
            }
            _ = io.namespace("/other")
            let elsewhere = try Peer(port, connecting: false)
            try elsewhere.send(#"0/other,{"pid":"\#(victim.pid)","offset":"\#(victim.offset ?? "")"}"#)
            #expect(!(try elsewhere.receive()).contains(victim.pid))
            io.emit("e", 2)
            try victim.comeBack()
            #expect(victim.isRecovered && victim.received == ["1", "2"])
        }
    }

    @Test func `an offset from before the socket began shows nothing of that time`() async throws {
        try await serveRecovering { io, port in
            let first = try ReturningPeer(port)
            io.emit("e", 1)
            try first.sync()
            let old = first.offset
            io.emit("e", 2)
            try first.sync()
            let second = try ReturningPeer(port)
            second.cut()
            await waitUntilGone(io, second)
            io.emit("e", 3)
            second.offset = old
            try second.comeBack()
            #expect(second.isRecovered && second.received == ["3"])
        }
    }

    // MARK: Middlewares

    @Test func `middlewares are passed by, unless they are not to be`() async throws {
        for skips in [true, false] {
            let journal = Journal()
            try await serveRecovering {
                $0.recovery = .init(skipMiddlewares: skips)
            } _: { io, port in
                io.use { _ in
                    await Task.yield()
                    journal.note("asked")
                }
                let peer = try ReturningPeer(port)
                peer.cut()
                await waitUntilGone(io, peer)
                io.emit("e", 1)
                try peer.comeBack()
                #expect(peer.isRecovered && peer.received == ["1"])
                #expect(journal.lines.count == (skips ? 1 : 2))
            }
        }
    }

    @Test func `who leaves while a middleware decides about the return may return again`() async throws {
        let (gate, journal) = (Gate(), Journal())
        try await serveRecovering {
            $0.recovery = .init(skipMiddlewares: false)
        } _: { io, port in
            io.use { socket in
                journal.note("asked")
                if journal.lines.count == 2 { await gate.passed() }
            }
            let peer = try ReturningPeer(port)
            peer.cut()
            await waitUntilGone(io, peer)
            let hasty = try Peer(port, connecting: false)
            try hasty.send(#"0{"pid":"\#(peer.pid)"}"#)
            #expect(journal.wait(for: 2).count == 2)
            hasty.raw.abort()
            #expect(await eventually { await io.counts().sessions == 0 })
            gate.open()
            io.emit("e", 1)
            try peer.comeBack()
            #expect(peer.isRecovered && peer.received == ["1"])
        }
    }

    @Test(arguments: ["", "/chat", "/room-7"])
    func `who has missed too much when the middlewares have decided is new, also to them`(namespace: String)
        async throws
    {
        let (gate, journal) = (Gate(), Journal())
        try await serveRecovering {
            $0.recovery = .init(skipMiddlewares: false, packets: 2)
        } _: { io, port in
            // The last one is made for its clients.
            let rooms = io.namespaces(matching: /\/room-\d+/)
            func register(on namespace: some NamespaceRegistration) {
                namespace.use { socket in
                    journal.note("asked")
                    let turn = journal.lines.count
                    socket[.nick] = (socket[.nick] ?? "") + " \(turn)"
                    socket.on("nick") { socket[.nick] ?? "" }
                    socket.join("of \(turn)")
                    if turn == 2 { await gate.passed() }
                }
                namespace.on("rooms") { (socket: Socket) in
                    socket.rooms.map(\.description).sorted().joined(separator: " ")
                }
            }
            register(on: io)
            if namespace == "/chat" { register(on: io.namespace(namespace)) }
            register(on: rooms)
            let peer = try ReturningPeer(port, namespace: namespace)
            peer.cut()
            #expect(await eventually { await io.counts().sessions == 0 })
            let former = (sid: peer.sid, pid: peer.pid)
            try peer.reopen()
            #expect(journal.wait(for: 2).count == 2)
            for number in 1...3 {
                if namespace == "/room-7" { rooms.emit("e", number) } else { io.namespace(namespace).emit("e", number) }
            }
            // Its loop has them by then.
            _ = await io.counts()
            let prefix = namespace.isEmpty ? "" : namespace + ","
            if !namespace.isEmpty {
                // With another socket, which would be all of its session.
                try peer.send("0")
                #expect(try peer.peer.receive().hasPrefix(#"0{"sid":"#))
            }
            gate.open()
            try peer.finishConnecting()
            #expect(!peer.isRecovered && peer.received == [])
            #expect(peer.sid != former.sid && peer.pid != former.pid)
            let turn = namespace.isEmpty ? 3 : 4
            try peer.send("2\(prefix)1[\"nick\"]")
            #expect(try peer.peer.receive() == "3\(prefix)1[\" \(turn)\"]")
            try peer.send("2\(prefix)2[\"rooms\"]")
            #expect(
                try peer.peer.receive()
                    == "3\(prefix)2[\"\(["of \(turn)", peer.sid].sorted().joined(separator: " "))\"]")
            let found =
                namespace == "/room-7"
                ? await rooms.to("of 2").sockets() : await io.namespace(namespace).to("of 2").sockets()
            #expect(found.isEmpty)
            #expect(rooms.all.count == (namespace == "/room-7" ? 1 : 0))
            try peer.send("1\(prefix)")
            #expect(await eventually { rooms.all.isEmpty })
        }
    }

    @Test func `a namespace that was made for its clients stays while one of them may come back`() async throws {
        try await serveRecovering(loops: 2) {
            $0.recovery = .init(sessions: 2)
        } _: { io, port in
            let rooms = io.namespaces(matching: /\/room-\d+/)
            let peer = try ReturningPeer(port, namespace: "/room-1")
            peer.cut()
            await waitUntilGone(io, peer)
            #expect(rooms.all.count == 1)
            rooms.emit("e", 1)
            try peer.comeBack()
            #expect(peer.isRecovered && peer.received == ["1"])
            try peer.send("1/room-1,")
            #expect(await eventually { rooms.all.isEmpty })
        }
    }

    @Test func `who is refused on the return has nothing to come back to`() async throws {
        let journal = Journal()
        try await serveRecovering(loops: 2) {
            $0.recovery = .init(skipMiddlewares: false)
        } _: { io, port in
            io.use { _ in
                journal.note("asked")
                if journal.lines.count == 2 { throw ConnectionRefused("no") }
            }
            let peer = try ReturningPeer(port)
            peer.cut()
            await waitUntilGone(io, peer)
            let refused = try Peer(port, connecting: false)
            try refused.send(#"0{"pid":"\#(peer.pid)"}"#)
            #expect(try refused.receive() == #"4{"message":"no"}"#)
            try peer.comeBack()
            #expect(!peer.isRecovered)
        }
    }

    @Test func `what goes to a socket's own room while a middleware decides about its return is not lost`() async throws
    {
        let (gate, journal) = (Gate(), Journal())
        try await serveRecovering(loops: 4) {
            $0.recovery = .init(skipMiddlewares: false)
        } _: { io, port in
            io.use { _ in
                journal.note("asked")
                if journal.lines.count > 8 { await gate.passed() }
            }
            let peers = try (0..<8).map { _ in try ReturningPeer(port) }
            for peer in peers {
                peer.cut()
                await waitUntilGone(io, peer)
            }
            for peer in peers { try peer.reopen() }
            #expect(journal.wait(for: 16).count == 16)
            for peer in peers { io.to(SocketID(peer.sid)).emit("e", peer.sid) }
            gate.open()
            for peer in peers {
                try peer.finishConnecting()
                try peer.sync(until: 1)
                #expect(peer.isRecovered && peer.received == [peer.sid])
            }
        }
    }

    @Test func `a server that listens again knows nobody from before`() async throws {
        try await serveRecovering(loops: 2) { io, port in
            let peers = try (0..<4).map { _ in try ReturningPeer(port) }
            for peer in peers {
                peer.cut()
                await waitUntilGone(io, peer)
            }
            await io.close()
            #expect(io.namespace("/").guests.isNone)
            let address = try await io.listen(host: "127.0.0.1", port: 0)
            let stranger = try Peer(address.port, connecting: false)
            try stranger.send(#"0{"pid":"\#(peers[0].pid)"}"#)
            #expect(!(try stranger.receive()).contains(peers[0].pid))
        }
    }

    // MARK: Several loops

    @Test func `a client that comes back to another loop has its own, in order, exactly once`() async throws {
        for seed in 1...2 {
            try await serveRecovering(loops: 4) {
                $0.recovery = .init(packets: 1_000_000, bytes: 1_000_000_000)
            } _: { io, port in
                _ = io.namespace("/n")
                answerSync(io.namespace("/n"))
                io.namespace("/n").on("join") { (socket: Socket, room: String) in socket.join(Room(room)) }
                var generator = SeededGenerator(seed: UInt64(seed))
                let peers = try (0..<6).map { try ReturningPeer(port, namespace: $0.isMultiple(of: 2) ? "" : "/n") }
                for peer in peers {
                    try peer.send(#"2\#(peer.namespace.isEmpty ? "" : "/n,")["join","room"]"#)
                    try peer.sync()
                }
                // A thread of its own emits without a pause, to a room and to each, while they are cut and come back.
                let stop = Gate()
                let ids = peers.map { SocketID($0.sid) }
                let emitter = Task.detached { () -> [Int] in
                    var counts = [Int](repeating: 0, count: ids.count)
                    var all = 0
                    while !stop.wait(patience: 0) {
                        all += 1
                        io.to("room").emit("e", "r\(all)")
                        io.namespace("/n").to("room").emit("e", "r\(all)")
                        for (index, id) in ids.enumerated() {
                            counts[index] += 1
                            (index.isMultiple(of: 2) ? io.to(id) : io.namespace("/n").to(id)).emit(
                                "e", "o\(counts[index])")
                        }
                        if all.isMultiple(of: 8) { usleep(500) }
                        if all == 3_000 { break }
                    }
                    return [all] + counts
                }
                for round in 0..<40 {
                    let peer = peers[Int.random(in: 0..<peers.count, using: &generator)]
                    if Bool.random(using: &generator) { try peer.sync() }
                    peer.cut()
                    await waitUntilGone(io, peer)
                    try peer.comeBack()
                    #expect(peer.isRecovered, "round \(round)")
                }
                stop.open()
                let counts = await emitter.value
                for (index, peer) in peers.enumerated() {
                    try peer.sync(until: counts[0] + counts[index + 1])
                    try #require(peer.received.count == counts[0] + counts[index + 1])
                    #expect(peer.received.filter { $0.hasPrefix("r") } == (1...counts[0]).map { "r\($0)" })
                    #expect(peer.received.filter { $0.hasPrefix("o") } == (1...counts[index + 1]).map { "o\($0)" })
                }
            }
        }
    }
}
