import SocketIO
import Testing

/// What a failure tells, to `onHandlerError` and in the log.
@Suite(.timeLimit(.minutes(2))) struct HandlerFailureTests {
    private struct Failure: Error, CustomStringConvertible {
        var description: String { "failure" }
    }

    /// Takes no even number.
    private struct Odd: Decodable, Sendable {
        init(from decoder: any Decoder) throws {
            if try decoder.singleValueContainer().decode(Int.self) % 2 == 0 { throw Failure() }
        }
    }

    private struct Point: Decodable, Sendable {
        let x: Int
    }

    private struct Unencodable: Encodable, Sendable {
        func encode(to encoder: any Encoder) throws { throw Failure() }
    }

    /// Of each failure the event, the argument's position and how deep in it the fault is.
    private func noteFailures(of io: SocketIOServer) -> Journal {
        let journal = Journal()
        answerSync(io)
        io.onHandlerError { failure in
            let path =
                switch failure.error as? DecodingError {
                case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                    .dataCorrupted(let context):
                    context.codingPath.map(\.stringValue).joined(separator: "/")
                default: "-"
                }
            journal.note("\(failure.event ?? "-") \(failure.argument.map { "\($0)" } ?? "-") \(path)")
        }
        return journal
    }

    @Test(arguments: [
        (#"["a",2,{"x":1}]"#, "0 argument 0"), (#"[1,2,{"x":1}]"#, "1 argument 1"), ("[1,3]", "2 argument 2"),
        (#"[1,3,{"x":"y"}]"#, "2 argument 2/x"), ("[1]", "1 argument 1"), ("[]", "0 argument 0"),
    ])
    func `a failure names the event and the argument that is not of its type`(
        arguments: String, place: String
    ) async throws {
        try await serve { io, port in
            let failures = noteFailures(of: io)
            io.on("sync é") { (_: Socket, _: Int, _: Odd, _: Point) in }
            io.on("async") { (_: Socket, _: Int, _: Odd, _: Point) async in }
            io.onConnection { socket in socket.on("own") { (_: Int, _: Odd, _: Point) in true } }
            let peer = try Peer(port)
            let rest = arguments == "[]" ? "" : "," + arguments.dropFirst().dropLast()
            for name in [#"sync \u00e9"#, "async", "own"] { try peer.send(#"2["\#(name)"\#(rest)]"#) }
            try peer.sync()
            #expect(failures.lines == ["sync é \(place)", "async \(place)", "own \(place)"])
        }
    }

    @Test func `missing arguments are counted, too`() async throws {
        try await serve { io, port in
            let failures = noteFailures(of: io)
            io.on("x") { (_: Socket, _: Int?, _: Int?, _: Int) in }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            try peer.sync()
            #expect(failures.lines == ["x 2 argument 2"])
        }
    }

    @Test func `what is thrown later, or elsewhere than in an event, names what there is`() async throws {
        try await serve { io, port in
            let failures = noteFailures(of: io)
            io.on("later") { (_: Socket) async throws in
                await Task.yield()
                throw Failure()
            }
            io.on("decodes") { (_: Socket, text: String) throws in
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: text))
            }
            io.on("emits") { (socket: Socket) in socket.emit("half", Unencodable()) }
            io.on("replies") { (_: Socket) in Unencodable() }
            io.onConnection { _ in throw Failure() }
            let peer = try Peer(port)
            for (index, text) in [
                #"2["later"]"#, #"2["decodes","x"]"#, #"2["emits"]"#, #"21["replies"]"#,
            ].enumerated() {
                try peer.send(text)
                #expect(failures.wait(for: index + 2).count == index + 2)
            }
            #expect(failures.lines == ["- - -", "later - -", "decodes - ", "half - -", "- - -"])
        }
    }

    // MARK: The log

    @Test func `of a flood of failures each event takes a line, with the argument and the socket`() async throws {
        let journal = Journal()
        try await serve {
            $0.logger = LineLogger(journal)
        } _: { io, port in
            answerSync(io)
            io.on("int") { (_: Socket, _: Int) in }
            io.on("two") { (_: Socket, _: Int, _: Int) in }
            let peers = try (0..<4).map { _ in try Peer(port) }
            for peer in peers {
                for _ in 0..<1_000 { try peer.send(#"2["int","x"]"#) }
                for _ in 0..<100 { try peer.send(#"2["two",1,"x"]"#) }
            }
            for peer in peers { try peer.sync() }
            let lines = journal.lines.filter { !$0.hasPrefix("debug") }
            #expect(lines.count == 2)
            let ids = peers.map(\.sid)
            for (event, argument) in [("int", 0), ("two", 1)] {
                #expect(
                    lines.contains { line in
                        ids.contains { id in
                            line.hasPrefix(
                                "warning: a handler of event '\(event)' failed; see onHandlerError: "
                                    + "argument \(argument), socket \(id) of /: ")
                        }
                    }, "\(lines)")
            }
        }
    }

    @Test func `a flood of causes that a peer names is a few lines`() async throws {
        let journal = Journal()
        try await serve {
            $0.logger = LineLogger(journal)
        } _: { io, port in
            answerSync(io)
            io.onConnection { socket in
                socket.on("register") { (name: String) in
                    _ = socket.on(EventName(name) ?? "x") { (_: Int) in }
                }
            }
            let peer = try Peer(port)
            for number in 0..<500 {
                try peer.send(#"2["register","e\#(number)"]"#)
                try peer.send(#"2["e\#(number)","x"]"#)
            }
            try peer.sync()
            #expect(journal.lines.count { $0.hasPrefix("warning") } == 65)
        }
    }

    @Test func `broadcasts that cannot be encoded are one line for each event`() async throws {
        let journal = Journal()
        try await serve {
            $0.logger = LineLogger(journal)
        } _: { io, _ in
            for _ in 0..<100 { io.emit("half", Unencodable()) }
            #expect(
                journal.lines.filter { $0.hasPrefix("error") } == [
                    "error: event 'half' was not sent, because encoding it failed: failure"
                ])
        }
    }

    @Test func `an event that nobody handles is a debug line`() async throws {
        let journal = Journal()
        try await serve {
            $0.logger = LineLogger(journal)
        } _: { io, port in
            answerSync(io)
            let peer = try Peer(port)
            try peer.send(#"2["nobody",1]"#)
            try peer.sync()
            let miss = "debug: event 'nobody' of socket \(peer.sid) has no handler"
            #expect(journal.lines.count { $0 == miss } == 1)
            io.onAny { _, _, _ in }
            try peer.send(#"2["nobody",1]"#)
            try peer.sync()
            #expect(journal.lines.count { $0 == miss } == 1)
        }
    }
}
