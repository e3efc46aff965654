import SocketIO
import SocketIOClient
import SocketIOWire
import Testing

/// A client whose packets are MessagePack, against our server.
@Suite struct MessagePackClientTests {
    private struct Everything: Codable, Equatable {
        var text = "ünï 漢字 👩‍👩‍👧 \u{0} \u{2028} \"\\\n"
        var whole: [Int64] = [0, 1, -1, 127, 128, -33, 65_536, -70_000, 9_007_199_254_740_993, .max, .min]
        var broken: [Double] = [0.1, -2.5, 1e300, .leastNonzeroMagnitude, 0x1p64]
        var yes = true
        var nothing: Int?
        var bytes: [UInt8] = [0, 1, 254, 255]
        var nested: [String: [[UInt8]]] = ["": [], "a": [[], [7]]]
        var long = String(repeating: "x", count: 70_000)
    }

    private func served(
        _ mode: Mode, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (SocketIOServer, ClientManager) async throws -> Void
    ) async throws {
        try await serve {
            $0.parser = .msgpack
            configure(&$0)
        } _: { io, url in
            try await withManager(url) {
                mode.configure(&$0)
                $0.parser = .msgpack
            } _: {
                try await body(io, $0)
            }
        }
    }

    @Test(arguments: Mode.allCases) func `values of every type travel both ways, with bytes in any place`(
        mode: Mode
    ) async throws {
        try await served(mode) { io, manager in
            io.on("echo") { (socket: Socket, arguments: EventArguments) in
                socket.emit("echoed", arguments)
                return arguments
            }
            let socket = manager.socket()
            let echoed = socket.events("echoed", Everything.self, [UInt8].self)
            try await socket.connect()
            let everything = Everything()
            let reply: Everything = try await socket.emitWithAck("echo", everything, [9, 8] as [UInt8])
            #expect(reply == everything)
            for await (value, bytes) in echoed {
                #expect(value == everything && bytes == [9, 8])
                break
            }
            let many = (0..<300).map { [UInt8($0 % 256)] }
            #expect(try await socket.emitWithAck("echo", many) as [[UInt8]] == many)
            if mode == .polling { #expect(manager.transport == .polling) }
        }
    }

    @Test(arguments: Mode.allCases) func `requests of the server, namespaces and refusals are as with JSON`(
        mode: Mode
    ) async throws {
        try await served(mode) { io, manager in
            let other = io.namespace("/other")
            other.use { socket in
                struct Rules: Encodable {
                    let code = 7
                }
                if try socket.handshake.auth(as: [String: Int].self)["a"] != 1 {
                    throw ConnectionRefused("no entry", data: Rules())
                }
            }
            other.on("ask me") { (socket: Socket) async throws in
                let answer: [UInt8] = try await socket.emitWithAck("reverse", [1, 2, 3] as [UInt8])
                return answer
            }
            other.on("kick") { (socket: Socket) in socket.disconnect() }
            let refused = manager.socket("/other", auth: ["a": 2])
            let error = await #expect(throws: ClientError.self) { try await refused.connect() }
            #expect(error?.code == .refused && error?.message == "no entry")
            #expect(try error?.data(as: [String: Int].self) == ["code": 7])
            let unknown = await #expect(throws: ClientError.self) { try await manager.socket("/unknown").connect() }
            #expect(unknown?.message == "Invalid namespace")
            let socket = manager.socket("/other", auth: ["a": 1])
            let ends = Lines()
            socket.on("reverse") { (bytes: [UInt8]) in Array(bytes.reversed()) }
            socket.onDisconnect { reason in ends.append("\(reason)") }
            try await socket.connect()
            #expect(try await socket.emitWithAck("ask me") as [UInt8] == [3, 2, 1])
            socket.emit("kick")
            #expect(await ends.wait(for: 1) == ["\(ClientSocket.DisconnectReason.serverDisconnect)"])
        }
    }

    @Test func `events wait offline, are sent again, and are shown to onAnyOutgoing`() async throws {
        try await served(.webSocket) { io, manager in
            let got = Lines()
            io.on("note") { (_: Socket, number: Int) in got.append("\(number)") }
            let socket = manager.socket { $0.retries = 3 }
            let shown = Lines()
            socket.onAnyOutgoing { name, arguments in shown.append("\(name) \(arguments)") }
            for number in 0..<5 { socket.emit("note", number) }
            #expect(!socket.isConnected)
            try await socket.connect()
            #expect(await got.wait(for: 5) == ["0", "1", "2", "3", "4"])
            #expect(await shown.wait(for: 5).first == "note \([JSONValue.integer(0)])")
        }
    }

    @Test func `a connection that is lost is recovered`() async throws {
        try await served(.webSocket) {
            $0.recovery = .init()
            $0.engine.maxHttpBufferSize = 10_000
        } _: { io, manager in
            let socket = manager.socket()
            let (joins, news) = (Lines(), Lines())
            socket.onConnect { joins.append("\(socket.isRecovered)") }
            socket.on("news") { (number: Int) in news.append("\(number)") }
            try await socket.connect()
            let id = try #require(socket.id)
            io.emit("news", 1)
            #expect(await news.wait(for: 1) == ["1"])
            // More than the server takes: the connection is gone, and what is said meanwhile comes once it is back.
            io.onDisconnect { (_: Socket, _: DisconnectReason) in io.emit("news", 2) }
            socket.emit("large", [UInt8](repeating: 1, count: 20_000))
            #expect(await joins.wait(for: 2) == ["false", "true"])
            #expect(await news.wait(for: 2) == ["1", "2"] && socket.id == id)
        }
    }

    @Test func `what cannot be MessagePack is reported where it was sent, and nothing else is harmed`() async throws {
        try await served(.webSocket) { io, manager in
            io.on("fine") { (_: Socket) in true }
            let errors = Lines()
            manager.onHandlerError { error, _ in errors.append("\(error)") }
            let socket = manager.socket()
            try await socket.connect()
            let deep = (0..<600).reduce(JSONValue.null) { value, _ in [value] }
            socket.emit("deep", deep)
            await #expect(throws: AckError(.unencodable)) {
                let _: Int = try await socket.emitWithAck("deep", deep, timeout: .seconds(60))
            }
            // It looks like what stands for bytes, of which there are none.
            socket.emit("false", ["_placeholder": true, "num": 9] as JSONValue, [1] as [UInt8])
            #expect(await errors.wait(for: 3).allSatisfy { $0.contains("cannot be encoded") })
            #expect(try await socket.emitWithAck("fine") as Bool)
            let refused = manager.socket("/auth", auth: ["deep": deep])
            let error = await #expect(throws: ClientError.self) { try await refused.connect() }
            #expect(error?.code == .invalidAuth)
        }
    }

    // MARK: The other parser

    @Test(arguments: Mode.allCases, [(PacketParser.json, "JSON"), (.msgpack, "MessagePack")])
    func `who speaks the other parser is refused by our server in words, and does not try again`(
        mode: Mode, client: (parser: PacketParser, name: String)
    ) async throws {
        try await serve {
            $0.parser = client.parser == .json ? .msgpack : .json
        } _: { io, url in
            _ = io.namespace("/other")
            try await withManager(url) {
                mode.configure(&$0)
                $0.parser = client.parser
            } _: { manager in
                for name in ["/", "/other"] {
                    let socket = manager.socket(name)
                    let error = await #expect(throws: ClientError.self) { try await socket.connect() }
                    #expect(error?.code == .refused)
                    #expect(error?.message.hasSuffix("and the client \(client.name)") == true)
                    #expect(!socket.isActive)
                }
            }
        }
    }

    @Test(arguments: [PacketParser.json, .msgpack])
    func `where a server closes the connection without an answer, the parser is named`(parser: PacketParser)
        async throws
    {
        let server = try ScriptedServer { connection in
            try connection.acceptWebSocket()
            try connection.sendFrame(1, FuzzPackets(count: 0, seed: 1).openNext())
            #expect(try connection.readFrame().opcode == (parser == .json ? 1 : 2))
            try connection.sendFrame(8, [])
            try connection.readToEnd()
        }
        defer { server.stop() }
        let error = try await self.error(server, parser)
        let hint = "another parser than `configuration.parser`, .\(parser)?"
        #expect(error?.message.contains(hint) == true, "\(String(describing: error))")
    }

    @Test(arguments: [(PacketParser.json, 2), (.msgpack, 1)] as [(PacketParser, UInt8)])
    func `a server that answers with the other parser is told of as such`(
        parser: PacketParser, opcode: UInt8
    ) async throws {
        let server = try ScriptedServer { connection in
            try connection.acceptWebSocket()
            try connection.sendFrame(1, FuzzPackets(count: 0, seed: 1).openNext())
            _ = try connection.readFrame()
            try connection.sendFrame(opcode, Array(FuzzPackets.replies[0].utf8))
            try connection.readToEnd()
        }
        defer { server.stop() }
        let error = try await self.error(server, parser)
        #expect(error?.message.contains("is `configuration.parser` the server's?") == true)
    }

    private func error(_ server: ScriptedServer, _ parser: PacketParser) async throws -> ClientError? {
        var error: ClientError?
        try await withManager(server.url) {
            Mode.webSocket.configure(&$0)
            $0.parser = parser
            $0.reconnection = .off
            $0.limits.closeTime = .milliseconds(50)
        } _: { manager in
            do throws(ClientError) { try await manager.socket().connect() } catch let caught { error = caught }
        }
        return error
    }
}
