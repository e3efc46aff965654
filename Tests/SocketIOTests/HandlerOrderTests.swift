import Dispatch
import SocketIO
import Testing

@Suite struct HandlerOrderTests {
    @Test func `the namespace's handlers come first, each in the order registered`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in
                socket.on("x") { (_: Int) in journal.note("socket 1") }
                socket.on("x") { (_: Int) in journal.note("socket 2") }
            }
            io.on("x") { (_: Socket, _: Int) in journal.note("namespace 1") }
            io.on("x") { (_: Socket, _: Int) in journal.note("namespace 2") }
            let peer = try Peer(port)
            try peer.send(#"2["x",1]"#)
            #expect(journal.wait(for: 4) == ["namespace 1", "namespace 2", "socket 1", "socket 2"])
        }
    }

    @Test func `a synchronous handler ends before the next event begins`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("x") { (_: Socket, number: Int) in
                journal.note("begin \(number)")
                journal.note("end \(number)")
            }
            let peer = try Peer(port)
            for number in 0..<100 { try peer.send(#"2["x",\#(number)]"#) }
            #expect(journal.wait(for: 200) == (0..<100).flatMap { ["begin \($0)", "end \($0)"] })
        }
    }

    @Test func `no event begins within a handler, also when that lets another client's request go on`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("end") { (_: Socket, id: String) in
                journal.note("end begins")
                io.to(Room(id)).disconnectSockets(closingConnection: true)
                journal.note("end ends")
            }
            io.on("x") { (_: Socket) in journal.note("x") }
            let (ended, behind, peer) = (try PollingPeer(port), try PollingPeer(port), try Peer(port))
            // Two clients behind one proxy: the request of the second waits for the answer to the first.
            try ended.beginPoll(before: behind.request(posting: #"2["x"]"#))
            try peer.sync()
            try peer.send(#"2["end","\#(ended.sid)"]"#)
            #expect(journal.wait(for: 3) == ["end begins", "end ends", "x"])
        }
    }

    @Test func `what waits for the end of a turn is read before what arrives in it`() async throws {
        try await serve(loops: 1) { io, port in
            let (journal, proceed) = (Journal(), DispatchSemaphore(value: 0))
            answerSync(io)
            io.on("block") { (_: Socket) in
                journal.note("blocked")
                proceed.wait()
            }
            io.on("end") { (_: Socket, id: String) in io.to(Room(id)).disconnectSockets(closingConnection: true) }
            io.on("x") { (_: Socket, number: Int) in journal.note("x \(number)") }
            let (ended, behind) = (try PollingPeer(port), try PollingPeer(port))
            let (blocker, peer) = (try Peer(port), try Peer(port))
            try ended.beginPoll(before: behind.request(posting: #"2["x",1]"#))
            try peer.sync()
            try blocker.send(#"2["block"]"#)
            _ = journal.wait(for: 1)
            // Both are there when the loop looks next.
            try peer.send(#"2["end","\#(ended.sid)"]"#)
            try ended.send(behindPoll: behind.request(posting: #"2["x",2]"#))
            proceed.signal()
            #expect(journal.wait(for: 3) == ["blocked", "x 1", "x 2"])
        }
    }

    @Test func `asynchronous handlers start in order and interleave at their awaits`() async throws {
        let gate = Gate()
        try await serve { io, port in
            let journal = Journal()
            io.on("slow") { (_: Socket, number: Int) in
                journal.note("begin \(number)")
                await gate.passed()
                journal.note("end \(number)")
            }
            io.on("fast") { (_: Socket) in journal.note("fast") }
            let peer = try Peer(port)
            for number in 0..<20 { try peer.send(#"2["slow",\#(number)]"#) }
            try peer.send(#"2["fast"]"#)
            #expect(journal.wait(for: 21) == (0..<20).map { "begin \($0)" } + ["fast"])
            gate.open()
            #expect(Set(journal.wait(for: 41).suffix(20)) == Set((0..<20).map { "end \($0)" }))
        }
    }

    @Test func `asynchronous and synchronous handlers of both places start in the order received`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("a") { (_: Socket, number: Int) async in journal.note("a\(number)") }
            io.onConnection { socket in socket.on("b") { (number: Int) in journal.note("b\(number)") } }
            let peer = try Peer(port)
            for number in 0..<50 { try peer.send(#"2["\#(number % 2 == 0 ? "a" : "b")",\#(number)]"#) }
            #expect(journal.wait(for: 50) == (0..<50).map { "\($0 % 2 == 0 ? "a" : "b")\($0)" })
        }
    }

    @Test func `events of one polling payload are handled in order`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("x") { (_: Socket, number: Int) in journal.note("\(number)") }
            let peer = try PollingPeer(port)
            try peer.post((0..<50).map { #"42["x",\#($0)]"# }.joined(separator: "\u{1E}"))
            #expect(journal.wait(for: 50) == (0..<50).map(String.init))
        }
    }

    @Test func `once is called once`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            io.onConnection { socket in
                socket.once("x") { (number: Int) in journal.note("once \(number)") }
                socket.once(Event<Int>("x")) { number in journal.note("declared \(number)") }
                socket.on("x") { (number: Int) in journal.note("on \(number)") }
            }
            let peer = try Peer(port)
            try peer.send(#"2["x",1]"#)
            try peer.send(#"2["x",2]"#)
            try peer.sync()
            #expect(journal.lines == ["once 1", "declared 1", "on 1", "on 2"])
        }
    }

    @Test func `off removes the socket's handlers and leaves the namespace's`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("x") { (socket: Socket, _: Int) in
                journal.note("namespace")
                socket.off("x")
            }
            io.onConnection { socket in socket.on("x") { (_: Int) in journal.note("socket") } }
            let peer = try Peer(port)
            try peer.send(#"2["x",1]"#)
            try peer.send(#"2["x",2]"#)
            try peer.sync()
            // An event that is being handled is not disturbed.
            #expect(journal.lines == ["namespace", "socket", "namespace"])
            io.off("x")
            try peer.send(#"2["x",3]"#)
            try peer.sync()
            #expect(journal.lines.count == 3)
        }
    }

    @Test func `cancel removes one handler, in both places and from any thread`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            let kept = io.on("x") { (_: Socket) in journal.note("namespace kept") }
            let cancelled = io.on("x") { (_: Socket) in journal.note("namespace cancelled") }
            io.onConnection { socket in
                socket.on("x") { journal.note("socket kept") }
                let subscription = socket.on("x") { journal.note("socket cancelled") }
                socket.on("cancel") { subscription.cancel() }
            }
            let peer = try Peer(port)
            cancelled.cancel()
            try peer.send(#"2["cancel"]"#)
            try peer.send(#"2["x"]"#)
            try peer.sync()
            #expect(journal.lines == ["namespace kept", "socket kept"])
            kept.cancel()
            kept.cancel()
            try peer.send(#"2["x"]"#)
            try peer.sync()
            #expect(journal.lines.last == "socket kept" && journal.lines.count == 3)
        }
    }

    @Test func `onAny is called before the handlers, with the name and the arguments`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onAny { _, name, arguments in journal.note("all \(name) \(arguments.count)") }
            io.on("x") { (_: Socket, _: Int) in journal.note("namespace") }
            io.onConnection { socket in
                socket.onAny { name, arguments in journal.note("any \(name) \(arguments)") }
                socket.on("x") { (_: Int) in journal.note("socket") }
            }
            let peer = try Peer(port)
            try peer.send(#"2["x",1,"two",[null],true]"#)
            let arguments: [JSONValue] = [1, "two", [nil], true]
            #expect(journal.wait(for: 4) == ["all x 4", "any x \(arguments)", "namespace", "socket"])
            try peer.send(#"2["nobody's"]"#)
            #expect(journal.wait(for: 6).suffix(2) == ["all nobody's 0", "any nobody's []"])
        }
    }

    @Test func `an onAny that ends the socket is the last one called`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onAny { socket, _, _ in
                journal.note("first")
                socket.disconnect()
            }
            io.onAny { _, _, _ in journal.note("second") }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            #expect(try peer.receive() == "1")
            #expect(journal.lines == ["first"])
        }
    }

    @Test func `onAny sees bytes`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onAny { _, _, arguments in
                journal.note(arguments == [["a": .binary([1, 2])]] ? "bytes" : "\(arguments)")
            }
            let peer = try Peer(port)
            try peer.send(#"51-["x",{"a":{"_placeholder":true,"num":0}}]"#)
            try peer.send(binary: [1, 2])
            #expect(journal.wait(for: 1) == ["bytes"])
        }
    }

    @Test func `handlers registered late are called, for sockets that are there already`() async throws {
        try await serve { io, port in
            let peer = try Peer(port)
            io.on("late") { (_: Socket) in 1 }
            try peer.send(#"21["late"]"#)
            #expect(try peer.receive() == "31[1]")
        }
    }

    @Test func `onAny registered late is called for the next event already`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            let peer = try Peer(port)
            io.onAny { _, name, _ in journal.note(name) }
            try peer.send(#"2["first"]"#)
            try peer.sync()
            #expect(journal.wait(for: 2) == ["first", "sync"])
        }
    }

    @Test func `a handler that removes itself and ends its socket is not called again`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("x") { (socket: Socket) in
                journal.note("called")
                io.off("x")
                socket.disconnect()
            }
            let (first, second) = (try Peer(port), try Peer(port))
            try first.send(#"2["x"]"#)
            #expect(try first.receive() == "1")
            try second.send(#"2["x"]"#)
            answerSync(io)
            try second.sync()
            #expect(journal.lines == ["called"])
        }
    }

    @Test func `many names are told apart`() async throws {
        try await serve { io, port in
            let names = (0..<200).map { "event \($0)" }
            for (index, name) in names.enumerated() {
                guard let name = EventName(name) else { continue }
                io.on(name) { (_: Socket) in index }
            }
            let peer = try Peer(port)
            for (index, name) in names.enumerated() {
                try peer.send(#"2\#(index)["\#(name)"]"#)
                #expect(try peer.receive() == "3\(index)[\(index)]")
            }
        }
    }

    @Test func `a handler that disconnects the socket is the last one called`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("x") { (socket: Socket) in
                journal.note("first")
                socket.disconnect()
            }
            io.on("x") { (_: Socket) in journal.note("second") }
            io.onConnection { socket in socket.on("x") { journal.note("third") } }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            #expect(try peer.receive() == "1")
            #expect(journal.lines == ["first"])
        }
    }
}
