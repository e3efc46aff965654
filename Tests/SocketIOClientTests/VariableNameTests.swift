import SocketIO
import SocketIOClient
import Testing

/// Events whose names are variables.
@Suite struct VariableNameTests {
    @Test func `events are handled and sent under variable names`() async throws {
        try await serve { io, url in
            io.on("ask") { (socket: Socket, name: String) in
                socket.emit(name, 1, 2)
                return try await socket.emitWithAck(name, 3, 4) as Int
            }
            io.on("n 1") { (_: Socket, a: Int, b: Int) in a * b }
            try await withManager(url) { manager in
                let socket = manager.socket()
                let name = "n " + String(1)
                let pairs = socket.events(name, Int.self, Int.self)
                socket.on(name) { (a: Int, b: Int) in a + b }
                let once = Lines()
                socket.once(name) { (a: Int, _: Int) in once.append("\(a)") }
                try await socket.connect()
                let sum: Int = try await socket.emitWithAck("ask", name)
                let product: Int = try await socket.emitWithAck(name, 5, 6)
                #expect((sum, product) == (7, 30))
                var all: [Int] = []
                for await (a, b) in pairs {
                    all += [a, b]
                    if all.count == 4 { break }
                }
                #expect(all == [1, 2, 3, 4])
                #expect(await once.wait(for: 1) == ["1"])
                socket.off(name)
            }
        }
    }

    @Test(arguments: ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])
    func `a reserved name from a variable is reported, and harms nobody`(name: String) async throws {
        try await withManager("http://127.0.0.1:9") { manager in
            let lines = Lines()
            manager.onHandlerError { error, _ in lines.append("\(error)") }
            let socket = manager.socket()
            socket.emit(name)
            socket.volatile.emit(name, 1)
            socket.on(name) { 1 }
            socket.once(name) { () -> Void in }
            socket.off(name)
            for await _ in socket.events(name, Int.self) {}
            await #expect(throws: AckError(.unencodable)) { let _: Int = try await socket.emitWithAck(name) }
            let told = await lines.wait(for: 6)
            #expect(told.count == 6)
            #expect(told.allSatisfy { $0.hasPrefix("'\(name)' is reserved") })
        }
    }
}
