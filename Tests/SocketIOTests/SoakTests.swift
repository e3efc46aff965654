import Foundation
import SocketIO
import Testing

/// Mixed traffic over both transports, with clients that leave in every way at any time.
///
/// Three seconds, or `SOAK_SECONDS`; run alone, that one checks the whole process's descriptors too.
@Suite struct SoakTests {
    private static let seconds = ProcessInfo.processInfo.environment["SOAK_SECONDS"].flatMap { Double($0) }
    private static let clients = 8
    /// How much more memory may be resident after the traffic than after a quarter of it, which warms up. Tests that
    /// run beside it count too; alone, it is less.
    private static let growthLimit = seconds == nil ? 96 << 20 : 24 << 20

    @Test func `nothing is left of any traffic`() async throws {
        let seconds = Self.seconds ?? 3
        let before = Process.descriptorCount
        let tally = Tally()
        try await serve(
            loops: 3,
            {
                $0.engine.pingInterval = .milliseconds(300)
                $0.engine.pingTimeout = .milliseconds(700)
                $0.engine.upgradeTimeout = .milliseconds(500)
                $0.engine.limits.pollingCloseTime = .milliseconds(300)
                $0.engine.limits.bufferedBytes = 2_000_000
                $0.limits.attachmentTime = .milliseconds(300)
                $0.connectTimeout = .milliseconds(500)
            }
        ) { io, port in
            Self.prepare(io, tally)
            var resident: [Int] = []
            for (phase, share) in [0.25, 0.75].enumerated() {
                let end = Date(timeIntervalSinceNow: seconds * share)
                await withTaskGroup(of: Void.self) { group in
                    for client in 0..<Self.clients {
                        let seed = UInt64(phase * 1000 + client)
                        group.addTask { Self.runClients(port, until: end, seed: seed, tally) }
                    }
                    group.addTask { await Self.runServer(io, until: end, tally) }
                }
                let isEmpty = await eventually { await io.counts() == SocketIOServer.Holdings(descriptors: 1) }
                let left = await io.counts()
                #expect(isEmpty, "\(left)")
                let isClosed = await eventually { Process.connectionCount(onPort: port) == 0 }
                #expect(isClosed, "\(Process.connectionCount(onPort: port))")
                resident.append(Process.residentBytes)
            }
            let counts = tally.counts
            #expect(counts["wrong", default: 0] == 0, "\(counts)")
            #expect(counts["socket on", default: 0] == counts["socket off", default: 0])
            for kind in ["connect", "polling", "upgrade", "ack", "asked", "abort", "close frame", "binary"] {
                #expect(counts[kind, default: 0] > 0, "\(kind)")
            }
            #expect(resident[1] - resident[0] < Self.growthLimit, "\(resident)")
            if Self.seconds != nil {
                print("soak: \(seconds) s, resident \(resident.map { $0 >> 10 }) KiB, \(tally.description)")
            }
        }
        if Self.seconds != nil {
            let isClosed = await eventually { Process.descriptorCount <= before }
            #expect(isClosed, "\(before) descriptors before, \(Process.descriptorCount) after")
            print("soak: descriptors \(before) before, \(Process.descriptorCount) after")
        }
    }

    // MARK: The server

    private static func prepare(_ io: SocketIOServer, _ tally: Tally) {
        for namespace in [io.namespace("/"), io.namespace("/a")] {
            namespace.onConnection { socket in
                tally.add("socket on")
                socket.join("room \(Int.random(in: 0..<10))")
                // The documented cycle.
                socket.on("own") { socket.emit("own") }
                socket.onDisconnect { _ in
                    tally.add("socket off")
                    socket.to("room 1").emit("left", socket.id)
                }
            }
            namespace.on("say") { (socket: Socket, room: Int, text: String) in
                socket.to("room \(room)").emit("said", text)
            }
            namespace.on("add") { (_: Socket, a: Int, b: Int) in a + b }
            namespace.on("slow add") { (_: Socket, a: Int, b: Int) in
                await Task.yield()
                return a + b
            }
            namespace.on("bytes") { (socket: Socket, bytes: [UInt8]) in
                io.to("room 2").emit("bytes", bytes)
                return bytes.count
            }
            namespace.on("move") { (socket: Socket, from: Int, to: Int) in
                socket.leave("room \(from)")
                socket.join("room \(to)")
            }
            namespace.on("ask") { (socket: Socket) in
                let answer: Int? = try? await socket.emitWithAck("question", timeout: .milliseconds(200))
                tally.add(answer == nil ? "unanswered" : "answered")
            }
            namespace.on("kick") { (socket: Socket, closing: Bool) in socket.disconnect(closingConnection: closing) }
        }
        io.use { socket in
            if Int.random(in: 0..<50) == 0 { throw ConnectionRefused("unlucky") }
            socket.join("room 3")
            if Int.random(in: 0..<10) == 0 { await Task.yield() }
        }
    }

    /// Broadcasts from a thread that is no loop's.
    private static func runServer(_ io: SocketIOServer, until end: Date, _ tally: Tally) async {
        var generator = SeededGenerator(seed: 99)
        while Date() < end {
            let room = Room("room \(Int.random(in: 0..<10, using: &generator))")
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: io.to(room).emit("news", String(repeating: "n", count: Int.random(in: 0..<2000, using: &generator)))
            case 1: io.volatile.emit("tick", 1)
            case 2: io.to(room).socketsJoin("extra")
            case 3: io.to("extra").socketsLeave("extra")
            case 4:
                let replies: BroadcastReplies<Int> = await io.to(room).emitWithAck("poll", timeout: .milliseconds(50))
                tally.add("broadcast ack")
                tally.add("broadcast reply", replies.replies.count)
            default: io.namespace("/a").except(room).emit("a", [UInt8]([1, 2, 3]))
            }
            usleep(2000)
        }
    }

    // MARK: The clients

    /// One client after another.
    private static func runClients(_ port: Int, until end: Date, seed: UInt64, _ tally: Tally) {
        var generator = SeededGenerator(seed: seed)
        while Date() < end {
            tally.add("connect")
            do {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<2: try poll(port, &generator, tally)
                case 2..<4:
                    let poller = try PollingPeer(port)
                    try act(try Peer(port, upgrading: poller), &generator, tally)
                    tally.add("upgrade")
                default: try act(try Peer(port), &generator, tally)
                }
            } catch {
                // The server kicked or refused it, or it came too late.
                tally.add("ended early")
            }
        }
    }

    private static func poll(_ port: Int, _ generator: inout SeededGenerator, _ tally: Tally) throws {
        let peer = try PollingPeer(port)
        tally.add("polling")
        for number in 0..<Int.random(in: 0..<8, using: &generator) {
            try peer.post("42[\"say\",1,\"ü\"]\u{1E}42\(number)[\"add\",\(number),1]\u{1E}42[\"move\",1,2]")
            var reply = try peer.receive()
            while !reply.hasPrefix("3\(number)[") { reply = try peer.receive() }
            tally.add(reply == "3\(number)[\(number + 1)]" ? "ack" : "wrong")
        }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: try peer.post("1")
        case 1:
            try peer.beginPoll()
            peer.abort()
            tally.add("abort")
        case 2: try peer.send("not a packet")
        // Silence, until its ping timeout.
        default: break
        }
    }

    private static func act(_ peer: Peer, _ generator: inout SeededGenerator, _ tally: Tally) throws {
        var namespace = ""
        if Int.random(in: 0..<3, using: &generator) == 0 {
            try peer.send("0/a,")
            try peer.raw.inOneWait { while try !next(peer, tally).hasPrefix("0/a,") {} }
            namespace = "/a,"
        }
        for number in 0..<Int.random(in: 0..<30, using: &generator) {
            let prefix = Bool.random(using: &generator) ? namespace : ""
            switch Int.random(in: 0..<8, using: &generator) {
            case 0:
                try peer.send(#"2\#(prefix)["say",\#(number % 10),"\#(String(repeating: "s", count: number * 20))"]"#)
            case 1: try peer.send(#"2\#(prefix)["move",\#(number % 10),\#(number % 7)]"#)
            case 2: try peer.send(#"2\#(prefix)["ask"]"#)
            case 3:
                try peer.send(#"51-\#(prefix)\#(number)["bytes",{"_placeholder":true,"num":0}]"#)
                try peer.send(binary: generator.bytes(number * 100))
                try expect("3\(prefix)\(number)[\(number * 100)]", "3\(prefix)\(number)[", peer, tally)
                tally.add("binary")
            case 4 where number % 5 == 0:
                try peer.send(#"2\#(prefix)["kick",\#(Bool.random(using: &generator))]"#)
            default:
                let name = Bool.random(using: &generator) ? "add" : "slow add"
                try peer.send(#"2\#(prefix)\#(number)["\#(name)",\#(number),2]"#)
                try expect("3\(prefix)\(number)[\(number + 2)]", "3\(prefix)\(number)[", peer, tally)
                tally.add("ack")
            }
        }
        try leave(peer, &generator, tally)
    }

    private static func leave(_ peer: Peer, _ generator: inout SeededGenerator, _ tally: Tally) throws {
        switch Int.random(in: 0..<7, using: &generator) {
        case 0:
            peer.raw.abort()
            tally.add("abort")
        case 1:
            try peer.raw.sendClose(1000)
            tally.add("close frame")
        case 2: try peer.send("1")
        case 3: try peer.send("garbage")
        case 4:
            // In the middle of a frame.
            try peer.raw.send(Array(RawClient.textFrame(#"42["say",1,"half"]"#).prefix(9)))
            peer.raw.abort()
            tally.add("abort")
        case 5: try peer.send(#"52-["bytes",{"_placeholder":true,"num":0}]"#)
        default: break
        }
        peer.raw.close()
    }

    /// Reads up to the packet that begins with `head`.
    private static func expect(_ packet: String, _ head: String, _ peer: Peer, _ tally: Tally) throws {
        try peer.raw.inOneWait {
            while true {
                let received = try next(peer, tally)
                guard received.hasPrefix(head) else { continue }
                if received != packet { tally.add("wrong") }
                return
            }
        }
    }

    /// The next packet that is no question, which it answers, and no attachment.
    private static func next(_ peer: Peer, _ tally: Tally) throws -> String {
        try peer.raw.inOneWait {
            while true {
                let frame = try peer.raw.receiveFrame()
                guard frame.opcode != .binary else { continue }
                guard frame.opcode == .text else { throw Unexpected(what: "\(frame.opcode)") }
                let text = frame.text
                if text == "2" {
                    try peer.raw.sendText("3")
                } else if text.hasSuffix(#"["question"]"#) || text.hasSuffix(#"["poll"]"#) {
                    tally.add("asked")
                    let head = text.dropFirst(2).prefix { $0 != "[" }
                    try peer.send("3\(head)[1]")
                } else if text == "41" || text == "41/a," {
                    throw Unexpected(what: "kicked")
                } else if text.hasPrefix("4") {
                    return String(text.dropFirst())
                }
            }
        }
    }
}

/// Counts what happened.
///
/// `@unchecked Sendable`: `counts` is guarded by `lock`.
private final class Tally: @unchecked Sendable, CustomStringConvertible {
    private let lock = NSLock()
    private var table: [String: Int] = [:]

    func add(_ name: String, _ count: Int = 1) {
        lock.withLock { table[name, default: 0] += count }
    }

    var counts: [String: Int] { lock.withLock { table } }

    var description: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
