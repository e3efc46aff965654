import EngineIO
import SocketIO
import Synchronization
import Testing

/// What goes out to other nodes, and what comes in from them, message by message.
@Suite(.timeLimit(.minutes(2))) struct AdapterSeamTests {
    private func serveScripted(
        _ adapter: ScriptedAdapter = ScriptedAdapter(), loops: Int = 2,
        _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (SocketIOServer, Int, ScriptedAdapter) async throws -> Void
    ) async throws {
        try await serve(loops: loops) {
            $0.adapter = adapter
            configure(&$0)
        } _: { io, port in
            answerSync(io)
            try await body(io, port, adapter)
        }
    }

    // MARK: Out

    @Test func `what concerns many is published in order, as Node's adapters have it`() async throws {
        try await serveScripted { io, port, adapter in
            io.onConnection { socket in
                socket.broadcast.emit("others")
                socket.to("r1").emit("x")
            }
            let peer = try Peer(port)
            try peer.sync()
            io.emit("e", 1, "two", [true])
            io.to("r1", "r2").except("r3").volatile.emit("mix", [1, 2] as [UInt8])
            io.send("hello")
            io.local.emit("nobody else")
            io.to("r2").socketsJoin("x", "y")
            io.except("r1").socketsLeave("x")
            io.to("r2").disconnectSockets()
            io.disconnectSockets(closingConnection: true)
            io.serverSideEmit("ss", 1, ["a": true])
            io.local.socketsJoin("nobody else")
            io.local.disconnectSockets()
            #expect(
                adapter.state.withLock { $0.messages.map(\.words) } == [
                    #"broadcast ["others"] []-[\#(peer.sid)]"#,
                    #"broadcast ["x"] [r1]-[\#(peer.sid)]"#,
                    #"broadcast ["e",1,"two",[true]] []-[]"#,
                    #"broadcast ["mix",{"_placeholder":true,"num":0}] [r1, r2]-[r3] volatile"#,
                    #"broadcast ["message","hello"] []-[]"#,
                    "join [x, y] [r2]-[]",
                    "leave [x] []-[r1]",
                    "disconnect [r2]-[]",
                    "disconnect []-[] closing",
                    #"servers ["ss",1,{"a":true}]"#,
                ])
        }
    }

    @Test func `who waits until what is sent is published is told what the adapter says of it`() async throws {
        try await serveScripted { io, _, adapter in
            func outcome(_ isThere: Bool?, timeout: Duration = .seconds(20)) async -> PublicationError.Code? {
                adapter.state.withLock { $0.isThere = isThere }
                do throws(PublicationError) {
                    try await io.waitUntilPublished(timeout: timeout) { io.namespace("/other").emit("x") }
                    return nil
                } catch {
                    return error.code
                }
            }
            #expect(await outcome(true) == nil)
            #expect(await outcome(false) == .lost)
            #expect(await outcome(nil, timeout: .milliseconds(1)) == .timedOut)
            let task = Task { await outcome(nil) }
            task.cancel()
            #expect(await task.value == .cancelled)
            #expect(adapter.state.withLock { $0.messages.count } == 4)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `who waits for what is published while the server closes is told so`() async throws {
        try await serveScripted { io, _, adapter in
            adapter.state.withLock { $0.isThere = nil }
            let hasBegun = Gate()
            let waiting = Task { () -> PublicationError.Code? in
                do throws(PublicationError) {
                    try await io.waitUntilPublished(timeout: .seconds(1_000)) { hasBegun.open() }
                    return nil
                } catch {
                    return error.code
                }
            }
            await hasBegun.passed()
            await io.close()
            #expect(await waiting.value == .closed)
        }
    }

    @Test func `a handler that throws because nothing is published acknowledges nothing`() async throws {
        try await serveScripted { io, port, adapter in
            adapter.state.withLock { $0.isThere = false }
            let failed = Mutex<PublicationError?>(nil)
            io.onHandlerError { failure in failed.withLock { $0 = failure.error as? PublicationError } }
            io.on("say") { (_: Socket, _: String) in try await io.waitUntilPublished { io.serverSideEmit("said") } }
            let peer = try Peer(port)
            try peer.send(#"21["say","x"]"#)
            try #require(await eventually { failed.withLock { $0?.code == .lost } })
            adapter.state.withLock { $0.isThere = true }
            try peer.send(#"22["say","x"]"#)
            #expect(try peer.receive() == "32[]")
        }
    }

    @Test func `a server without an adapter has published at once, one that has ended has not`() async throws {
        let io = SocketIOServer()
        let count = Mutex(0)
        try await io.waitUntilPublished { count.withLock { $0 += 1 } }
        io.configuration.adapter = ScriptedAdapter()
        let error = await #expect(throws: PublicationError.self) {
            try await io.waitUntilPublished { count.withLock { $0 += 1 } }
        }
        #expect(error?.code == .closed)
        #expect(count.withLock { $0 } == 2)
    }

    @Test func `a server without an adapter, or that does not listen, tells nobody`() async throws {
        let adapter = ScriptedAdapter()
        var configuration = SocketIOServer.Configuration()
        configuration.adapter = adapter
        configuration.loops = 1
        configuration.logger = SilentLogger()
        let io = SocketIOServer(configuration)
        io.emit("early")
        io.serverSideEmit("early")
        #expect(await io.nodeCount == 1)
        for _ in 0..<2 {
            _ = try await io.listen(host: "127.0.0.1", port: 0)
            #expect(await io.nodeCount == 2)
            io.namespace("/new").emit("heard")
            await io.close()
            io.emit("late")
        }
        let (messages, left) = adapter.state.withLock { ($0.messages.map(\.words), $0.left.sorted()) }
        #expect(messages == Array(repeating: #"broadcast ["heard"] []-[]"#, count: 2))
        #expect(left == ["/", "/", "/new", "/new"])
    }

    @Test func `a namespace that clients ask for joins with its first client, and leaves with its last`() async throws {
        try await serveScripted { io, port, adapter in
            let rooms = io.namespaces(matching: /\/room-\d+/)
            let peer = try Peer(port, connecting: false)
            try peer.connect("/room-1")
            #expect(adapter.state.withLock { $0.namespaces.keys.sorted() } == ["/", "/room-1"])
            rooms.emit("hello")
            #expect(try peer.receive() == #"2/room-1,["hello"]"#)
            #expect(adapter.state.withLock { $0.messages.map(\.words) } == [#"broadcast ["hello"] []-[]"#])
            try peer.send("1/room-1,")
            #expect(await eventually { adapter.state.withLock { $0.left } == ["/room-1"] })
        }
    }

    @Test func `names that servers keep for themselves are not sent to them, and the log says so`() async throws {
        let lines = Journal()
        try await serveScripted(ScriptedAdapter(), { $0.logger = LineLogger(lines) }) { io, _, adapter in
            for name in ["connection", "new_namespace", "connect"] as [String] {
                io.serverSideEmit(name)
                #expect(await !io.serverSideEmitWithAck("new_namespace", replying: Int.self).isComplete)
            }
            #expect(adapter.state.withLock { $0.messages.isEmpty })
            #expect(lines.lines.count { $0.contains("is reserved") } >= 3)
        }
    }

    // MARK: Answers

    @Test func `answers that do not tell whose they are count, and those of Node's form are taken`() async throws {
        try await serveScripted(ScriptedAdapter(others: ClusterNodes(count: 2))) { io, _, adapter in
            async let asked: BroadcastReplies<Int> = io.to("r1").emitWithAck("q", 1, timeout: .seconds(60))
            let message = try await adapter.message()
            #expect(message.words == #"broadcast ["q",1] [r1]-[] asking"#)
            guard case .broadcast(_, _, let flags, let id?) = message else { return }
            #expect(flags.timeout == .seconds(60) && id.count == 16)
            adapter.local.receive(.asked(count: 1), to: id)
            adapter.local.receive(.acknowledged(EventArguments([7])), to: id)
            adapter.local.receive(.asked(count: 2), to: id)
            adapter.local.receive(.acknowledged(EventArguments([8])), to: id)
            adapter.local.receive(.acknowledged(EventArguments([])), to: id)
            let replies = await asked
            #expect(replies.anonymousReplies == [7, 8])
            // Nothing is no number.
            #expect(!replies.isComplete && replies.replies.isEmpty)
        }
    }

    @Test func `without a word from the adapter a request ends at its timeout`() async throws {
        try await serveScripted(ScriptedAdapter(others: nil)) { io, _, adapter in
            #expect(await !io.sockets(timeout: .milliseconds(50)).isComplete)
            #expect(await !io.serverSideEmitWithAck("x", replying: Int.self, timeout: .milliseconds(50)).isComplete)
            #expect(adapter.state.withLock { $0.messages.isEmpty })
        }
    }

    @Test func `a cancelled task stops waiting for other nodes`() async throws {
        try await serveScripted { io, _, adapter in
            let task = Task { await io.sockets(timeout: .seconds(600)).isComplete }
            _ = try await adapter.message()
            task.cancel()
            #expect(await !task.value)
        }
    }

    @Test func `a server that closes does not wait for other nodes`() async throws {
        let task = Mutex<Task<Bool, Never>?>(nil)
        try await serveScripted { io, _, adapter in
            task.withLock { $0 = Task { await io.sockets(timeout: .seconds(600)).isComplete } }
            _ = try await adapter.message()
        }
        #expect(await task.withLock { $0 }?.value == false)
    }

    @Test func `over the limit of requests nobody is asked, and there is room again when one has ended`() async throws {
        try await serveScripted(ScriptedAdapter(), { $0.limits.clusterRequests = 1 }) { io, _, adapter in
            async let first = io.sockets(timeout: .seconds(60))
            let id = try await adapter.message().request
            #expect(await !io.sockets(timeout: .seconds(60)).isComplete)
            adapter.local.receive(.sockets([]), to: id)
            #expect(await first.isComplete)
            #expect(adapter.state.withLock { $0.messages.count } == 1)
            async let second = io.sockets(timeout: .seconds(60))
            adapter.local.receive(.sockets([]), to: try await adapter.message(1).request)
            #expect(await second.isComplete)
        }
    }

    @Test func `over the limit of bytes an answer is dropped, and there is room again afterwards`() async throws {
        let limit: @Sendable (inout SocketIOServer.Configuration) -> Void = { $0.limits.clusterAnswerBytes = 10_000 }
        try await serveScripted(ScriptedAdapter(), limit) { io, _, adapter in
            for (size, isTaken) in [(20_000, false), (9_000, true), (9_000, true)] {
                let index = adapter.state.withLock { $0.messages.count }
                async let asked = io.serverSideEmitWithAck("x", replying: String.self, timeout: .seconds(1))
                let reply = JSONValue.string(String(repeating: "x", count: size))
                adapter.local.receive(.reply(EventArguments([reply])), to: try await adapter.message(index).request)
                let replies = await asked
                #expect(replies.isComplete == isTaken && replies.replies.count == (isTaken ? 1 : 0))
            }
        }
    }

    @Test func `answers of the wrong kind, to nothing, twice or without end harm nobody`() async throws {
        let others = ClusterNodes(["b"])
        try await serveScripted(ScriptedAdapter(others: others)) { io, port, adapter in
            let peer = try Peer(port)
            async let found = io.sockets(timeout: .seconds(60))
            let id = try await adapter.message().request
            let local = adapter.local
            for request in ["", "0", String(repeating: "f", count: 100_000)] {
                local.receive(.sockets([]), to: request, from: "b")
            }
            for node in ["c", nil] as [NodeID?] {
                for _ in 0..<3 {
                    local.receive(.asked(count: .max), to: id, from: node)
                    local.receive(.acknowledged(nil), to: id, from: node)
                }
            }
            local.receive(.asked(count: .min), to: id, from: "b")
            local.receive(.sockets([]), to: id, from: "b")
            let sockets = await found
            #expect(sockets.map(\.id) == [SocketID(peer.sid)])
            local.receive(.sockets([]), to: id, from: "b")
            try peer.sync()
        }
    }

    // MARK: In

    @Test func `what other nodes say is carried out, and goes no further`() async throws {
        try await serveScripted { io, port, adapter in
            let peers = try (0..<4).map { _ in try Peer(port) }
            let local = adapter.local
            let first = SocketID(peers[0].sid)
            let event = try #require(ClusterEvent(["e", 1, ["a": .binary([1, 2])]]))
            local.receive(.join(["r"], ClusterAudience(rooms: [Room(first)])))
            local.receive(.broadcast(event, ClusterAudience(rooms: ["r"])))
            #expect(try peers[0].receive() == #"51-["e",1,{"a":{"_placeholder":true,"num":0}}]"#)
            #expect(try peers[0].receiveBinary() == [1, 2])
            local.receive(.leave(["r"], ClusterAudience()))
            local.receive(.broadcast(event, ClusterAudience(rooms: ["r"])))
            local.receive(.broadcast(try #require(ClusterEvent(["f"])), ClusterAudience(except: [Room(first)])))
            for peer in peers.dropFirst() { #expect(try peer.receive() == #"2["f"]"#) }
            try peers[0].sync()
            local.receive(.disconnect(ClusterAudience(rooms: [Room(first)]), closingConnection: false))
            #expect(try peers[0].receive() == "1")
            #expect(adapter.state.withLock { $0.messages.isEmpty })
        }
    }

    @Test func `acknowledgements are told as they come, behind how many there will be`() async throws {
        try await serveScripted { io, port, adapter in
            let peers = try (0..<4).map { _ in try Peer(port) }
            let event = try #require(ClusterEvent(["q", 5]))
            let flags = ClusterFlags(timeout: .milliseconds(300))
            adapter.local.receive(.broadcast(event, ClusterAudience(), flags, request: "id"), from: "b")
            let packets = try peers.map { try $0.receive() }
            let id = packets[0].dropFirst().prefix { $0.isNumber }
            #expect(Set(packets) == [#"2\#(id)["q",5]"#])
            try peers[0].send("3\(id)[1,2]")
            try peers[1].send("3\(id)[]")
            peers[2].raw.abort()
            let responses = try await adapter.responses(5)
            #expect(responses.allSatisfy { $0.request == ClusterRequest(id: "id", from: "b") })
            guard case .asked(4, let sockets) = responses[0].response else {
                throw Unexpected(what: "\(responses)")
            }
            #expect(sockets == Set(peers.map { SocketID($0.sid) }))
            var answers: [SocketID: [JSONValue]?] = [:]
            for case .acknowledged(let arguments, let id?) in responses.map(\.response) {
                answers.updateValue(arguments?.values, forKey: id)
            }
            let expected: [[JSONValue]?] = [[1, 2], [], nil, nil]
            #expect(answers == Dictionary(uniqueKeysWithValues: zip(peers.map { SocketID($0.sid) }, expected)))
        }
    }

    @Test func `a search, and an event for servers, are answered to the one who asked`() async throws {
        try await serveScripted { io, port, adapter in
            io.onServerSideEmit("double") { (value: Int) in value * 2 }
            io.onConnection { $0.data.name = "ada" }
            let peer = try Peer(port, query: "&from=here")
            try peer.sync()
            adapter.local.receive(.fetchSockets(ClusterAudience(), request: "1"), from: "b")
            guard case .sockets(let found) = try await adapter.responses(1)[0].response else { return }
            #expect(found.map(\.id.description) == [peer.sid] && found[0].data == ["name": "ada"])
            #expect(found[0].rooms == [Room(peer.sid)] && found[0].handshake.query["from"] == "here")
            adapter.local.receive(.serverSideEmit(try #require(ClusterEvent(["double", 21])), request: "2"), from: "c")
            let (response, request) = try await adapter.responses(2)[1]
            guard case .reply(let arguments) = response else { return }
            #expect(arguments.values == [42] && request == ClusterRequest(id: "2", from: "c"))
            #expect(await adapter.local.sockets().map(\.id.description) == [peer.sid])
        }
    }

    @Test func `what is no event, or has a reserved name, becomes none`() {
        for values: [JSONValue] in [[], [nil], [true], [["a"]], ["connect", 1], ["disconnecting"]] {
            #expect(ClusterEvent(values) == nil)
        }
        // What looks like a placeholder does not stand for others' bytes.
        let placeholder: JSONValue = ["_placeholder": true, "num": 1]
        #expect(ClusterEvent(["x", placeholder, .binary([1])]) == nil)
        #expect(ClusterEvent(["x", placeholder])?.values == ["x", placeholder])
        #expect(ClusterEvent([5, "x"])?.name == "5")
        #expect(ClusterEvent(["", .binary([1])])?.values == ["", .binary([1])])
    }

    @Test func `what no client would take is dropped, and the log says so once`() async throws {
        let lines = Journal()
        try await serveScripted(ScriptedAdapter(), { $0.logger = LineLogger(lines) }) { io, port, adapter in
            let peer = try Peer(port)
            let values = [JSONValue.string("x")] + Array(repeating: .binary([1]), count: 11)
            let event = try #require(ClusterEvent(values))
            for _ in 0..<100 { adapter.local.receive(.broadcast(event, ClusterAudience())) }
            try peer.sync()
            #expect(lines.lines.count { $0.hasPrefix("warning") && $0.contains("attachmentsPerPacket") } == 1)
        }
    }

    @Test func `requests over the limit are dropped, and the log says so once`() async throws {
        let lines = Journal()
        try await serveScripted(
            ScriptedAdapter(),
            {
                $0.logger = LineLogger(lines)
                $0.limits.clusterRequests = 2
            }
        ) { io, port, adapter in
            let gate = Gate()
            io.onServerSideEmit("wait") { () async in await gate.passed() }
            let event = try #require(ClusterEvent(["wait"]))
            for _ in 0..<10 { adapter.local.receive(.serverSideEmit(event, request: "x")) }
            #expect(await eventually { lines.lines.contains { $0.contains("clusterRequests") } })
            gate.open()
            #expect(try await adapter.responses(2).count == 2)
            // There is room again.
            adapter.local.receive(.fetchSockets(ClusterAudience(), request: "y"))
            #expect(try await adapter.responses(3).last?.request.id == "y")
            #expect(lines.lines.count { $0.contains("clusterRequests") } == 1)
        }
    }

    @Test func `a flood for a loop that is busy is dropped, whatever it asks for, and nothing is left of it`()
        async throws
    {
        let lines = Journal()
        try await serveScripted(
            ScriptedAdapter(), loops: 1,
            {
                $0.logger = LineLogger(lines)
                $0.engine.limits.mailboxBytes = 100_000
            }
        ) { io, port, adapter in
            let (entered, gate) = (Gate(), Gate())
            io.on("block") { (_: Socket) in
                entered.open()
                _ = gate.wait()
            }
            let peer = try Peer(port)
            try peer.send(#"2["block"]"#)
            #expect(entered.wait())
            let room = Room(String(repeating: "r", count: 1_000))
            let event = try #require(ClusterEvent(["x", .string(String(repeating: "x", count: 1_000))]))
            let other = Room(SocketID("AAAAAAAAAAAAAAAAAAAA"))
            for _ in 0..<1_000 {
                adapter.local.receive(.join([room, other], ClusterAudience(rooms: ["nobody"])))
                adapter.local.receive(.disconnect(ClusterAudience(rooms: [room]), closingConnection: true))
                adapter.local.receive(.broadcast(event, ClusterAudience(rooms: ["nobody"])))
                adapter.local.receive(.serverSideEmit(event))
                adapter.local.receive(.fetchSockets(ClusterAudience(rooms: [room]), request: "x"))
            }
            gate.open()
            try peer.sync()
            #expect(lines.lines.count { $0.hasPrefix("error") && $0.contains("mailboxBytes") } == 1)
        }
    }

    @Test func `a handler for servers that throws, or gets something else, is in the log, and can be removed`()
        async throws
    {
        let lines = Journal()
        try await serveScripted(ScriptedAdapter(), { $0.logger = LineLogger(lines) }) { io, _, adapter in
            let heard = Journal()
            let handler = io.onServerSideEmit("x") { (value: Int) in
                heard.note("\(value)")
                if value < 0 { throw Unexpected(what: "on purpose") }
            }
            io.onServerSideEmit("end") { heard.note("end") }
            for values: [JSONValue] in [["x", 1], ["x", -1], ["x", "text"], ["y"], ["end"]] {
                adapter.local.receive(.serverSideEmit(try #require(ClusterEvent(values))))
            }
            #expect(heard.wait(for: 3) == ["1", "-1", "end"])
            #expect(lines.lines.contains { $0.contains("server-side event 'x'") && $0.contains("on purpose") })
            handler.cancel()
            for values: [JSONValue] in [["x", 2], ["end"]] {
                adapter.local.receive(.serverSideEmit(try #require(ClusterEvent(values))))
            }
            #expect(heard.wait(for: 4).last == "end")
        }
    }
}
