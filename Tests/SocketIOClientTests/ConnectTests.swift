import SocketIO
import SocketIOClient
import Testing

@Suite struct ConnectTests {
    private struct Login: Codable, Sendable { let name: String }
    private struct Wait: Codable, Sendable { let seconds: Int }

    @Test(arguments: Mode.allCases) func `joins, talks and leaves over every transport`(mode: Mode) async throws {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                socket.on("echo") { (text: String) in text }
                socket.on("note") { (number: Int) in lines.append("\(number)") }
                socket.onDisconnect { reason in lines.append("\(reason)") }
            }
            try await withManager(url, mode.configure) { manager in
                let socket = manager.socket()
                try await socket.connect()
                #expect(socket.isConnected && socket.isActive)
                #expect(socket.id?.description.count == 20)
                for number in 0..<50 { socket.emit("note", number) }
                let reply: String = try await socket.emitWithAck("echo", "grüße 👋")
                #expect(reply == "grüße 👋")
                #expect(await lines.wait(for: 50) == (0..<50).map(String.init))
                socket.disconnect()
                #expect(await lines.wait(for: 51).last == "client namespace disconnect")
            }
        }
    }

    @Test(arguments: Mode.allCases) func `an event that comes with the handshake is handled once there is a socket`(
        mode: Mode
    ) async throws {
        try await serve {
            $0.engine.initialPacket = .text(#"2["version","1.4"]"#)
        } _: { _, url in
            let lines = Lines()
            try await withManager(url, mode.configure) { manager in
                let socket = manager.socket()
                socket.on("version") { (version: String) in lines.append("\(version) \(socket.isConnected)") }
                try await socket.connect()
                #expect(await lines.wait(for: 1) == ["1.4 true"])
            }
        }
    }

    @Test(arguments: Mode.allCases) func `carries bytes both ways`(mode: Mode) async throws {
        try await serve { io, url in
            io.onConnection { socket in
                socket.on("double") { (bytes: [UInt8]) in bytes + bytes }
                socket.on("ask") { (_: Int) in
                    let reply: [UInt8] = try await socket.emitWithAck("bytes", [UInt8]([1, 2, 3]))
                    socket.emit("answered", reply)
                }
            }
            try await withManager(url, mode.configure) { manager in
                let socket = manager.socket()
                let answered = socket.events("answered", [UInt8].self)
                socket.on("bytes") { (bytes: [UInt8]) in Array(bytes.reversed()) }
                try await socket.connect()
                let doubled: [UInt8] = try await socket.emitWithAck("double", [UInt8]([0, 255, 7]))
                #expect(doubled == [0, 255, 7, 0, 255, 7])
                socket.emit("ask", 1)
                var iterator = answered.makeAsyncIterator()
                #expect(await iterator.next() == [3, 2, 1])
            }
        }
    }

    @Test(arguments: Mode.allCases) func `carries large payloads`(mode: Mode) async throws {
        try await serve { io, url in
            io.onConnection { socket in
                socket.on("length") { (text: String) in text.utf8.count }
                socket.on("repeat") { (text: String, count: Int) in String(repeating: text, count: count) }
            }
            try await withManager(url, mode.configure) { manager in
                let socket = manager.socket()
                try await socket.connect()
                let length: Int = try await socket.emitWithAck("length", String(repeating: "ä", count: 400_000))
                #expect(length == 800_000)
                let text: String = try await socket.emitWithAck("repeat", "0123456789", 500_000)
                #expect(text.utf8.count == 5_000_000)
            }
        }
    }

    @Test func `goes from polling to WebSocket without losing or reordering anything`() async throws {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                socket.on("note") { (number: Int) in lines.append("\(number)") }
                for number in 0..<200 { socket.emit("number", number) }
            }
            try await withManager(url) { manager in
                let received = Lines()
                let socket = manager.socket()
                socket.on("number") { (number: Int) in received.append("\(number)") }
                try await socket.connect()
                for number in 0..<500 {
                    socket.emit("note", number)
                    if number % 10 == 0 { await Task.yield() }
                }
                #expect(await lines.wait(for: 500) == (0..<500).map(String.init))
                #expect(await received.wait(for: 200) == (0..<200).map(String.init))
            }
        }
    }

    @Test func `sends auth, and asks a function for it at each connect`() async throws {
        try await serve { io, url in
            let lines = Lines()
            io.use { socket in lines.append(try socket.handshake.auth(as: Login.self).name) }
            io.namespace("/other").use { socket in lines.append(try socket.handshake.auth(as: Login.self).name) }
            try await withManager(url) { manager in
                let count = Lines()
                let socket = manager.socket(auth: Login(name: "ada"))
                let other = manager.socket("other") { () async throws -> Login in
                    count.append("asked")
                    return Login(name: "call \(count.all.count)")
                }
                try await socket.connect()
                try await other.connect()
                other.disconnect()
                try await other.connect()
                #expect(lines.all == ["ada", "call 1", "call 2"])
            }
        }
    }

    @Test func `says what is wrong with auth`() async throws {
        try await serve { _, url in
            try await withManager(url) { manager in
                let error = await #expect(throws: ClientError.self) {
                    try await manager.socket(auth: "a text").connect()
                }
                #expect(error?.code == .invalidAuth)
                let failing = manager.socket("/x") { () async throws -> Login in throw ConnectionRefused("no token") }
                let other = await #expect(throws: ClientError.self) { try await failing.connect() }
                #expect(other?.code == .invalidAuth)
                #expect(!failing.isActive)
            }
        }
    }

    @Test func `is refused with the server's message and data, and does not try again`() async throws {
        try await serve { io, url in
            io.use { socket in throw ConnectionRefused("not now", data: Wait(seconds: 7)) }
            try await withManager(url) { manager in
                let lines = Lines()
                let socket = manager.socket()
                socket.onConnectError { error in
                    lines.append("\(error.message) \(try error.data(as: Wait.self).seconds) \(socket.isActive)")
                }
                let error = await #expect(throws: ClientError.self) { try await socket.connect() }
                #expect(error?.code == .refused)
                #expect(lines.all == ["not now 7 false"])
                let unknown = await #expect(throws: ClientError.self) { try await manager.socket("/none").connect() }
                #expect(unknown?.message == "Invalid namespace")
            }
        }
    }

    @Test func `uses one connection for all namespaces, and another one for another manager`() async throws {
        try await serve { io, url in
            let lines = Lines()
            _ = io.namespace("/chat")
            io.onConnection { _ in lines.append("main") }
            io.namespace("/chat").onConnection { socket in socket.on("who") { () in "chat" } }
            try await withManager(url, Mode.webSocket.configure) { manager in
                let main = manager.socket()
                let chat = manager.socket("/chat")
                #expect(manager.socket("/chat") === chat)
                try await main.connect()
                try await chat.connect()
                #expect(await io.counts().sessions == 1)
                let who: String = try await chat.emitWithAck("who")
                #expect(who == "chat")
                main.disconnect()
                let still: String = try await chat.emitWithAck("who")
                #expect(still == "chat")
                try await withManager(url, Mode.webSocket.configure) { second in
                    try await second.socket().connect()
                    #expect(await io.counts().sessions == 2)
                }
                chat.disconnect()
                #expect(await eventually { await io.counts().sessions == 0 })
            }
        }
    }

    @Test func `a socket holds its manager: one line is enough, and is a connection of its own each time`() async throws
    {
        try await serve { io, url in
            io.onConnection { socket in socket.on("echo") { (text: String) in text } }
            let sockets = (0..<2).map { _ in ClientManager(url: url, Mode.webSocket.configure).socket() }
            for socket in sockets {
                try await socket.connect()
                #expect(try await socket.emitWithAck("echo", "x") as String == "x")
            }
            #expect(await io.counts().sessions == 2)
            for socket in sockets { await socket.manager.close() }
            #expect(await eventually { await io.counts().sessions == 0 })
        }
    }

    @Test func `sends query and headers, and keeps cookies`() async throws {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                lines.append("\(socket.handshake.query["token"] ?? "") \(socket.handshake.query["room"] ?? "")")
                lines.append(socket.handshake.headers["x-app"] ?? "")
            }
            try await withManager(
                url + "?room=a%20b",
                { configuration in
                    configuration.query = ["token": "ä&="]
                    configuration.extraHeaders = ["X-App": "tests", "Host": "evil"]
                }
            ) { manager in
                try await manager.socket().connect()
                #expect(lines.all == ["ä&= a b", "tests"])
            }
        }
    }

    @Test(arguments: ["", "localhost:3000", "ftp://x", "http://", "http://a:99999", "http://a/chat", "http://u@a"])
    func `refuses a URL that cannot be used`(url: String) async throws {
        let manager = ClientManager(url: url)
        let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
        #expect(error?.code == .invalidURL)
        await #expect(throws: AckError.self) {
            let _: Int = try await manager.socket().emitWithAck("x")
        }
        await manager.close()
    }

    @Test func `says that nothing listens`() async throws {
        try await withManager("http://127.0.0.1:1", { $0.reconnection = .off }) { manager in
            let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
            #expect(error?.code == .connectionRefused)
        }
    }

    @Test func `ends a connect at its timeout, with the last attempt's error, and stops trying`() async throws {
        try await withManager("http://127.0.0.1:1") { manager in
            let socket = manager.socket()
            let error = await #expect(throws: ClientError.self) { try await socket.connect(timeout: .milliseconds(50)) }
            #expect(error?.code == .connectionRefused)
            #expect(!socket.isActive)
        }
    }

    @Test func `ends a connect with its task`() async throws {
        try await withManager("http://127.0.0.1:1") { manager in
            let socket = manager.socket()
            let task = Task { try await socket.connect(timeout: nil) }
            #expect(await eventually { socket.isActive })
            task.cancel()
            let error = await #expect(throws: ClientError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(!socket.isActive)
        }
    }
}
