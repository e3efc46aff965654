import NetLoop
import SocketIO
import SocketIOEvents
import Testing

@testable import SocketIOClient

/// What goes wrong is said, where it is looked for.
@Suite struct ToldTests {
    private static let open =
        #"0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#

    private struct Logger: ClientLogger {
        let level: ClientManager.LogLevel
        let lines: Lines
        func log(_ level: ClientManager.LogLevel, _ message: String) { lines.append("\(level) \(message)") }
    }

    private struct Unencodable: Encodable, Sendable {
        func encode(to encoder: any Encoder) throws { throw ClientError(.system, "not me") }
    }

    @Test(arguments: ["ftp://x", "http://127.0.0.1:1/admin", "nonsense"]) func `an unusable URL is told by open`(
        url: String
    ) async throws {
        try await withManager(url) { manager in
            let lines = Lines()
            let socket = manager.socket()
            socket.onConnectError { error in lines.append("\(error.code) \(socket.isActive)") }
            socket.open()
            #expect(await lines.wait(for: 1) == ["invalidURL false"])
            let error = await #expect(throws: ClientError.self) { try await socket.connect() }
            #expect(error?.code == .invalidURL)
        }
    }

    @Test func `a namespace with a comma is refused, and harms no other`() throws {
        let scenario = try Scenario()
        let (a, b) = (scenario.manager.socket("/a"), scenario.manager.socket("/b,c"))
        b.onConnectError { error in scenario.log.append("\(error.code) \(b.isActive)") }
        a.open()
        b.open()
        scenario.settle()
        b.open()
        scenario.settle()
        #expect(scenario.log == ["invalidNamespace false", "invalidNamespace false"])
        #expect(scenario.agrees(a) && a.isConnected && !b.isActive && scenario.faults.isEmpty)
    }

    @Test func `a server that answers CONNECT with something else uses up the attempts, and the error says what came`()
        async throws
    {
        for answer in ["binary", "nothing"] {
            let server = try ScriptedServer { connection in
                try connection.acceptWebSocket()
                try connection.sendText(Self.open)
                _ = try connection.readText()
                if answer == "binary" { try connection.sendFrame(2, [0x82, 1, 2]) }
                if answer == "binary" { try connection.readToEnd() }
            }
            defer { server.stop() }
            try await withManager(
                server.url,
                {
                    $0.transports = [.webSocket]
                    $0.reconnection.attempts = 2
                }
            ) { manager in
                let lines = Lines()
                let socket = manager.socket()
                socket.onConnectError { error in lines.append("\(error)") }
                let error = await #expect(throws: ClientError.self) { try await socket.connect() }
                #expect(error?.code == .attemptsUsedUp)
                let words = answer == "binary" ? "a binary message" : "closed the connection"
                #expect(lines.all.count == 3 && lines.all.allSatisfy { $0.contains(words) }, "\(lines.all)")
                #expect(server.connectionCount == 3)
            }
        }
    }

    @Test func `onDisconnect and onClose are told what was wrong`() async throws {
        let server = try ScriptedServer { connection in
            try connection.acceptWebSocket()
            try connection.sendText(Self.open)
            _ = try connection.readText()
            try connection.sendText(#"40{"sid":"x"}"#)
            try connection.sendText("49")
            try connection.readToEnd()
        }
        defer { server.stop() }
        try await withManager(
            server.url,
            {
                $0.transports = [.webSocket]
                $0.reconnection = .off
                // This server does not answer the end of the connection.
                $0.limits.closeTime = .milliseconds(50)
            }
        ) { manager in
            let lines = Lines()
            let socket = manager.socket()
            socket.onDisconnect { reason, error in lines.append("\(reason) \(error?.code.description ?? "")") }
            manager.onClose { reason, error in lines.append("close \(reason) \(error?.code.description ?? "")") }
            socket.open()
            #expect(await lines.wait(for: 2) == ["parse error badResponse", "close parse error badResponse"])
        }
    }

    @Test func `onClose is not told of a connection that never opened`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        scenario.manager.onClose { _ in scenario.log.append("close") }
        scenario.run { socket.open() }
        #expect(scenario.sessions.count == 1)
        scenario.run { socket.disconnect() }
        #expect(scenario.log.isEmpty && scenario.session == nil)
    }

    @Test func `an argument that cannot be encoded is told, to who waits as well`() async throws {
        try await withManager("http://127.0.0.1:1") { manager in
            let lines = Lines()
            manager.onHandlerError { error, _ in lines.append("\((error as? ClientError)?.code.description ?? "")") }
            let error = await #expect(throws: AckError.self) {
                let _: Int = try await manager.socket().emitWithAck("x", Unencodable())
            }
            #expect(error?.code == .unencodable)
            #expect(lines.all == ["unencodable"])
        }
    }

    @Test func `codes print as their names, and 304 is no redirect`() async throws {
        #expect("\(ClientError.Code.connectionRefused)" == "connectionRefused")
        let server = try ScriptedServer { connection in
            _ = try connection.readRequest()
            try connection.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.stop() }
        try await withManager(
            server.url,
            {
                $0.transports = [.polling]
                $0.reconnection = .off
            }
        ) { manager in
            let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
            #expect(error?.code == .badResponse)
        }
    }

    @Test func `other settings for a socket that exists are told`() async throws {
        try await withManager("http://127.0.0.1:1") { manager in
            let lines = Lines()
            manager.onHandlerError { error, _ in lines.append("\((error as? ClientError)?.code.description ?? "")") }
            let socket = manager.socket("/a") { $0.retries = 3 }
            #expect(manager.socket("/a") === socket)
            #expect(manager.socket("/a") { $0.retries = 3 } === socket)
            #expect(lines.all.isEmpty)
            #expect(manager.socket("/a") { $0.retries = 4 } === socket)
            #expect(lines.all == ["ignoredSettings"])
            // The default is a setting, too, for whoever names it.
            #expect(manager.socket("/a") { $0.retries = 0 } === socket)
            #expect(lines.all.count == 2)
            #expect(manager.socket("/a") { $0 = ClientSocket.Configuration() } === socket)
            #expect(lines.all.count == 3)
            #expect(manager.socket("/a") === socket)
            #expect(manager.socket("/a", auth: ["a": 1]) === socket)
            #expect(lines.all.count == 3)
            let other = manager.socket("/b") { $0.retries += 1 }
            #expect(other.configuration.retries == 1 && lines.all.count == 3)
        }
    }

    @Test func `the logger hears of type mismatches at warning, and of connections at debug`() async throws {
        let (all, warnings) = (Lines(), Lines())
        try await serve { io, url in
            io.onConnection { socket in socket.emit("news", "text") }
            for (level, lines) in [(ClientManager.LogLevel.debug, all), (.warning, warnings)] {
                try await withManager(
                    url,
                    {
                        $0.transports = [.webSocket]
                        $0.logger = Logger(level: level, lines: lines)
                        $0.extraHeaders = ["Host": "x"]
                    }
                ) { manager in
                    let socket = manager.socket()
                    socket.on("news") { (_: Int) in }
                    try await socket.connect()
                    #expect(await eventually { lines.all.contains { $0.hasPrefix("warning /: ") } })
                }
            }
        }
        #expect(warnings.all.allSatisfy { $0.hasPrefix("warning") })
        #expect(warnings.all.contains { $0.contains("Host") })
        for words in ["connects to", "is connected to", "closes the connection"] {
            #expect(all.all.contains { $0.hasPrefix("debug") && $0.contains(words) }, "\(all.all)")
        }
    }

    // MARK: Buffers

    @Test func `with retries the offline buffer's settings hold, and connected its limits do not`() throws {
        let scenario = try Scenario()
        let lines = Lines()
        scenario.manager.onHandlerError { error, _ in lines.append("\((error as? ClientError)?.code.description ?? "")")
        }
        let text = String(repeating: "x", count: 100)
        let small = scenario.manager.socket("/small") {
            $0.retries = 1
            $0.offlineBuffer.bytes = 20
        }
        let oldest = scenario.manager.socket("/oldest") {
            $0.retries = 1
            $0.offlineBuffer.events = 2
            $0.offlineBuffer.whenFull = .dropOldest
        }
        let none = scenario.manager.socket("/none") {
            $0.retries = 1
            $0.offlineBuffer = .none
        }
        scenario.run {
            for number in 1...3 {
                small.emit("n", text, number)
                oldest.emit("n", number)
            }
            none.emit("n", 1)
        }
        #expect(lines.all.count == 5 && lines.all.allSatisfy { $0 == "offlineBufferFull" })
        for socket in [small, oldest, none] { socket.open() }
        scenario.settle()
        scenario.run { for number in 10...12 { none.emit("n", number) } }
        scenario.settle()
        #expect(lines.all.count == 5)
        let numbers = scenario.arrived.map { $0.split(separator: ",").last.map(String.init) ?? "" }
        #expect(numbers == ["2]", "3]", "10]", "11]", "12]"])
    }

    @Test func `an event that retries gives up is told`() throws {
        let scenario = try Scenario()
        let lines = Lines()
        scenario.manager.onHandlerError { error, _ in lines.append("\((error as? ClientError)?.code.description ?? "")")
        }
        let socket = scenario.manager.socket("/") {
            $0.retries = 1
            $0.ackTimeout = .seconds(1)
        }
        socket.open()
        scenario.settle()
        scenario.run { socket.emit("n", 1) }
        for _ in 0..<3 { scenario.advance(.seconds(2)) }
        #expect(lines.all == ["unacknowledged"])
        #expect(scenario.sent.count { $0.hasPrefix("2") } == 2)
    }

    // MARK: Registration

    @Test func `what is registered ends with its subscription, and everything with off`() throws {
        let scenario = try Scenario()
        let manager = scenario.manager
        let socket = manager.socket()
        let note = { @Sendable (name: String) in scenario.log.append(name) }
        let subscriptions = [
            socket.onConnect { note("connect") },
            socket.onDisconnect { (_: ClientSocket.DisconnectReason) in note("left") },
            socket.onAny { _, _ in note("any") }, socket.onAnyOutgoing { _, _ in note("outgoing") },
            manager.onOpen { note("open") }, manager.onClose { (_: ClientSocket.DisconnectReason) in note("close") },
        ]
        let goThrough = {
            scenario.run { socket.open() }
            scenario.settle()
            scenario.run { scenario.session?.emit(to: "/", id: nil) }
            scenario.settle()
            scenario.run { socket.emit("x") }
            scenario.run { socket.disconnect() }
        }
        goThrough()
        #expect(scenario.log == ["open", "connect", "any", "outgoing", "left", "close"])
        scenario.run { for subscription in subscriptions { subscription.cancel() } }
        goThrough()
        #expect(scenario.log.count == 6)
        socket.onConnect { note("connect") }
        socket.onAny { _, _ in note("any") }
        socket.on("news") { () in note("news") }
        let stream = socket.events("news", Int.self)
        goThrough()
        #expect(scenario.log.suffix(3) == ["connect", "any", "news"])
        socket.off()
        goThrough()
        #expect(scenario.log.count == 9)
        scenario.run {
            scenario.loop.start {
                for await _ in stream {}
                note("ended")
            }
        }
        #expect(scenario.log.last == "ended")
    }

    // MARK: The connection

    @Test func `tells the current transport, and its upgrade`() async throws {
        try await serve { io, url in
            try await withManager(url) { manager in
                let lines = Lines()
                manager.onOpen { lines.append("open \(manager.transport?.rawValue ?? "")") }
                manager.onUpgrade { lines.append("upgrade \(manager.transport?.rawValue ?? "")") }
                #expect(manager.transport == nil)
                let socket = manager.socket()
                try await socket.connect()
                #expect(await lines.wait(for: 2) == ["open polling", "upgrade websocket"])
                socket.disconnect()
                #expect(await eventually { manager.transport == nil })
            }
        }
    }

    @Test func `headers and query that change count from the next connection on`() async throws {
        let heads = Lines()
        let server = try ScriptedServer { connection in
            heads.append(try connection.readRequest())
        }
        defer { server.stop() }
        try await withManager(
            server.url,
            {
                $0.transports = [.webSocket]
                $0.extraHeaders = ["Authorization": "0"]
                $0.reconnection.attempts = 3
            }
        ) { manager in
            manager.onReconnectAttempt { attempt in
                manager.setExtraHeaders(["Authorization": "\(attempt)"])
                manager.setQuery(["try": "\(attempt)", "sid": "x"])
                if attempt == 3 { manager.setExtraHeaders(["A\n": ""]) }
            }
            let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
            #expect(error?.code == .invalidHeader)
            #expect(heads.all.count == 3)
            for (number, head) in heads.all.enumerated() {
                #expect(head.hasSuffix("\r\nAuthorization: \(number)"))
                #expect(head.contains("&try=\(number)") == (number > 0))
                #expect(!head.contains("sid="))
            }
        }
    }

    @Test func `fields that the client sets itself are sent once, and cookies in one line`() async throws {
        let heads = Lines()
        let server = try ScriptedServer { connection in
            while true {
                heads.append(try connection.readRequest())
                let body = Self.open
                try connection.send(
                    "HTTP/1.1 200 OK\r\nSet-Cookie: b=server\r\nSet-Cookie: c=3; Path=/\r\nContent-Length: "
                        + "\(body.utf8.count)\r\n\r\n\(body)")
            }
        }
        defer { server.stop() }
        try await withManager(
            server.url + "/?EIO=3&room=1&t=x",
            {
                $0.transports = [.polling]
                $0.reconnection = .off
                $0.query = ["transport": "x", "mine": "1"]
                $0.extraHeaders = [
                    "Accept-Encoding": "gzip", "accept": "x", "Content-Type": "x", "HOST": "x", "Upgrade": "x",
                    "TE": "x",
                    "Cookie": "a=1; b=2", "X-Mine": "1",
                ]
            }
        ) { manager in
            manager.socket().open()
            _ = await heads.wait(for: 2)
        }
        for (number, head) in heads.all.prefix(2).enumerated() {
            let lines = head.split(separator: "\r\n").map { $0.lowercased() }
            for name in ["accept:", "host:", "cookie:", "x-mine:"] {
                #expect(lines.count { $0.hasPrefix(name) } == 1, "\(name) in \(head)")
            }
            for name in ["accept-encoding:", "upgrade:", "te:"] {
                #expect(!lines.contains { $0.hasPrefix(name) }, "\(name) in \(head)")
            }
            #expect(lines.contains(number == 0 ? "cookie: a=1; b=2" : "cookie: a=1; b=server; c=3"), "\(head)")
            #expect(lines[0].contains("eio=4") && !lines[0].contains("eio=3") && lines[0].contains("room=1"))
            #expect(lines[0].contains("mine=1") && !lines[0].contains("transport=x") && !lines[0].contains("t=x"))
        }
    }

    @Test func `openAndWait goes on trying`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        scenario.run {
            scenario.loop.start { scenario.log.append("\(await socket.openAndWait(timeout: .seconds(1)))") }
        }
        scenario.advance(.seconds(2))
        scenario.run {}
        #expect(scenario.log == ["false"] && socket.isActive)
        scenario.settle()
        #expect(socket.isConnected)
        scenario.run { scenario.loop.start { scenario.log.append("\(await socket.openAndWait())") } }
        scenario.run {}
        #expect(scenario.log == ["false", "true"])
    }

    // MARK: Over the limit of what may wait

    @Test func `a flush over the limit is the end of a connection, and no beginning after it`() async throws {
        try await serve { io, url in
            try await withManager(
                url,
                {
                    $0.transports = [.polling]
                    $0.reconnection = .off
                    $0.limits.unsentBytes = 2000
                }
            ) { manager in
                let lines = Lines()
                let sockets = ["/", "/a", "/b"].map { manager.socket($0) }
                for name in ["/a", "/b"] { _ = io.namespace(name) }
                for socket in sockets {
                    socket.onConnect { lines.append("\(socket.namespace) \(socket.id != nil)") }
                    socket.onDisconnect { (_: ClientSocket.DisconnectReason) in
                        lines.append("\(socket.namespace) left")
                        // On the loop, while it writes: nothing may be borrowed.
                        for other in sockets { other.emit("told") }
                    }
                    for _ in 0..<100 { socket.emit("x", String(repeating: "x", count: 100)) }
                    socket.open()
                }
                let isOver = await eventually {
                    let all = lines.all
                    return all.contains { $0.hasSuffix("left") }
                        && sockets.allSatisfy { socket in
                            let own = all.filter { $0.hasPrefix(socket.namespace + " ") }
                            return own == [] || own == ["\(socket.namespace) true", "\(socket.namespace) left"]
                        }
                }
                #expect(isOver, "\(lines.all)")
            }
        }
    }

    @Test func `an emit on the loop over the limit calls nobody while it writes`() async throws {
        try await serve { io, url in
            _ = io.namespace("/a")
            try await withManager(
                url,
                {
                    $0.transports = [.polling]
                    $0.reconnection = .off
                    $0.limits.unsentBytes = 2000
                }
            ) { manager in
                let lines = Lines()
                let (main, a) = (manager.socket(), manager.socket("/a"))
                try await main.connect()
                try await a.connect()
                for socket in [main, a] {
                    socket.onDisconnect { (_: ClientSocket.DisconnectReason) in
                        lines.append("left")
                        main.emit("told")
                        a.emit("told")
                    }
                }
                // On the loop, where an event goes straight into the output.
                manager.onPing {}
                let core = try manager.core.get()
                await core.loop.call { _ in
                    for _ in 0..<100 { main.emit("x", String(repeating: "x", count: 100)) }
                }
                #expect(await lines.wait(for: 2) == ["left", "left"])
            }
        }
    }
}
