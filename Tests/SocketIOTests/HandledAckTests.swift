import SocketIO
import Testing

/// Handlers without a value: once they have ended, the client is told so, if it asked.
@Suite struct HandledAckTests {
    private struct Failure: Error {}

    @Test func `a synchronous handler without a value acknowledges with nothing`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.on("one") { (_: Socket, _: String) in }
            io.on("two") { (_: Socket, _: Int, _: Int) in }
            io.on("bytes") { (_: Socket, _: [UInt8]) in }
            io.onConnection { socket in
                socket.on("own") { (_: String) in }
                socket.once("once") { (_: String) in }
            }
            let peer = try Peer(port)
            for (id, event) in [#""one","x""#, #""two",1,2"#, #""own","x""#, #""once","x""#].enumerated() {
                try peer.send("2\(id)[\(event)]")
                #expect(try peer.receive() == "3\(id)[]", "\(event)")
                // Nobody asked.
                try peer.send("2[\(event)]")
                try peer.sync()
            }
            try peer.send(#"51-8["bytes",{"_placeholder":true,"num":0}]"#)
            try peer.send(binary: [1, 2])
            #expect(try peer.receive() == "38[]")
            // It has been called its once.
            try peer.send(#"29["once","x"]"#)
            try peer.sync()
        }
    }

    @Test func `an asynchronous handler acknowledges when it has ended, not before`() async throws {
        try await serve { io, port in
            answerSync(io)
            let gate = Gate()
            io.on("one") { (_: Socket, _: String) in await gate.passed() }
            io.on("two") { (_: Socket, _: Int, _: Int) in await gate.passed() }
            let peer = try Peer(port)
            try peer.send(#"21["one","x"]"#)
            try peer.send(#"22["two",1,2]"#)
            try peer.sync()
            gate.open()
            #expect(try Set([peer.receive(), peer.receive()]) == ["31[]", "32[]"])
        }
    }

    @Test func `a handler that throws, or is not called, sends no acknowledgement`() async throws {
        try await serve { io, port in
            answerSync(io)
            let errors = Journal()
            io.onHandlerError { _ in errors.note("error") }
            io.on("throws") { (_: Socket, _: String) throws in throw Failure() }
            io.on("throws later") { (_: Socket, _: String) in
                await Task.yield()
                throw Failure()
            }
            io.on("number") { (_: Socket, _: Int) in }
            let peer = try Peer(port)
            for name in ["throws", "throws later", "number"] { try peer.send(#"21["\#(name)","x"]"#) }
            #expect(errors.wait(for: 3).count == 3)
            try peer.sync()
        }
    }

    @Test func `without a handler nothing is acknowledged, and onAny is none`() async throws {
        try await serve { io, port in
            answerSync(io)
            let journal = Journal()
            io.onAny { _, name, _ in journal.note(name) }
            io.onConnection { socket in socket.onAny { name, _ in journal.note(name) } }
            let peer = try Peer(port)
            try peer.send(#"21["nobody"]"#)
            try peer.sync()
            #expect(journal.wait(for: 2).prefix(2) == ["nobody", "nobody"])
        }
    }

    @Test(arguments: [false, true])
    func `a handler with a value answers, wherever it stands among those without`(isFirst: Bool) async throws {
        try await serve { io, port in
            answerSync(io)
            io.onConnection { socket in
                if isFirst {
                    socket.on("own") { 7 }
                    socket.on("later") { () async -> Int in
                        await Task.yield()
                        return 7
                    }
                }
                for name in ["own", "later", "shared"] { socket.on(name) { () -> Void in } }
                if !isFirst {
                    socket.on("own") { 7 }
                    socket.on("later") { () async -> Int in
                        await Task.yield()
                        return 7
                    }
                }
            }
            io.on("shared") { (_: Socket) in 7 }
            for name in ["own", "later"] { io.on(name) { (_: Socket) -> Void in } }
            let peer = try Peer(port)
            for (id, name) in ["own", "later", "shared"].enumerated() {
                try peer.send(#"2\#(id)["\#(name)"]"#)
                #expect(try peer.receive() == "3\(id)[7]")
            }
            try peer.sync()
        }
    }

    @Test func `where the handler with a value throws, those without do not answer for it`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.on("x") { (_: Socket) -> Void in }
            io.on("x") { (_: Socket) throws -> Int in throw Failure() }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            try peer.sync()
        }
    }

    @Test func `several without a value are acknowledged once, when all have ended`() async throws {
        try await serve { io, port in
            answerSync(io)
            let gate = Gate()
            io.on("x") { (_: Socket) in await gate.passed() }
            io.on("x") { (_: Socket) -> Void in }
            io.onConnection { socket in socket.on("x") { () -> Void in } }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            try peer.sync()
            gate.open()
            #expect(try peer.receive() == "31[]")
            try peer.sync()
        }
    }

    @Test(arguments: 0..<3)
    func `where one of several throws, nothing is acknowledged`(failing: Int) async throws {
        try await serve { io, port in
            answerSync(io)
            for place in 0..<3 {
                io.on("x") { (_: Socket) throws in if place == failing { throw Failure() } }
            }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            try peer.sync()
        }
    }

    @Test func `the same id asked for twice at once is answered twice`() async throws {
        try await serve { io, port in
            answerSync(io)
            let gate = Gate()
            io.on("x") { (_: Socket) in await gate.passed() }
            io.on("x") { (_: Socket) -> Void in }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            try peer.send(#"21["x"]"#)
            try peer.sync()
            gate.open()
            for _ in 0..<2 { #expect(try peer.receive() == "31[]") }
            try peer.sync()
        }
    }

    @Test func `what ends after its socket is acknowledged to nobody`() async throws {
        try await serve { io, port in
            let (gate, ended) = (Gate(), Journal())
            io.on("x") { (_: Socket) in
                await gate.passed()
                ended.note("ended")
            }
            io.on("bye") { (socket: Socket) in socket.disconnect() }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            try peer.send(#"22["bye"]"#)
            #expect(try peer.receive() == "1")
            gate.open()
            #expect(ended.wait(for: 1) == ["ended"])
            #expect(try peer.raw.isSilent(for: .milliseconds(30)))
        }
    }
}
