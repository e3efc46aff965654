import SocketIO
import SocketIOClient
import Testing

@Suite struct HandlerTests {
    private struct Failure: Error {}

    @Test func `registered before connect, misses nothing`() async throws {
        try await serve { io, url in
            io.onConnection { socket in for number in 0..<20 { socket.emit("early", number) } }
            try await withManager(url, Mode.webSocket.configure) { manager in
                let lines = Lines()
                let socket = manager.socket()
                socket.on("early") { (number: Int) in lines.append("\(number)") }
                try await socket.connect()
                #expect(await lines.wait(for: 20) == (0..<20).map(String.init))
            }
        }
    }

    @Test(arguments: Mode.allCases) func `a synchronous handler ends before the next event's begins, in the order sent`(
        mode: Mode
    ) async throws {
        try await serve { io, url in
            io.onConnection { socket in
                for number in 0..<50 { socket.emit(number % 2 == 0 ? "even" : "odd", number) }
            }
            try await withManager(url, mode.configure) { manager in
                let lines = Lines()
                let socket = manager.socket()
                @Sendable func handle(_ number: Int) {
                    lines.append("begin \(number)")
                    // Long enough for another thread to begin the next one, if there were one.
                    let end = ContinuousClock.now.advanced(by: .microseconds(200))
                    while ContinuousClock.now < end {}
                    lines.append("end \(number)")
                }
                socket.on("even") { (number: Int) in handle(number) }
                socket.on("odd") { (number: Int) in handle(number) }
                try await socket.connect()
                #expect(await lines.wait(for: 100) == (0..<50).flatMap { ["begin \($0)", "end \($0)"] })
            }
        }
    }

    @Test(arguments: Mode.allCases) func `what comes together with an event whose handler disconnects is not handled`(
        mode: Mode
    ) async throws {
        try await serve { io, url in
            io.onConnection { socket in for number in 0..<3 { socket.emit("n", number) } }
            try await withManager(url, mode.configure) { manager in
                let lines = Lines()
                let socket = manager.socket()
                socket.on("n") { [weak socket] (number: Int) in
                    lines.append("\(number)")
                    socket?.disconnect()
                }
                socket.onDisconnect { reason in lines.append("\(reason)") }
                try? await socket.connect()
                #expect(await lines.wait(for: 2).last == "io client disconnect")
                await manager.close()
                #expect(lines.all == ["0", "io client disconnect"])
            }
        }
    }

    @Test func `answers with what it returns, synchronous or not, once`() async throws {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                let sum: Int = try await socket.emitWithAck("add", 1, 2)
                let slow: String = try await socket.emitWithAck("slow", "x")
                let twice: Int = try await socket.emitWithAck("twice")
                lines.append("\(sum) \(slow) \(twice)")
            }
            try await withManager(url) { manager in
                let socket = manager.socket()
                socket.on("add") { (a: Int, b: Int) in a + b }
                socket.on("slow") { (text: String) async -> String in
                    await Task.yield()
                    return text + text
                }
                socket.on("twice") { () in 1 }
                socket.on("twice") { () in 2 }
                try await socket.connect()
                #expect(await lines.wait(for: 1) == ["3 xx 1"])
            }
        }
    }

    @Test func `once, off and cancel end a registration`() async throws {
        try await serve { io, url in
            io.onConnection { socket in
                socket.on("go") { () in for _ in 0..<3 { socket.emit("a"); socket.emit("b"); socket.emit("c") } }
                socket.on("sync") { () in true }
            }
            try await withManager(url, Mode.webSocket.configure) { manager in
                let lines = Lines()
                let socket = manager.socket()
                socket.once("a") { () in lines.append("a") }
                let b = socket.on("b") { () in lines.append("b") }
                socket.on("c") { () in lines.append("c") }
                try await socket.connect()
                b.cancel()
                socket.off("c")
                socket.emit("go")
                let _: Bool = try await socket.emitWithAck("sync")
                #expect(lines.all == ["a"])
            }
        }
    }

    @Test func `onAny and onAnyOutgoing see every event`() async throws {
        try await serve { io, url in
            io.onConnection { socket in
                socket.on("go") { (text: String) in socket.emit("back", text, [1, 2]) }
            }
            try await withManager(url, Mode.webSocket.configure) { manager in
                let lines = Lines()
                let socket = manager.socket()
                socket.onAny { name, arguments in lines.append("in \(name) \(JSONValue.array(arguments))") }
                socket.onAnyOutgoing { name, arguments in lines.append("out \(name) \(JSONValue.array(arguments))") }
                try await socket.connect()
                socket.emit("go", "x")
                #expect(await lines.wait(for: 2) == [#"out go ["x"]"#, #"in back ["x",[1,2]]"#])
            }
        }
    }

    @Test func `what a handler throws, or cannot decode, goes to onHandlerError and does no harm`() async throws {
        try await serve { io, url in
            io.onConnection { socket in
                socket.emit("fails")
                socket.emit("typed", "no number")
                socket.emit("fine")
            }
            try await withManager(url, Mode.webSocket.configure) { manager in
                let lines = Lines()
                manager.onHandlerError { error, socket in
                    lines.append("\(type(of: error)) \(socket?.namespace ?? "")")
                }
                let socket = manager.socket()
                socket.on("fails") { () throws -> Void in throw Failure() }
                socket.on("typed") { (_: Int) in lines.append("never") }
                socket.on("fine") { () in lines.append("fine") }
                try await socket.connect()
                #expect(await lines.wait(for: 3) == ["Failure /", "DecodingError /", "fine"])
            }
        }
    }

    @Test func `a sequence of events keeps the newest for a slow reader, and ends with the manager`() async throws {
        try await serve { io, url in
            io.onConnection { socket in
                for number in 0..<100 { socket.emit("number", number) }
                socket.on("sync") { () in true }
            }
            try await withManager(url, Mode.webSocket.configure) { manager in
                let socket = manager.socket()
                let numbers = socket.events("number", Int.self, bufferingNewest: 10)
                try await socket.connect()
                let _: Bool = try await socket.emitWithAck("sync")
                await manager.close()
                var received: [Int] = []
                for await number in numbers { received.append(number) }
                #expect(received == Array(90..<100))
            }
        }
    }

    @Test func `drops its handlers with close, so that nothing holds the socket`() async throws {
        try await serve { _, url in
            weak var gone: ClientSocket?
            weak var goneManager: ClientManager?
            func use() async throws {
                let manager = ClientManager(url: url)
                let socket = manager.socket()
                gone = socket
                goneManager = manager
                socket.on("x") { () in socket.emit("y") }
                socket.onConnect { socket.emit("z") }
                try await socket.connect()
                await manager.close()
            }
            try await use()
            #expect(await eventually { gone == nil && goneManager == nil })
        }
    }
}
