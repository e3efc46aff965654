import SocketIO
import Testing

@Suite struct DynamicNamespaceTests {
    private func refused(_ name: String, _ words: String = "Invalid namespace") -> String {
        #"4\#(name),{"message":"\#(words)"}"#
    }

    @Test func `a namespace whose whole name matches is made with its first client, another is refused`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onNewNamespace { journal.note("new \($0.name)") }
            let rooms = io.namespaces(matching: /\/room-\d+/)
            rooms.onConnection { journal.note("in \($0.namespace.name)") }
            let peer = try Peer(port)
            try peer.connect("/room-7")
            #expect(journal.wait(for: 2) == ["new /room-7", "in /room-7"])
            #expect(rooms.all.map(\.name) == ["/room-7"])
            for name in ["/room-x", "/room-12x", "/room-", "/*"] {
                try peer.send("0\(name),")
                #expect(try peer.receive() == refused(name))
            }
            try Peer(port).connect("/room-7")
            #expect(journal.wait(for: 3).last == "in /room-7")
        }
    }

    @Test func `each has what is registered for all, before and after it was made`() async throws {
        try await serve(loops: 1) { io, port in
            let rooms = io.namespaces(matching: /\/room-\d+/)
            rooms.use { if $0.namespace.name == "/room-13" { throw ConnectionRefused("unlucky") } }
            rooms.on("before") { (socket: Socket) in "before \(socket.namespace.name)" }
            let peer = try Peer(port)
            for name in ["/room-1", "/room-2"] { try peer.connect(name) }
            let late = rooms.on("after") { (socket: Socket) in "after \(socket.namespace.name)" }
            for name in ["/room-1", "/room-2"] {
                try peer.send(#"2\#(name),1["before"]"#)
                #expect(try peer.receive() == #"3\#(name),1["before \#(name)"]"#)
                try peer.send(#"2\#(name),2["after"]"#)
                #expect(try peer.receive() == #"3\#(name),2["after \#(name)"]"#)
            }
            try peer.send("0/room-13,")
            #expect(try peer.receive() == refused("/room-13", "unlucky"))
            late.cancel()
            rooms.off("before")
            answerSync(rooms)
            for name in ["/room-1", "/room-2"] {
                try peer.send(#"2\#(name),1["before"]"#)
                try peer.send(#"2\#(name),2["after"]"#)
                try peer.send(#"2\#(name),3["sync"]"#)
                #expect(try peer.receive() == #"3\#(name),3[true]"#)
            }
        }
    }

    @Test func `what is sent to all of them arrives in each, and all of them answer`() async throws {
        try await serve(loops: 2) { io, port in
            answerSync(io)
            let rooms = io.namespaces(matching: /\/room-\d+/)
            let peers = try (0..<4).map { _ in try Peer(port) }
            var ids: Set<SocketID> = []
            for (number, peer) in peers.enumerated() { ids.insert(SocketID(try peer.connect("/room-\(number / 2)"))) }
            rooms.emit("news", 1)
            for (number, peer) in peers.enumerated() {
                #expect(try peer.receive() == #"2/room-\#(number / 2),["news",1]"#)
                try peer.sync()
            }
            #expect(Set(await rooms.sockets().map(\.id)) == ids)
            #expect(Set(await rooms.sockets().map(\.namespace.name)) == ["/room-0", "/room-1"])

            async let replies: BroadcastReplies<Int> = rooms.emitWithAck("ask", timeout: .seconds(60))
            for (number, peer) in peers.enumerated() {
                let question = try peer.receive()
                let head = "2/room-\(number / 2),"
                #expect(question.hasPrefix(head))
                let id = question.dropFirst(head.count).prefix { $0.isNumber }
                try peer.send("3/room-\(number / 2),\(id)[\(number)]")
            }
            #expect(Set(await replies.replies.values) == [0, 1, 2, 3])
            rooms.disconnectSockets()
            for (number, peer) in peers.enumerated() { #expect(try peer.receive() == "1/room-\(number / 2),") }
        }
    }

    @Test func `matchers are asked in order, and only for what is not there`() async throws {
        try await serve { io, port in
            let asked = Journal()
            _ = io.namespace("/fixed")
            let first = io.namespaces { name, handshake in
                asked.note("1 \(name)")
                return try handshake.auth(as: [String: Int].self)["level"] == 1
            }
            let second = io.namespaces { name, _ in
                await Task.yield()
                asked.note("2 \(name)")
                return name != "/none"
            }
            let peer = try Peer(port)
            try peer.connect("/fixed")
            try peer.connect("/a", auth: #"{"level":1}"#)
            try peer.connect("/b", auth: #"{"level":2}"#)
            try peer.connect("/c")
            try peer.send(#"0/none,{"level":0}"#)
            #expect(try peer.receive() == refused("/none"))
            #expect(asked.lines == ["1 /a", "1 /b", "2 /b", "1 /c", "2 /c", "1 /none", "2 /none"])
            #expect(first.all.map(\.name) == ["/a"])
            #expect(Set(second.all.map(\.name)) == ["/b", "/c"])
        }
    }

    @Test func `the application may make one of the family itself`() async throws {
        try await serve { io, port in
            let rooms = io.namespaces(matching: /\/room-\d+/)
            rooms.on("x") { (_: Socket) in "from all" }
            let seven = io.namespace("/room-7")
            seven.on("y") { (_: Socket) in "from seven" }
            #expect(rooms.all.map(\.name) == ["/room-7"])
            let peer = try Peer(port)
            try peer.connect("/room-7")
            try peer.send(#"2/room-7,1["x"]"#)
            #expect(try peer.receive() == #"3/room-7,1["from all"]"#)
            try peer.send(#"2/room-7,2["y"]"#)
            #expect(try peer.receive() == #"3/room-7,2["from seven"]"#)
        }
    }

    @Test func `one that is no pattern's is told, too, and stays without sockets`() async throws {
        try await serve { io, port in
            let (journal, told) = (Journal(), Journal())
            io.onNewNamespace { told.note($0.name) }
            io.namespace("/chat").onDisconnect { _, _ in journal.note("gone") }
            _ = io.namespace("/chat")
            #expect(told.lines == ["/chat"])
            let peer = try Peer(port)
            for count in 1...2 {
                try peer.connect("/chat")
                try peer.send("1/chat,")
                #expect(journal.wait(for: count).count == count)
            }
            #expect(told.lines == ["/chat"])
        }
    }

    // MARK: The end

    @Test func `one ends with its last socket, unless that is switched off`() async throws {
        for removes in [true, false] {
            try await serve(loops: 2) {
                $0.removesEmptyNamespaces = removes
            } _: { io, port in
                answerSync(io)
                let rooms = io.namespaces(matching: /\/room-\d+/)
                rooms.use {
                    if try $0.handshake.auth(as: [String: Bool].self)["in"] != true { throw ConnectionRefused("no") }
                }
                let peers = try (0..<2).map { _ in try Peer(port) }
                for peer in peers { try peer.connect("/room-1", auth: #"{"in":true}"#) }
                let stranger = try Peer(port)
                try stranger.send(#"0/room-1,{"in":false}"#)
                #expect(try stranger.receive() == refused("/room-1", "no"))
                #expect(rooms.all.count == 1)
                try peers[0].send("1/room-1,")
                try peers[0].sync()
                #expect(rooms.all.count == 1)
                try peers[1].send("1/room-1,")
                try peers[1].sync()
                #expect(rooms.all.count == (removes ? 0 : 1))
                try peers[0].send(#"0/room-2,{"in":false}"#)
                #expect(try peers[0].receive() == refused("/room-2", "no"))
                #expect(rooms.all.count == (removes ? 0 : 2))
                try peers[0].connect("/room-1", auth: #"{"in":true}"#)
                peers[0].raw.abort()
                #expect(await eventually { rooms.all.count == (removes ? 0 : 2) })
            }
        }
    }

    @Test func `somebody who comes as the last one leaves is let in`() async throws {
        try await serve(loops: 2) { io, port in
            answerSync(io)
            let rooms = io.namespaces(matching: /\/room-\d+/)
            let peers = try (0..<4).map { _ in try Peer(port) }
            for _ in 0..<200 {
                for peer in peers { try peer.send("0/room-1,") }
                for peer in peers { #expect(try peer.receive().hasPrefix(#"0/room-1,{"sid""#)) }
                for peer in peers { try peer.send("1/room-1,") }
            }
            for peer in peers { try peer.sync() }
            #expect(rooms.all.isEmpty)
        }
    }

    @Test func `ten thousand names leave nothing behind`() async throws {
        try await serve(loops: 1) { io, port in
            answerSync(io)
            let rooms = io.namespaces(matching: /\/[a-z]+-\d+/)
            let peer = try Peer(port)
            for start in stride(from: 0, to: 10_000, by: 1_000) {
                var packets = 0
                for number in start..<start + 1_000 {
                    // Every tenth is let in, and left.
                    let name = number.isMultiple(of: 10) ? "/x-\(number)" : "/\(number)"
                    try peer.send("0\(name),")
                    if number.isMultiple(of: 10) { try peer.send("1\(name),") }
                    packets += 1
                }
                for _ in 0..<packets { _ = try peer.receive() }
            }
            try peer.sync()
            #expect(rooms.all.isEmpty)
        }
    }

    @Test func `there are as many as the limit says, and the log says so once`() async throws {
        let lines = Journal()
        try await serve(loops: 1) {
            $0.limits.dynamicNamespaces = 2
            $0.logger = LineLogger(lines)
        } _: { io, port in
            let rooms = io.namespaces(matching: /\/room-\d+/)
            _ = io.namespaces { _, _ in true }
            let peer = try Peer(port)
            try peer.connect("/room-1")
            try peer.connect("/other")
            for number in 2..<100 {
                try peer.send("0/room-\(number),")
                #expect(try peer.receive() == refused("/room-\(number)", "Too many namespaces"))
            }
            #expect(rooms.all.count == 1)
            #expect(lines.lines.filter { $0.contains("limits.dynamicNamespaces") }.count == 1)
            try peer.send("1/other,")
            try peer.connect("/room-2")
        }
    }

    // MARK: Who takes his time

    /// Decides when the gate opens; hears whether it was cancelled.
    private func deciding(_ gate: Gate, _ journal: Journal) -> @Sendable (String, Handshake) async throws -> Bool {
        { name, _ in
            journal.note("asked")
            await withTaskCancellationHandler {
                await gate.passed()
            } onCancel: {
                journal.note("cancelled")
                gate.open()
            }
            return true
        }
    }

    @Test func `a client waits for the decision, and the rest of the session goes on`() async throws {
        try await serve(loops: 1) { io, port in
            answerSync(io)
            let (gate, journal) = (Gate(), Journal())
            let slow = io.namespaces(where: deciding(gate, journal))
            let peer = try Peer(port)
            try peer.send("0/slow,")
            try peer.sync()
            #expect(journal.lines == ["asked"] && slow.all.isEmpty)
            gate.open()
            #expect(try peer.receive().hasPrefix(#"0/slow,{"sid""#))
            #expect(slow.all.map(\.name) == ["/slow"])
        }
    }

    @Test func `clients that are being decided about at the same time meet in one namespace`() async throws {
        try await serve(loops: 2) { io, port in
            let (gate, journal, told) = (Gate(), Journal(), Journal())
            io.onNewNamespace { told.note($0.name) }
            let slow = io.namespaces(where: deciding(gate, journal))
            let peers = try (0..<4).map { _ in try Peer(port) }
            for peer in peers { try peer.send("0/slow,") }
            #expect(journal.wait(for: 4) == ["asked", "asked", "asked", "asked"])
            gate.open()
            for peer in peers { #expect(try peer.receive().hasPrefix(#"0/slow,{"sid""#)) }
            #expect(told.lines == ["/slow"] && slow.all.count == 1)
            io.namespace("/slow").emit("all")
            for peer in peers { #expect(try peer.receive() == #"2/slow,["all"]"#) }
        }
    }

    @Test func `a client that asks again, leaves or waits too long is not decided about any more`() async throws {
        for wayOut in 0..<3 {
            try await serve(loops: 1) {
                if wayOut == 2 { $0.connectTimeout = .milliseconds(300) }
            } _: { io, port in
                answerSync(io)
                let (gate, journal) = (Gate(), Journal())
                let name = "/slow-\(wayOut)"
                let decide = deciding(gate, journal)
                let slow = io.namespaces { asked, handshake in
                    guard asked == name else { return false }
                    return try await decide(asked, handshake)
                }
                let peer = try Peer(port)
                try peer.send("0\(name),")
                #expect(journal.wait(for: 1) == ["asked"])
                switch wayOut {
                case 0:
                    try peer.send("0\(name),")
                    #expect(journal.wait(for: 3).contains("cancelled"))
                    // The second one's, and no other.
                    #expect(try peer.receive().hasPrefix(#"0\#(name),{"sid""#))
                    try peer.sync()
                case 1:
                    peer.raw.abort()
                    #expect(journal.wait(for: 2) == ["asked", "cancelled"])
                    #expect(await eventually { await io.counts().sockets == 0 })
                default:
                    #expect(try peer.receive() == refused(name, "Not decided in time"))
                    #expect(journal.wait(for: 2) == ["asked", "cancelled"])
                    try peer.sync()
                }
                if wayOut > 0 { #expect(slow.all.isEmpty) }
            }
        }
    }

    @Test func `those that are being decided about count as namespaces of the connection`() async throws {
        try await serve(loops: 1) {
            $0.limits.namespacesPerConnection = 3
        } _: { io, port in
            answerSync(io)
            let (gate, journal) = (Gate(), Journal())
            _ = io.namespaces(where: deciding(gate, journal))
            let peer = try Peer(port)
            for name in ["/a", "/b"] { try peer.send("0\(name),") }
            try peer.send("0/c,")
            #expect(try peer.receive() == refused("/c", "Too many namespaces"))
            gate.open()
            #expect(try peer.receive().hasPrefix(#"0/a,{"sid""#))
            #expect(try peer.receive().hasPrefix(#"0/b,{"sid""#))
        }
    }

    @Test func `a matcher that fails says no, and the log says why`() async throws {
        struct Broken: Error {}
        let lines = Journal()
        try await serve(loops: 1, { $0.logger = LineLogger(lines) }) { io, port in
            _ = io.namespaces { (_, _) throws -> Bool in throw Broken() }
            _ = io.namespaces { (_, _) async throws -> Bool in
                await Task.yield()
                throw Broken()
            }
            let peer = try Peer(port)
            for _ in 0..<50 {
                try peer.send("0/x,")
                #expect(try peer.receive() == refused("/x"))
            }
            #expect(lines.lines.filter { $0.contains("Broken") }.count == 1)
        }
    }
}
