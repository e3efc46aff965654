import SocketIO
import Testing

@Suite struct HandlerErrorTests {
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private func noteErrors(of io: SocketIOServer) -> Journal {
        let journal = Journal()
        answerSync(io)
        io.onHandlerError { failure in
            let error = failure.error
            journal.note("\(failure.socket.id) \((error as? Failure)?.description ?? "\(type(of: error))")")
        }
        return journal
    }

    @Test(arguments: [
        #"["text"]"#, #"["a","b"]"#, "[1.5]", "[null]", "", "[{}]", "[[1]]", "[9223372036854775808]", "[true]",
    ])
    func `arguments of other types go to onHandlerError, unacknowledged, and the connection stays`(
        arguments: String
    ) async throws {
        try await serve { io, port in
            let errors = noteErrors(of: io)
            io.on("x") { (_: Socket, number: Int) in number }
            io.on("async") { (_: Socket, number: Int) async in number }
            let peer = try Peer(port)
            let rest = arguments.isEmpty ? "" : "," + arguments.dropFirst().dropLast()
            for name in ["x", "async"] {
                try peer.send(#"21["\#(name)"\#(rest)]"#)
                try peer.sync()
            }
            #expect(errors.lines == Array(repeating: "\(peer.sid) DecodingError", count: 2))
        }
    }

    @Test func `a missing argument counts as null, and extra ones are ignored`() async throws {
        try await serve { io, port in
            io.on("x") { (_: Socket, first: Int?, second: String?) in "\(first ?? -1) \(second ?? "-")" }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            #expect(try peer.receive() == #"31["-1 -"]"#)
            try peer.send(#"22["x",5]"#)
            #expect(try peer.receive() == #"32["5 -"]"#)
            try peer.send(#"23["x",5,"y",{"z":[1]},null]"#)
            #expect(try peer.receive() == #"33["5 y"]"#)
        }
    }

    @Test func `handlers that throw send no acknowledgement and disturb nothing`() async throws {
        try await serve { io, port in
            let errors = noteErrors(of: io)
            io.on("sync 1") { (_: Socket) throws in throw Failure(description: "1") }
            io.on("sync 2") { (_: Socket) throws -> Int in throw Failure(description: "2") }
            io.on("async 1") { (_: Socket) async throws in
                await Task.yield()
                throw Failure(description: "3")
            }
            io.on("async 2") { (_: Socket) async throws -> Int in
                await Task.yield()
                throw Failure(description: "4")
            }
            let peer = try Peer(port)
            for (index, name) in ["sync 1", "sync 2", "async 1", "async 2"].enumerated() {
                try peer.send(#"2\#(index)["\#(name)"]"#)
                #expect(errors.wait(for: index + 1).last == "\(peer.sid) \(index + 1)")
            }
            try peer.sync()
        }
    }

    @Test func `a handler that throws does not keep the next one from running`() async throws {
        try await serve { io, port in
            let errors = noteErrors(of: io)
            io.on("x") { (_: Socket) throws in throw Failure(description: "first") }
            io.on("x") { (_: Socket, _: Int) in }
            io.on("x") { (socket: Socket) in socket.emit("third") }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            #expect(try peer.receive() == #"2["third"]"#)
            #expect(errors.lines == ["\(peer.sid) first", "\(peer.sid) DecodingError"])
        }
    }

    @Test func `errors of lifecycle handlers are reported too`() async throws {
        try await serve { io, port in
            let errors = noteErrors(of: io)
            io.onConnection { socket in
                socket.onDisconnecting { _ in throw Failure(description: "disconnecting") }
                socket.onDisconnect { _ in throw Failure(description: "disconnect") }
                throw Failure(description: "connection")
            }
            let peer = try Peer(port)
            try peer.send("1")
            #expect(
                errors.wait(for: 3)
                    == ["connection", "disconnecting", "disconnect"].map { "\(peer.sid) \($0)" })
        }
    }

    @Test func `the first handler that replies acknowledges, and only it`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.on("x") { (_: Socket) in }
            io.on("x") { (_: Socket) in "first" }
            io.on("x") { (_: Socket) in "second" }
            io.on("x") { (_: Socket) async in "third" }
            io.onConnection { socket in socket.on("x") { "fourth" } }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            #expect(try peer.receive() == #"31["first"]"#)
            try peer.sync()
        }
    }

    private struct Unencodable: Encodable, Sendable {
        func encode(to encoder: any Encoder) throws {
            throw Failure(description: "cannot")
        }
    }

    @Test func `a value that cannot be encoded is reported, and nothing of it is sent`() async throws {
        try await serve { io, port in
            let errors = noteErrors(of: io)
            io.on("reply") { (_: Socket) in Unencodable() }
            io.on("emit") { (socket: Socket) in
                socket.emit("half", "said", Unencodable())
                socket.emit("whole")
            }
            let peer = try Peer(port)
            try peer.send(#"21["reply"]"#)
            try peer.send(#"2["emit"]"#)
            #expect(try peer.receive() == #"2["whole"]"#)
            #expect(errors.lines == ["\(peer.sid) cannot", "\(peer.sid) cannot"])
            io.emit("half", Unencodable())
            io.emit("whole")
            #expect(try peer.receive() == #"2["whole"]"#)
        }
    }
}
