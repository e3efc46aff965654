import SocketIO
import Testing

@Suite struct MiddlewareTests {
    @Test func `middlewares run in the order added, before onConnection`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.use { socket in journal.note("1 \(socket.isConnected)") }
            io.use { _ in
                await Task.yield()
                journal.note("2")
            }
            io.use { _ in journal.note("3") }
            io.onConnection { socket in journal.note("connected \(socket.isConnected)") }
            _ = try Peer(port)
            #expect(journal.wait(for: 4) == ["1 false", "2", "3", "connected true"])
        }
    }

    @Test func `a refusal has its message and data, and later middlewares are not asked`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.use { _ in throw ConnectionRefused("not \"now\"", data: ["retryAfter": 10]) }
            io.use { _ in journal.note("asked") }
            io.onConnection { _ in journal.note("connected") }
            io.onDisconnect { _, _ in journal.note("disconnected") }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"not \"now\"","data":{"retryAfter":10}}"#)
            #expect(await io.counts().sockets == 0)
            #expect(journal.lines == [])
        }
    }

    @Test func `a refused client may try again`() async throws {
        try await serve { io, port in
            io.use { socket in
                let auth = try socket.handshake.auth(as: [String: String].self)
                guard auth["password"] == "x" else { throw ConnectionRefused("wrong") }
            }
            let peer = try Peer(port, connecting: false)
            try peer.send("0{}")
            #expect(try peer.receive() == #"4{"message":"wrong"}"#)
            try peer.connect(auth: #"{"password":"x"}"#)
            #expect(peer.sid.count == 20)
        }
    }

    @Test func `a client without auth is refused by whoever asks for it, even if all of it is optional`() async throws {
        struct Login: Decodable { let name: String? }
        try await serve { io, port in
            let journal = Journal()
            io.onHandlerError { journal.note("\($0.error is DecodingError)") }
            io.use { _ = try $0.handshake.auth(as: Login.self) }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"Connection refused"}"#)
            #expect(journal.wait(for: 1) == ["true"])
            try peer.connect(auth: "{}")
        }
    }

    @Test func `an asynchronous middleware refuses in a namespace`() async throws {
        try await serve { io, port in
            io.namespace("/admin").use { _ in
                await Task.yield()
                throw ConnectionRefused("no", data: [1, 2])
            }
            let peer = try Peer(port)
            try peer.send("0/admin,")
            #expect(try peer.receive() == #"4/admin,{"message":"no","data":[1,2]}"#)
            try peer.send("0/admin,{}")
            #expect(try peer.receive() == #"4/admin,{"message":"no","data":[1,2]}"#)
        }
    }

    private struct Secret: Error {
        let password = "hunter2"
    }

    @Test(arguments: [false, true])
    func `another error is hidden from the client and goes to onHandlerError`(isAsynchronous: Bool) async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onHandlerError { failure in
                journal.note("\(failure.socket.isConnected) \((failure.error as? Secret)?.password ?? "")")
            }
            if isAsynchronous {
                io.use { _ in
                    await Task.yield()
                    throw Secret()
                }
            } else {
                io.use { _ in throw Secret() }
            }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"Connection refused"}"#)
            #expect(journal.wait(for: 1) == ["false hunter2"])
        }
    }

    @Test func `a refusal is no error of the application`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onHandlerError { journal.note("\($0.error)") }
            io.use { _ in throw ConnectionRefused("no") }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"no"}"#)
            #expect(journal.lines == [])
        }
    }

    @Test func `data that cannot be sent is left out of a refusal`() async throws {
        try await serve { io, port in
            io.use { _ in throw ConnectionRefused("no", data: ["key": [UInt8]([1, 2])]) }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"no"}"#)
        }
    }

    @Test func `rooms joined in a middleware are kept`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.use { socket in socket.join("early") }
            let peer = try Peer(port)
            io.to("early").emit("x")
            #expect(try peer.receive() == #"2["x"]"#)
        }
    }

    @Test func `a socket that a later middleware refuses leaves the rooms that it joined`() async throws {
        try await serve(loops: 1) { io, port in
            answerSync(io)
            io.use { socket in socket.join("early") }
            io.use { socket in
                if socket.handshake.query["refuse"] != nil { throw ConnectionRefused("no") }
            }
            io.on("leave") { (socket: Socket) in socket.leave("early") }
            let first = try Peer(port)
            for _ in 0..<3 {
                let refused = try Peer(port, connecting: false, query: "&refuse=1")
                try refused.send("0")
                #expect(try refused.receive() == #"4{"message":"no"}"#)
            }
            let last = try Peer(port)
            // The last member of the room's list takes the place of the one that leaves.
            try first.send(#"2["leave"]"#)
            try first.sync()
            io.to("early").emit("x")
            #expect(try last.receive() == #"2["x"]"#)
            try last.send(#"2["leave"]"#)
            try last.sync()
            #expect(await io.counts().rooms == 0)
        }
    }

    @Test func `a client that leaves during a middleware leaves nothing behind`() async throws {
        let gate = Gate()
        try await serve { io, port in
            let journal = Journal()
            io.use { socket in
                socket.join("early")
                journal.note("asked")
                await gate.passed()
                journal.note("answered")
            }
            io.onConnection { _ in journal.note("connected") }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(journal.wait(for: 1) == ["asked"])
            peer.raw.abort()
            #expect(await eventually { await io.counts().sessions == 0 })
            gate.open()
            #expect(journal.wait(for: 2) == ["asked", "answered"])
            #expect(await io.counts().rooms == 0)
            #expect(journal.lines == ["asked", "answered"])
        }
    }

    @Test func `packets for a namespace whose middleware still runs close the connection`() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await serve { io, port in
            io.use { _ in await gate.passed() }
            for packet in [#"2["x"]"#, "1", "31[]"] {
                let peer = try Peer(port, connecting: false)
                try peer.send("0")
                try peer.send(packet)
                #expect(peer.isClosedByServer(), "\(packet)")
            }
        }
    }

    @Test(arguments: ["", "/b"])
    func `a second CONNECT during a middleware replaces the first, and one answer is sent`(
        _ namespace: String
    ) async throws {
        let gate = Gate()
        defer { gate.open() }
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            for registration in [io.namespace("/b"), io.namespace("/")] {
                registration.use { socket in
                    let number = (try? socket.handshake.auth(as: [String: Int].self)["n"]) ?? 0
                    guard number > 0 else { return }
                    await withTaskCancellationHandler {
                        journal.note("asked \(number)")
                        if number == 1 { await gate.passed() }
                    } onCancel: {
                        journal.note("cancelled \(number)")
                    }
                    journal.note("answered \(number)")
                }
                registration.onConnection { _ in journal.note("connected") }
                registration.onDisconnect { _, _ in journal.note("disconnected") }
            }
            let peer = try Peer(port, connecting: false)
            let prefix = namespace.isEmpty ? "" : namespace + ","
            try peer.send("0\(prefix){\"n\":1}")
            #expect(journal.wait(for: 1) == ["asked 1"])
            try peer.connect(namespace, auth: #"{"n":2}"#)
            let expected = ["asked 1", "cancelled 1", "asked 2", "answered 2", "connected"]
            #expect(journal.wait(for: 5) == expected)
            gate.open()
            #expect(journal.wait(for: 6) == expected + ["answered 1"])
            if !namespace.isEmpty { try peer.connect() }
            try peer.sync()
            #expect(await io.counts().sockets == (namespace.isEmpty ? 1 : 2))
        }
    }

    @Test func `cancelled middlewares that go on count as namespaces until they end`() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await serve(loops: 1, { $0.limits.namespacesPerConnection = 3 }) { io, port in
            let journal = Journal()
            io.use { _ in
                journal.note("asked")
                await gate.passed()
                journal.note("ended")
            }
            let peer = try Peer(port, connecting: false)
            for _ in 0..<3 { try peer.send("0") }
            #expect(journal.wait(for: 3).count == 3)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"Too many namespaces"}"#)
            gate.open()
            #expect(journal.wait(for: 6).count == 6)
            // They have ended with the loop's next turn.
            #expect(await io.counts().sockets == 0)
            try peer.connect()
        }
    }

    @Test(arguments: [false, true])
    func `what a middleware emits is sent before the answer`(isAsynchronous: Bool) async throws {
        try await serve { io, port in
            if isAsynchronous {
                io.use { socket in
                    await Task.yield()
                    socket.emit("early", 1)
                }
            } else {
                io.use { $0.emit("early", 1) }
            }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"2["early",1]"#)
            #expect(try peer.receive().hasPrefix(#"0{"sid""#))
        }
    }

    @Test func `an acknowledgement that a middleware asks for comes once the client is connected`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.use { socket in
                Task.immediate {
                    let answer: Int = try await socket.emitWithAck("q")
                    journal.note("\(answer)")
                }
            }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            let id = try peer.receive().dropFirst().prefix(while: \.isNumber)
            #expect(try peer.receive().hasPrefix(#"0{"sid""#))
            try peer.send("3\(id)[7]")
            #expect(journal.wait(for: 1) == ["7"])
        }
    }

    @Test func `an acknowledgement is not waited for when the socket is refused`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.use { socket in
                Task.immediate {
                    do throws(AckError) {
                        let _: Int = try await socket.emitWithAck("q")
                    } catch {
                        journal.note("\(error.code)")
                    }
                }
                throw ConnectionRefused("no")
            }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive().hasSuffix(#"["q"]"#))
            #expect(try peer.receive() == #"4{"message":"no"}"#)
            #expect(journal.wait(for: 1) == ["disconnected"])
        }
    }

    @Test func `in a middleware the rooms are those that were joined, and broadcasts do not come yet`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.use { socket in
                socket.join("early")
                journal.note("\(socket.rooms == [Room(socket.id), "early"])")
                io.to("early").emit("not yet")
                socket.leave("early")
                journal.note("\(socket.rooms == [Room(socket.id)])")
            }
            _ = try Peer(port)
            #expect(journal.wait(for: 2) == ["true", "true"])
        }
    }

    @Test(arguments: [false, true])
    func `a socket that a middleware disconnects is refused`(isAsynchronous: Bool) async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onHandlerError { journal.note("\($0.error)") }
            if isAsynchronous {
                io.use { socket in
                    await Task.yield()
                    socket.disconnect()
                }
            } else {
                io.use { $0.disconnect() }
            }
            io.use { _ in journal.note("asked") }
            io.onConnection { _ in journal.note("connected") }
            let peer = try Peer(port, connecting: false)
            for _ in 0..<2 {
                try peer.send("0")
                #expect(try peer.receive() == #"4{"message":"Connection refused"}"#)
            }
            #expect(await io.counts().sockets == 0)
            #expect(journal.lines == [])
        }
    }

    @Test func `a middleware can close the connection`() async throws {
        try await serve { io, port in
            io.use { $0.disconnect(closingConnection: true) }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"Connection refused"}"#)
            #expect(peer.isClosedByServer())
        }
    }

    @Test func `a middleware that closes the connection takes leave of the other namespaces`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.namespace("/b").use { $0.disconnect(closingConnection: true) }
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let peer = try Peer(port)
            try peer.send("0/b,")
            #expect(try peer.receive() == #"4/b,{"message":"Connection refused"}"#)
            #expect(try peer.receive() == "1")
            #expect(peer.isClosedByServer())
            #expect(journal.wait(for: 1) == ["server namespace disconnect"])
        }
    }

    @Test func `a client that leaves cancels the middleware, and the log has a line`() async throws {
        let lines = Journal()
        try await serve({ $0.logger = LineLogger(lines) }) { io, port in
            let journal = Journal()
            io.use { _ in
                journal.note("asked")
                do {
                    try await Task.sleep(for: .seconds(3600))
                } catch {
                    journal.note("\(type(of: error))")
                    throw error
                }
            }
            io.onHandlerError { journal.note("reported \($0.error)") }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(journal.wait(for: 1) == ["asked"])
            peer.raw.abort()
            #expect(journal.wait(for: 2) == ["asked", "CancellationError"])
            #expect(
                await eventually { lines.lines.contains { $0.contains("left before the middlewares had decided") } })
            #expect(await io.counts().sessions == 0)
            #expect(journal.lines.count == 2)
        }
    }

    @Test func `an onConnection handler that disconnects is the last one called`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in
                journal.note("first")
                socket.disconnect()
            }
            io.onConnection { _ in journal.note("second") }
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let peer = try Peer(port)
            #expect(try peer.receive() == "1")
            #expect(journal.wait(for: 2) == ["first", "server namespace disconnect"])
        }
    }
}
