import SocketIO
import Testing

private let reserved = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]

@Suite struct EventNameTests {
    @Test(arguments: reserved)
    func `a reserved name is refused at run time`(name: String) {
        // Not written as a literal, which would stop the process.
        #expect(EventName(name) == nil)
        #expect(EventName(name + " ")?.description == name + " ")
    }

    @Test func `a reserved name as a literal stops the process, and says what to write`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            SocketIOServer().on("disconnect") { (_: Socket) in }
        }
        let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(words.contains("'disconnect' is reserved and no event can have it: use onDisconnect"), "\(words)")
    }

    @Test func `a handler of connection is registered, and the log says what was probably meant`() async throws {
        let lines = Journal()
        try await serve({ $0.logger = LineLogger(lines) }) { io, port in
            io.on("connection") { (socket: Socket) in socket.emit("x") }
            let peer = try Peer(port)
            try peer.send(#"2["connection"]"#)
            #expect(try peer.receive() == #"2["x"]"#)
            #expect(lines.lines.contains { $0.hasPrefix("warning") && $0.contains("onConnection { socket in … }") })
        }
    }

    @Test(arguments: reserved)
    func `a reserved name on the wire closes the connection, however it is written`(name: String) async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onAny { _, name, _ in journal.note(name) }
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let escaped = name.replacing("n", with: "\\u006e").replacing("i", with: "\\u0069")
            for (count, text) in [name, escaped].enumerated() {
                let peer = try Peer(port)
                try peer.send(#"2["\#(text)",1]"#)
                #expect(peer.isClosedByServer())
                #expect(journal.wait(for: count + 1).last == "forced close")
            }
        }
    }

    @Test func `error, message, the empty name and other odd names are events like any other`() async throws {
        try await serve { io, port in
            answerSync(io)
            let names = ["error", "message", "", " ", "__proto__", "toString", "ü🙂", "a\"b\\c\n", "connection"]
            for text in names {
                let name = try #require(EventName(text))
                io.on(name) { (socket: Socket) in socket.emit(name, text) }
            }
            let peer = try Peer(port)
            for (wire, text) in zip(
                ["error", "message", "", " ", "__proto__", "toString", "ü🙂", #"a\"b\\c\n"#, "connection"], names)
            {
                try peer.send(#"2["\#(wire)"]"#)
                #expect(try peer.receive() == #"2["\#(wire)","\#(wire)"]"#, "\(text)")
            }
        }
    }

    @Test func `an event without a handler is ignored, error included`() async throws {
        try await serve { io, port in
            answerSync(io)
            let peer = try Peer(port)
            for name in [#""error""#, #""nobody""#, #""""#, "1.5", "-1"] { try peer.send("21[\(name),1]") }
            try peer.sync()
        }
    }

    @Test func `a number is a name by its text`() async throws {
        try await serve { io, port in
            io.on("7") { (_: Socket, number: Int) in number }
            io.on("1.50") { (_: Socket) in "as written" }
            let peer = try Peer(port)
            try peer.send("21[7,8]")
            #expect(try peer.receive() == "31[8]")
            try peer.send("22[1.50]")
            #expect(try peer.receive() == #"32["as written"]"#)
        }
    }

    /// Names of `length` bytes, each with another place changed.
    private static func names(ofLength length: Int) -> [String] {
        (0..<length).map { place in
            String(repeating: "a", count: place) + "b" + String(repeating: "a", count: length - place - 1)
        }
    }

    @Test(arguments: [[3], [1, 7, 8, 9, 15, 16, 17, 24, 40]])
    func `names of any length that differ in one place are told apart`(lengths: [Int]) async throws {
        try await serve { io, port in
            let names = lengths.flatMap(Self.names)
            for name in names { io.on(EventName(stringLiteral: name)) { (_: Socket) in name } }
            let peer = try Peer(port)
            for name in names {
                // Nobody listens for the first two: only the last one is answered.
                try peer.send("21[\"\(name)x\"]")
                try peer.send("22[\"x\(name.dropFirst())y\"]")
                try peer.send("23[\"\(name)\"]")
                #expect(try peer.receive() == "33[\"\(name)\"]")
            }
        }
    }

    @Test func `a name with escapes finds its handler`() async throws {
        try await serve { io, port in
            io.on("hello") { (_: Socket) in 1 }
            let peer = try Peer(port)
            try peer.send(#"21["h\u0065l\u006co"]"#)
            #expect(try peer.receive() == "31[1]")
        }
    }

    @Test(arguments: ["2[{}]", "2[[]]", "2[true]", "2[null]", "2[]", "2{}", #"2"x""#, #"2["x""#, #"2["x"]]"#, "2[,]"])
    func `an event whose name is neither text nor number closes the connection`(packet: String) async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let peer = try Peer(port)
            try peer.send(packet)
            #expect(peer.isClosedByServer())
            #expect(journal.wait(for: 1) == ["forced close"])
        }
    }
}
