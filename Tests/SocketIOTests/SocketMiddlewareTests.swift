import SocketIO
import Testing

/// Middlewares of a socket, which decide about its events, and its error handlers.
@Suite struct SocketMiddlewareTests {
    private struct Refused: Error {}

    // MARK: Synchronous ones

    @Test func `a middleware sees each event, behind onAny and before the handlers`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in
                socket.use { event in
                    journal.note("1 \(event.name) \(event.arguments.values) \(event.isAckRequested)")
                }
                socket.use { _ in journal.note("2") }
                socket.onAny { _, _ in journal.note("any") }
                socket.on("x") { () in journal.note("handler") }
            }
            let peer = try Peer(port)
            try peer.send(#"2["x",1,"two"]"#)
            let arguments: [JSONValue] = [1, "two"]
            #expect(journal.wait(for: 4) == ["any", "1 x \(arguments) false", "2", "handler"])
            try peer.send(#"27["x"]"#)
            #expect(try peer.receive() == "37[]")
            #expect(journal.lines.dropFirst(4) == ["any", "1 x [] true", "2", "handler"])
        }
    }

    @Test(arguments: [false, true])
    func `a refused event reaches no handler, is not acknowledged, and onError hears why`(later: Bool) async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            io.onHandlerError { journal.note("\($0)") }
            io.on("no") { (_: Socket) in journal.note("called") }
            io.onConnection { socket in
                if later {
                    socket.use { event in
                        await Task.yield()
                        if event.name == "no" { throw Refused() }
                    }
                } else {
                    socket.use { event in if event.name == "no" { throw Refused() } }
                }
                socket.use { event in journal.note("next \(event.name)") }
                socket.onError { error in journal.note("first \(error is Refused)") }
                socket.onError { error async in journal.note("second \(error is Refused)") }
            }
            let peer = try Peer(port)
            try peer.send(#"21["no"]"#)
            try peer.sync()
            #expect(journal.lines == ["first true", "second true", "next sync"])
        }
    }

    @Test func `without onError onHandlerError hears of a refusal, with the event`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onHandlerError { failure in
                journal.note("\(failure.event ?? "") \(failure.error is Refused) \(failure.socket.isConnected)")
                journal.note(failure.description)
            }
            io.onConnection { socket in socket.use { _ in throw Refused() } }
            let peer = try Peer(port)
            try peer.send(#"2["some\"thing"]"#)
            #expect(
                journal.wait(for: 2) == [
                    #"some"thing true true"#,
                    "a middleware of a socket refused an event: event 'some\"thing', socket \(peer.sid) of /: Refused()",
                ])
        }
    }

    @Test func `a middleware that ends the socket lets nothing pass`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("x") { (_: Socket) in journal.note("called") }
            io.onConnection { socket in
                socket.use { _ in socket.disconnect() }
                socket.use { _ in journal.note("asked") }
                socket.onDisconnect { (_: DisconnectReason) in journal.note("gone") }
            }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            #expect(try peer.receive() == "1")
            #expect(journal.wait(for: 1) == ["gone"])
        }
    }

    @Test func `a reserved name reaches no middleware`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in socket.use { event in journal.note(event.name) } }
            let peer = try Peer(port)
            try peer.send(#"2["disconnect"]"#)
            #expect(peer.isClosedByServer())
            #expect(journal.lines == [])
        }
    }

    // MARK: Asynchronous ones

    @Test func `events behind one that is being decided wait in order, acknowledgements and other sockets do not`()
        async throws
    {
        try await serve(loops: 1) { io, port in
            let (journal, gate) = (Journal(), Gate())
            answerSync(io)
            io.on("x") { (_: Socket, number: Int) in journal.note("\(number)") }
            io.namespace("/other").on("x") { (_: Socket, number: Int) in journal.note("other \(number)") }
            io.onConnection { socket in
                socket.use { event in
                    guard event.name == "x" else { return }
                    let number = try event.arguments.decode(Int.self, at: 0)
                    journal.note("asked \(number)")
                    if number == 0 {
                        let reply: Int? = try? await socket.emitWithAck("question")
                        journal.note("answer \(reply ?? -1)")
                        await gate.passed()
                    }
                }
            }
            let peer = try Peer(port)
            try peer.connect("/other")
            for number in 0..<3 { try peer.send(#"2["x",\#(number)]"#) }
            let question = try peer.receive()
            #expect(question.hasSuffix(#"["question"]"#))
            try peer.send("3" + question.dropFirst().prefix { $0 != "[" } + "[42]")
            #expect(journal.wait(for: 2) == ["asked 0", "answer 42"])
            try peer.send(#"2/other,["x",9]"#)
            #expect(journal.wait(for: 3) == ["asked 0", "answer 42", "other 9"])
            gate.open()
            try peer.sync()
            #expect(journal.lines.dropFirst(3) == ["0", "asked 1", "1", "asked 2", "2"])
        }
    }

    @Test(arguments: [1, 256])
    func `order holds over any number of decisions, each at once or later`(handlersInFlight: Int) async throws {
        try await serve(loops: 1, { $0.limits.handlersInFlight = handlersInFlight }) { io, port in
            let journal = Journal()
            answerSync(io)
            io.onConnection { socket in
                socket.use { event in
                    let number = (try? event.arguments.decode(Int.self, at: 0)) ?? 0
                    for _ in 0..<(number * 7 % 3) { await Task.yield() }
                }
                socket.use { event in
                    let number = (try? event.arguments.decode(Int.self, at: 0)) ?? 0
                    if number % 5 == 4 { throw Refused() }
                }
                socket.use { event async in if event.name == "later" { await Task.yield() } }
                socket.onError { _ in }
                socket.on("x") { (number: Int) in journal.note("\(number)") }
                socket.on("later") { (number: Int) in
                    journal.note("\(number)")
                    await Task.yield()
                }
            }
            let peer = try Peer(port)
            for number in 0..<500 {
                try peer.send(#"2["\#(number % 4 == 3 ? "later" : "x")",\#(number)]"#)
                if number % 50 == 0 { try peer.sync() }
            }
            try peer.sync()
            #expect(journal.lines == (0..<500).filter { $0 % 5 != 4 }.map { "\($0)" })
        }
    }

    @Test func `attachments wait with their event`() async throws {
        try await serve { io, port in
            io.onConnection { socket in
                socket.use { _ in await Task.yield() }
                socket.on("bytes") { (bytes: [UInt8], text: String) in bytes.map(Int.init) + [text.count] }
            }
            let peer = try Peer(port)
            try peer.send(#"51-1["bytes",{"_placeholder":true,"num":0},"ab"]"#)
            try peer.send(binary: [7, 8])
            #expect(try peer.receive() == "31[[7,8,2]]")
        }
    }

    @Test func `a socket that leaves cancels the decision, and its event is nobody's any more`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.on("x") { (_: Socket) in journal.note("called") }
            io.onHandlerError { journal.note("\($0)") }
            io.onConnection { socket in
                socket.use { _ in
                    journal.note("asked")
                    do {
                        try await Task.sleep(for: .seconds(100))
                    } catch {
                        journal.note("cancelled \(socket.isConnected)")
                        throw error
                    }
                }
                socket.onError { _ in journal.note("error") }
                socket.onDisconnect { reason in journal.note("\(reason)") }
            }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            try peer.send(#"2["x"]"#)
            #expect(journal.wait(for: 1) == ["asked"])
            peer.raw.close()
            #expect(journal.wait(for: 3) == ["asked", "transport close", "cancelled false"])
            #expect(await eventually { await io.counts().sessions == 0 })
            #expect(journal.lines.count == 3)
        }
    }

    @Test func `middlewares that go on when their sockets have left count as namespaces`() async throws {
        try await serve(loops: 1, { $0.limits.namespacesPerConnection = 3 }) { io, port in
            let gate = Gate()
            defer { gate.open() }
            let rooms = io.namespace("/room")
            rooms.onConnection { socket in socket.use { _ in await gate.passed() } }
            let peer = try Peer(port)
            for _ in 0..<2 {
                try peer.connect("/room")
                try peer.send(#"2/room,["x"]"#)
                rooms.disconnectSockets()
                #expect(try peer.receive() == "1/room,")
            }
            try peer.send("0/room,")
            #expect(try peer.receive() == #"4/room,{"message":"Too many namespaces"}"#)
            gate.open()
            #expect(
                await eventually {
                    (try? peer.send("0/room,")) != nil && (try? peer.receive().hasPrefix("0/room,")) == true
                })
        }
    }

    // MARK: Errors

    @Test(arguments: [#"2["x""#, "9", #"2["disconnect"]"#, "2/nowhere,[\"x\"]"])
    func `before a bad packet closes the connection, onError of each of its sockets hears of it`(packet: String)
        async throws
    {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            for (name, namespace) in [("main", io.namespace("/")), ("other", io.namespace("/other"))] {
                namespace.onConnection { socket in
                    socket.onError { error in
                        journal.note("\(name) \(error is InvalidPacket) \("\(error)".isEmpty) \(socket.isConnected)")
                    }
                    socket.onDisconnect { reason in journal.note("\(name) \(reason)") }
                }
            }
            io.onHandlerError { journal.note("\($0)") }
            let peer = try Peer(port)
            try peer.connect("/other")
            try peer.send(packet)
            #expect(peer.isClosedByServer())
            #expect(
                journal.wait(for: 4) == [
                    "main true false true", "other true false true", "main forced close", "other forced close",
                ])
        }
    }

    @Test func `an onError that ends the socket itself comes first`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.onConnection { socket in
                socket.onError { _ in socket.disconnect(closingConnection: true) }
                socket.onDisconnect { reason in journal.note("\(reason)") }
            }
            let peer = try Peer(port)
            try peer.send("9")
            #expect(try peer.receive() == "1")
            #expect(journal.wait(for: 1) == ["server namespace disconnect"])
            #expect(peer.isClosedByServer())
        }
    }
}
