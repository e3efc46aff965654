import SocketIO
import SocketIOClient
import Testing

@Suite struct EventArgumentsTests {
    @Test(arguments: Mode.allCases)
    func `the last parameter takes what is left, and emitted it stands for all of its values`(mode: Mode) async throws {
        try await serve { io, url in
            let lines = Lines()
            let expected: [String: [JSONValue]] = [
                "all": [.binary([1]), .binary([2]), "s", 1.5, nil], "rest": [.binary([2]), "s", 1.5, nil],
                "both": [7, .binary([2]), "s", 1.5, nil], "none": [],
            ]
            io.onConnection { socket in
                socket.onAny { name, arguments in lines.append("\(name) \(arguments == expected[name])") }
                socket.emit("x", [UInt8]([1]), [UInt8]([2]), "s", 1.5, JSONValue.null)
                socket.emit("none")
            }
            try await withManager(url, mode.configure) { manager in
                let socket = manager.socket()
                socket.on("x") { (all: EventArguments) in socket.emit("all", all) }
                socket.on("x") { (_: [UInt8], rest: EventArguments) in
                    socket.emit("rest", rest)
                    socket.emit("both", 7, rest)
                }
                socket.on("none") { (all: EventArguments) in socket.emit("none", all) }
                try await socket.connect()
                #expect(await lines.wait(for: 4) == ["all true", "rest true", "both true", "none true"])
            }
        }
    }
}
