import SocketIO
import Testing

/// What becomes of events while as many asynchronous handlers are under way as `limits.handlersInFlight` allows.
@Suite struct InboxTests {
    /// A server whose `wait` handlers note their number and stay until their gate opens.
    private func withWaiters(
        log: Journal = Journal(), _ configure: @escaping (inout SocketIOServer.Limits) -> Void,
        _ body: (SocketIOServer, Int, Journal, [Gate]) async throws -> Void
    ) async throws {
        let gates = (0..<8).map { _ in Gate() }
        defer { for gate in gates { gate.open() } }
        try await serve(
            loops: 1,
            {
                $0.logger = LineLogger(log)
                configure(&$0.limits)
            }
        ) { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("wait") { (_: Socket, number: Int) in
                journal.note("wait \(number)")
                await gates[number].passed()
            }
            io.on("note") { (_: Socket, text: String) in journal.note(text) }
            io.onDisconnect { _, reason in journal.note("\(reason)") }
            try await body(io, port, journal, gates)
        }
    }

    private static func wait(_ number: Int) -> String { #"2["wait",\#(number)]"# }
    private static func note(_ text: String) -> String { #"2["note","\#(text)"]"# }

    @Test func `handlersInFlight: further events wait, in order, whatever handles them`() async throws {
        try await withWaiters({ $0.handlersInFlight = 2 }) { _, port, journal, gates in
            let peer = try Peer(port)
            for packet in [Self.wait(0), Self.note("a"), Self.wait(1), Self.note("b"), Self.wait(2), Self.note("c")] {
                try peer.send(packet)
            }
            try peer.raw.sendText("4" + Self.wait(3))
            #expect(journal.wait(for: 3) == ["wait 0", "a", "wait 1"])
            // One ends: its successors up to the next that has to wait.
            gates[1].open()
            #expect(journal.wait(for: 5) == ["wait 0", "a", "wait 1", "b", "wait 2"])
            gates[0].open()
            #expect(journal.wait(for: 7).suffix(2) == ["c", "wait 3"])
            gates[2].open()
            gates[3].open()
            try peer.sync()
            #expect(journal.lines.count == 7)
        }
    }

    @Test func `handlersInFlight counts for each socket`() async throws {
        try await withWaiters({ $0.handlersInFlight = 1 }) { io, port, journal, _ in
            io.namespace("/b").on("note") { (_: Socket, text: String) in journal.note(text) }
            let first = try Peer(port)
            try first.connect("/b")
            let second = try Peer(port)
            try first.send(Self.wait(0))
            try first.send(Self.note("late"))
            try first.send("2/b,[\"note\",\"b\"]")
            #expect(journal.wait(for: 2) == ["wait 0", "b"])
            try second.send(Self.note("other"))
            #expect(journal.wait(for: 3) == ["wait 0", "b", "other"])
        }
    }

    // MARK: All sockets together

    @Test func `handlersInFlightTotal: who begins one too many waits for others, first come, first served`()
        async throws
    {
        let log = Journal()
        try await withWaiters(log: log, { $0.handlersInFlightTotal = 2 }) { _, port, journal, gates in
            let peers = try (0..<5).map { _ in try Peer(port) }
            for number in 0..<2 {
                try peers[number].send(Self.wait(number))
                #expect(journal.wait(for: number + 1).last == "wait \(number)")
            }
            // These two find it out with one handler each, and wait with what comes after it.
            for number in 2..<4 {
                try peers[number].send(Self.wait(number))
                #expect(journal.wait(for: number + 1).last == "wait \(number)")
                try peers[number].send(Self.wait(number + 2))
                try peers[number].send(Self.note("note \(number)"))
            }
            // Who has begun none is served.
            try peers[4].send(Self.note("free"))
            #expect(journal.wait(for: 5).last == "free")
            for number in [0, 1] { gates[number].open() }
            try peers[4].sync()
            #expect(journal.lines.count == 5)
            gates[3].open()
            #expect(journal.wait(for: 6).suffix(1) == ["wait 4"])
            // The handler has come as far as its gate once another event has been handled.
            try peers[4].sync()
            gates[4].open()
            #expect(journal.wait(for: 7).suffix(1) == ["wait 5"])
            try peers[4].sync()
            gates[2].open()
            #expect(journal.wait(for: 9).suffix(2) == ["note 2", "note 3"])
            gates[5].open()
            for peer in peers { try peer.sync() }
            #expect(journal.lines.count == 9)
            #expect(log.lines.count { $0.contains("handlersInFlightTotal") } == 1)
        }
    }

    @Test func `a socket that goes while it waits for others leaves its place`() async throws {
        try await withWaiters({ $0.handlersInFlightTotal = 1 }) { io, port, journal, gates in
            let holder = try Peer(port)
            try holder.send(Self.wait(0))
            #expect(journal.wait(for: 1) == ["wait 0"])
            for _ in 0..<20 {
                let peer = try Peer(port)
                try peer.send(Self.wait(1))
                try peer.send(Self.wait(2))
                try peer.raw.sendClose()
                _ = peer.isClosedByServer()
                peer.raw.close()
            }
            #expect(await eventually { await io.counts().sockets == 1 })
            let last = try Peer(port)
            try last.send(Self.wait(3))
            try last.send(Self.note("last"))
            for gate in gates { gate.open() }
            #expect(await eventually { journal.lines.last == "last" })
            #expect(!journal.lines.contains("wait 2"))
            for peer in [holder, last] { try peer.sync() }
        }
    }

    @Test(arguments: [1, 3])
    func `many sockets over the total all get through`(total: Int) async throws {
        try await serve(loops: 1, { $0.limits.handlersInFlightTotal = total }) { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("yield") { (_: Socket, text: String) in
                await Task.yield()
                journal.note(text)
            }
            io.on("at once") { (_: Socket, text: String) async in journal.note(text) }
            // More than go on in one turn.
            let peers = try (0..<40).map { _ in try Peer(port) }
            var expected = 0
            for round in 0..<30 {
                for (index, peer) in peers.enumerated() {
                    try peer.send(#"2["\#(round % 3 == 0 ? "at once" : "yield")","\#(index) \#(round)"]"#)
                    expected += 1
                }
            }
            #expect(journal.wait(for: expected).count == expected)
            for peer in peers { try peer.sync() }
        }
    }

    @Test func `an event may have more asynchronous handlers than a small number counts`() async throws {
        try await serve(loops: 1) { io, port in
            let gate = Gate()
            defer { gate.open() }
            let count = 66_000
            let journal = Journal()
            answerSync(io)
            for _ in 0..<count {
                io.on("many") { (_: Socket) async in
                    await gate.passed()
                }
            }
            io.onDisconnect { _, _ in journal.note("gone") }
            let peer = try Peer(port)
            let leaving = try Peer(port)
            for each in [peer, leaving] { try each.send(#"2["many"]"#) }
            leaving.raw.close()
            #expect(journal.wait(for: 1) == ["gone"])
            gate.open()
            try peer.sync()
        }
    }

    @Test func `an acknowledgement goes past what waits, over both transports`() async throws {
        try await withWaiters({ $0.handlersInFlight = 1 }) { io, port, journal, _ in
            io.on("ask") { (socket: Socket) in
                let answer: Int = try await socket.emitWithAck("question")
                journal.note("answer \(answer)")
            }
            let peer = try Peer(port)
            try peer.send(#"2["ask"]"#)
            try peer.send(Self.note("after"))
            let id = try peer.receive().drop { !$0.isNumber }.dropFirst().prefix(while: \.isNumber)
            try peer.send("3\(id)[7]")
            #expect(journal.wait(for: 2) == ["answer 7", "after"])

            let poller = try PollingPeer(port)
            try poller.post("42[\"ask\"]\u{1E}4" + Self.note("after"))
            let otherID = try poller.receive().drop { !$0.isNumber }.dropFirst().prefix(while: \.isNumber)
            try poller.send("3\(otherID)[8]")
            #expect(journal.wait(for: 4).suffix(2) == ["answer 8", "after"])
        }
    }

    @Test func `an event with attachments waits with them`() async throws {
        try await withWaiters({ $0.handlersInFlight = 1 }) { io, port, journal, gates in
            io.on("bytes") { (_: Socket, bytes: [UInt8]) in journal.note("\(bytes)") }
            let peer = try Peer(port)
            try peer.send(Self.wait(0))
            try peer.send(#"51-["bytes",{"_placeholder":true,"num":0}]"#)
            try peer.send(binary: [1, 2])
            try peer.send(Self.note("after"))
            #expect(journal.wait(for: 1) == ["wait 0"])
            gates[0].open()
            #expect(journal.wait(for: 3) == ["wait 0", "[1, 2]", "after"])
        }
    }

    @Test func `a handler that throws makes room, too`() async throws {
        try await withWaiters({ $0.handlersInFlight = 1 }) { io, port, _, _ in
            io.on("fail") { (_: Socket) in
                await Task.yield()
                throw Unexpected(what: "on purpose")
            }
            let peer = try Peer(port)
            for _ in 0..<20 { try peer.send(#"2["fail"]"#) }
            try peer.sync()
        }
    }

    // MARK: A full inbox

    /// Each limit of an inbox, met with its second event.
    @Test(arguments: ["events", "bytes", "total"])
    func `a full inbox stops the reading until it is empty, and nothing is lost`(_ limit: String) async throws {
        try await withWaiters({
            $0.handlersInFlight = 1
            switch limit {
            case "events": $0.inboxEvents = 2
            case "bytes": $0.inboxBytes = 300
            default: $0.inboxBytesTotal = 300
            }
        }) { io, port, journal, gates in
            io.on("ask") { (socket: Socket) in
                let answer: Int = try await socket.emitWithAck("question")
                journal.note("answer \(answer)")
            }
            let peer = try Peer(port)
            try peer.send(Self.wait(0))
            #expect(journal.wait(for: 1) == ["wait 0"])
            try peer.send(Self.note("0"))
            // Fills it, alone in what is read with it.
            try peer.send(Self.note("1"))
            let silent = try peer.raw.isSilent(for: .milliseconds(50))
            #expect(silent)
            // A frame that would be answered at once, were it read.
            try peer.raw.send(RawClient.frame(firstByte: 0x89, [1]))
            let unread = try peer.raw.isSilent(for: .milliseconds(50))
            #expect(unread)
            for number in 2..<500 { try peer.send(Self.note("\(number)")) }
            gates[0].open()
            #expect(try peer.raw.receiveFrame().opcode == .pong)
            #expect(journal.wait(for: 501).dropFirst() == ((0..<500).map { "\($0)" })[...])
            try peer.sync()
        }
    }

    @Test func `one event less does not stop the reading`() async throws {
        try await withWaiters({
            $0.handlersInFlight = 1
            $0.inboxEvents = 3
        }) { _, port, journal, _ in
            let peer = try Peer(port)
            for packet in [Self.wait(0), Self.note("0"), Self.note("1")] { try peer.send(packet) }
            #expect(journal.wait(for: 1) == ["wait 0"])
            try peer.raw.send(RawClient.frame(firstByte: 0x89, [1]))
            #expect(try peer.raw.receiveFrame().opcode == .pong)
        }
    }

    @Test func `over polling the POST that filled it is answered when it is empty`() async throws {
        try await withWaiters({
            $0.handlersInFlight = 1
            $0.inboxEvents = 2
        }) { _, port, journal, gates in
            let peer = try PollingPeer(port)
            try peer.send(Self.wait(0))
            try peer.send(Self.note("0"))
            let poster = try RawClient(port: port)
            try poster.send(peer.request(posting: Self.note("1") + "\u{1E}4" + Self.note("2")))
            let silent = try poster.isSilent(for: .milliseconds(50))
            #expect(silent)
            gates[0].open()
            #expect(try poster.response().text == "ok")
            #expect(journal.wait(for: 4) == ["wait 0", "0", "1", "2"])
            // The connection goes on, and so does the session.
            try poster.send(peer.request(posting: Self.note("3")))
            #expect(try poster.response().text == "ok")
            #expect(journal.wait(for: 5).last == "3")
        }
    }

    @Test func `a client that upgrades while its POST is kept open gets its answer, and is not read`() async throws {
        try await withWaiters({
            $0.handlersInFlight = 1
            $0.inboxEvents = 1
        }) { _, port, journal, gates in
            let poller = try PollingPeer(port)
            try poller.send(Self.wait(0))
            let poster = try RawClient(port: port)
            try poster.send(poller.request(posting: Self.note("0")))
            let silent = try poster.isSilent(for: .milliseconds(50))
            #expect(silent)
            let peer = try Peer(port, upgrading: poller)
            #expect(try poster.response().text == "ok")
            try peer.raw.send(RawClient.frame(firstByte: 0x89, [1]))
            let unread = try peer.raw.isSilent(for: .milliseconds(50))
            #expect(unread)
            gates[0].open()
            #expect(try peer.raw.receiveFrame().opcode == .pong)
            #expect(journal.wait(for: 2) == ["wait 0", "0"])
        }
    }

    @Test(arguments: [false, true])
    func `inboxTime: a client whose inbox stays full is closed`(overPolling: Bool) async throws {
        try await withWaiters({
            $0.handlersInFlight = 1
            $0.inboxEvents = 1
            $0.inboxTime = .milliseconds(60)
        }) { io, port, journal, gates in
            if overPolling {
                let peer = try PollingPeer(port)
                try peer.send(Self.wait(0))
                let poster = try RawClient(port: port)
                try poster.send(peer.request(posting: Self.note("never")))
                #expect(try poster.response().text == "ok")
                #expect(try peer.receive() == "1")
            } else {
                let peer = try Peer(port)
                try peer.send(Self.wait(0))
                try peer.send(Self.note("never"))
                #expect(try peer.raw.receiveClose() == 1008)
            }
            #expect(journal.wait(for: 2) == ["wait 0", "forced close"])
            gates[0].open()
            // What was kept is free again: another client can use it.
            let next = try Peer(port)
            try next.sync()
            #expect(await eventually { await io.counts().sessions <= (overPolling ? 2 : 1) })
            #expect(journal.lines.count == 2)
        }
    }

    // MARK: The end

    @Test func `a DISCONNECT waits its turn`() async throws {
        try await withWaiters({ $0.handlersInFlight = 1 }) { _, port, journal, gates in
            let peer = try Peer(port)
            for packet in [Self.wait(0), Self.note("a"), "1"] { try peer.send(packet) }
            #expect(journal.wait(for: 1) == ["wait 0"])
            gates[0].open()
            #expect(journal.wait(for: 3) == ["wait 0", "a", "client namespace disconnect"])
        }
    }

    @Test func `a client that comes back does not wait for what it sent before it left`() async throws {
        try await withWaiters({ $0.handlersInFlight = 1 }) { _, port, journal, _ in
            let peer = try Peer(port)
            let old = peer.sid
            for packet in [Self.wait(0), Self.note("a"), "1"] { try peer.send(packet) }
            try peer.connect()
            #expect(peer.sid != old)
            try peer.sync()
            #expect(journal.lines == ["wait 0", "client namespace disconnect"])
        }
    }

    @Test func `handlers of sockets that are gone count as namespaces until they end`() async throws {
        try await withWaiters({ $0.namespacesPerConnection = 3 }) { _, port, journal, gates in
            let peer = try Peer(port)
            try peer.send(Self.wait(0))
            try peer.connect()
            try peer.send(Self.wait(1))
            try peer.send("0")
            #expect(try peer.receive().hasPrefix("0{"))
            try peer.send(Self.wait(2))
            // Three have left handlers behind: there is no place for a fourth.
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"Too many namespaces"}"#)
            for gate in gates { gate.open() }
            #expect(
                await eventually {
                    guard (try? peer.send("0")) != nil else { return false }
                    return (try? peer.receive().hasPrefix("0{")) ?? false
                })
            #expect(journal.lines.filter { $0.hasPrefix("wait") } == ["wait 0", "wait 1", "wait 2"])
        }
    }

    @Test func `a long inbox is handled in parts, in order`() async throws {
        try await withWaiters({ $0.handlersInFlight = 1 }) { _, port, journal, gates in
            let peer = try Peer(port)
            try peer.send(Self.wait(0))
            for number in 0..<500 { try peer.send(Self.note("\(number)")) }
            // Behind them.
            try peer.send(Self.wait(1))
            #expect(journal.wait(for: 1) == ["wait 0"])
            gates[0].open()
            #expect(journal.wait(for: 502) == ["wait 0"] + (0..<500).map { "\($0)" } + ["wait 1"])
        }
    }

    @Test func `an inboxTime without end stops nobody`() async throws {
        try await withWaiters({
            $0.handlersInFlight = 1
            $0.inboxEvents = 1
            $0.inboxTime = .seconds(Int64.max)
        }) { _, port, journal, gates in
            let peer = try Peer(port)
            try peer.send(Self.wait(0))
            try peer.send(Self.note("late"))
            #expect(journal.wait(for: 1) == ["wait 0"])
            gates[0].open()
            #expect(journal.wait(for: 2) == ["wait 0", "late"])
        }
    }

    @Test func `inboxBytesTotal: what one client filled is free for others once it is gone`() async throws {
        try await withWaiters({
            $0.handlersInFlight = 1
            $0.inboxBytesTotal = 300
        }) { io, port, journal, _ in
            let first = try Peer(port)
            for packet in [Self.wait(0), Self.note("a"), Self.note("b")] { try first.send(packet) }
            #expect(journal.wait(for: 1) == ["wait 0"])
            io.disconnectSockets()
            #expect(try first.receive() == "1")
            let second = try Peer(port)
            try second.send(Self.wait(1))
            #expect(await eventually { journal.lines.contains("wait 1") })
            try second.send(Self.note("c"))
            // One waits, and the client is still read.
            try second.raw.send(RawClient.frame(firstByte: 0x89, [1]))
            #expect(try second.raw.receiveFrame().opcode == .pong)
        }
    }

    @Test func `what waits is gone with its socket`() async throws {
        try await withWaiters({
            $0.handlersInFlight = 1
            $0.inboxEvents = 2
        }) { io, port, journal, gates in
            let peer = try Peer(port)
            for packet in [Self.wait(0), Self.note("a"), Self.note("b")] { try peer.send(packet) }
            #expect(journal.wait(for: 1) == ["wait 0"])
            io.disconnectSockets()
            #expect(try peer.receive() == "1")
            gates[0].open()
            // It is read again, and may join again.
            try peer.connect()
            try peer.sync()
            #expect(journal.lines == ["wait 0", "server namespace disconnect"])
        }
    }
}
