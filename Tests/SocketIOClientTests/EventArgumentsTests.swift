import SocketIO
import SocketIOClient
import Testing

@Suite struct EventArgumentsTests {
    /// What the peer sees of `x`, as text.
    private func show(_ arguments: EventArguments) -> String { "\(JSONValue.array(arguments.values))" }

    @Test func `the last parameter takes what is left, and emitted it stands for all of its values`() async throws {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                socket.on("back") { (arguments: EventArguments) in lines.append("back \(show(arguments))") }
                socket.on("rest") { (first: [UInt8], rest: EventArguments) in
                    lines.append("rest \(first) \(show(rest))")
                }
                socket.emit("x", [UInt8]([1]), [UInt8]([2]), "s", 1.5, 4)
                socket.emit("x")
            }
            try await withManager(url, Mode.webSocket.configure) { manager in
                let socket = manager.socket()
                socket.on("x") { (arguments: EventArguments) in socket.emit("back", arguments) }
                socket.on("x") { (first: [UInt8]?, rest: EventArguments) in
                    if let first { socket.emit("rest", first, rest) }
                }
                try await socket.connect()
                _ = await lines.wait(for: 3)
            }
            #expect(await lines.wait(for: 3).count == 3)
        }
    }
}
