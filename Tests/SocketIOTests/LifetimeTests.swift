import SocketIO
import Testing

extension SocketKey where Value == String {
    fileprivate static var name: SocketKey { SocketKey("name") }
}

extension SocketKey where Value == Int {
    fileprivate static var number: SocketKey { SocketKey("name") }
}

extension SocketKey where Value == Token {
    fileprivate static var token: SocketKey { SocketKey("token") }
}

/// Something whose end can be seen.
private final class Token: Sendable {
    let journal: Journal
    init(_ journal: Journal) { self.journal = journal }
    deinit { journal.note("freed") }
}

@Suite struct LifetimeTests {
    @Test func `values are kept with the socket, by name and type`() async throws {
        try await serve { io, port in
            let hold = Hold()
            io.use { socket in socket[.name] = "ada" }
            io.onConnection { hold.put($0) }
            let peer = try Peer(port)
            let socket = try hold.take()
            #expect(socket[.name] == "ada")
            #expect(socket[.number] == nil)
            socket[.number] = 5
            #expect(socket[.name] == "ada" && socket[.number] == 5)
            socket[.name] = nil
            #expect(socket[.name] == nil && socket[.number] == 5)
            try peer.send("1")
            #expect(await eventually { !socket.isConnected })
            #expect(socket[.number] == 5)
        }
    }

    /// A handler that holds its own socket is a cycle, which the socket's end breaks.
    @Test(arguments: ["1", "", #"2["x""#])
    func `a socket that ended is freed with its handlers and values`(last: String) async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in
                let token = Token(journal)
                socket[.token] = token
                socket.on("x") {
                    _ = token
                    socket.emit("y")
                }
                socket.onAny { _, _ in _ = (socket, token) }
                socket.onDisconnecting { _ in _ = (socket, token) }
                socket.onDisconnect { _ in _ = (socket, token) }
                socket.join("room")
            }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            #expect(try peer.receive() == #"2["y"]"#)
            #expect(journal.lines == [])
            if last.isEmpty { peer.raw.abort() } else { try peer.send(last) }
            #expect(journal.wait(for: 1) == ["freed"])
        }
    }

    @Test func `a socket that was refused is freed`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.use { socket in
                socket[.token] = Token(journal)
                socket.on("x") { socket.emit("y") }
                socket.join("room")
                throw ConnectionRefused("no")
            }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"no"}"#)
            #expect(journal.wait(for: 1) == ["freed"])
        }
    }

    @Test func `a socket that is held can be used after its end`() async throws {
        try await serve { io, port in
            let hold = Hold()
            io.onConnection { socket in
                socket.join("room")
                hold.put(socket)
            }
            let peer = try Peer(port)
            let socket = try hold.take()
            peer.raw.abort()
            #expect(await eventually { !socket.isConnected })
            socket.emit("x")
            socket.join("a")
            socket.leave("room")
            socket.disconnect()
            socket.off("x")
            socket.on("x") {}.cancel()
            socket.to("room").emit("x")
            #expect(socket.rooms == [])
            #expect(await failure(of: socket, "x") == AckError(.disconnected))
            #expect(await io.counts().rooms == 0)
        }
    }

    @Test func `a handler that was suspended when the server closed runs to its end`() async throws {
        let gate = Gate()
        let journal = Journal()
        try await serve { io, port in
            io.on("x") { (socket: Socket) in
                journal.note("begin")
                await gate.passed()
                socket.emit("y")
                journal.note("end \(socket.isConnected)")
            }
            io.use { socket in
                guard socket.handshake.query["wait"] != nil else { return }
                journal.note("asked")
                await gate.passed()
                journal.note("answered")
            }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            #expect(journal.wait(for: 1) == ["begin"])
            let waiting = try Peer(port, connecting: false, query: "&wait=1")
            try waiting.send("0")
            #expect(journal.wait(for: 2) == ["begin", "asked"])
            await io.close()
        }
        gate.open()
        #expect(Set(journal.wait(for: 4)) == ["begin", "asked", "end false", "answered"])
    }

    @Test func `a server that was closed lets go of everything`() async throws {
        let journal = Journal()
        do {
            let token = Token(journal)
            try await serve { io, port in
                io.use { _ in _ = token }
                io.onConnection { _ in _ = token }
                io.on("x") { (_: Socket) in _ = token }
                io.namespace("/a").onConnection { _ in _ = token }
                _ = try Peer(port)
            }
        }
        #expect(journal.wait(for: 1) == ["freed"])
    }

    @Test func `what is called on a server that does not listen, or is closed, has no effect`() async throws {
        let idle = SocketIOServer()
        idle.emit("x")
        idle.to("room").socketsJoin("other")
        idle.disconnectSockets()
        await idle.close()
        try await serve { io, _ in
            await io.close()
            io.emit("x")
            io.socketsJoin("room")
            #expect(await io.counts() == SocketIOServer.Holdings())
        }
    }
}
