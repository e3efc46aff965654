import SocketIO
import SocketIOClient
import TestSupport
import Testing

/// What `NamespaceStateTests` and `CalloutTests` say of a simulated server, against ours and over each transport.
@Suite struct LiveStateTests {
    /// Runs `body` with `/a` joined, which notes its end, and a server whose `/b` decides when `gate` opens.
    private func withPair(
        _ mode: Mode, _ body: (ClientManager, _ b: ClientSocket, Gate, Lines) async throws -> Void
    ) async throws {
        try await serve { io, url in
            let (asked, gate, lines) = (Lines(), Gate(), Lines())
            _ = io.namespace("/a")
            io.namespace("/b").use { _ in
                asked.append("asked")
                await gate.wait()
            }
            try await withManager(url, mode.configure) { manager in
                let (a, b) = (manager.socket("/a"), manager.socket("/b"))
                a.onDisconnect { (reason: ClientSocket.DisconnectReason) in lines.append("\(reason)") }
                try await a.connect()
                b.open()
                #expect(await asked.wait(for: 1) == ["asked"])
                try await body(manager, b, gate, lines)
                #expect(a.isConnected)
                #expect(lines.all.isEmpty)
            }
        }
    }

    @Test(arguments: Mode.allCases) func `left while a middleware decides, the others never notice`(mode: Mode)
        async throws
    {
        try await withPair(mode) { manager, b, gate, _ in
            b.disconnect()
            gate.open()
            // Behind the answer, and with it behind our DISCONNECT.
            try await b.connect()
            b.disconnect()
            #expect(await eventually { !b.isActive })
            try await manager.socket("/a").connect()
        }
    }

    @Test(arguments: Mode.allCases) func `open, disconnect, open ends connected`(mode: Mode) async throws {
        try await withPair(mode) { _, b, gate, _ in
            b.disconnect()
            b.open()
            b.disconnect()
            b.open()
            gate.open()
            try await b.connect()
            #expect(b.isConnected && b.id != nil)
        }
    }

    @Test(arguments: Mode.allCases) func `opened again in onClose, it is connected`(mode: Mode) async throws {
        try await serve { io, url in
            io.onConnection { socket in socket.on("out") { () in socket.disconnect() } }
            try await withManager(url, mode.configure) { manager in
                let socket = manager.socket()
                let ids = Lines()
                socket.onConnect { ids.append(socket.id?.description ?? "none") }
                manager.onClose { (_: ClientSocket.DisconnectReason) in socket.open() }
                try await socket.connect()
                socket.disconnect()
                #expect(await ids.wait(for: 2).count == 2)
                socket.emit("out")
                #expect(await ids.wait(for: 3).count == 3)
                #expect(await eventually { await io.counts().sockets == 1 })
                #expect(ids.all.last == socket.id?.description)
            }
        }
    }
}
