import SocketIO
import Synchronization
import Testing

extension Request {
    fileprivate static var double: Request<Int, Int> { Request<Int, Int>("double", replying: Int.self) }
    fileprivate static var late: Request<Int, Int> { Request<Int, Int>("late", replying: Int.self) }
}

/// Handlers that answer by a trailing `Ack`.
@Suite struct AckParameterTests {
    @Test func `every form of a handler with an Ack answers`() async throws {
        try await serve { io, port in
            let name = "text " + String(1)
            io.on("shared") { (_: Socket, a: Int, b: Int, ack: Ack<Int>) in ack(a + b) }
            io.on("shared async") { (_: Socket, a: Int, b: Int, ack: Ack<Int>) in
                await Task.yield()
                ack(a + b)
            }
            io.on(name) { (_: Socket, a: Int, b: Int, ack: Ack<Int>) in ack(a + b) }
            io.on(.double) { _, number, ack in ack(number * 2) }
            io.onConnection { socket in
                socket.on("own") { (a: Int, b: Int, ack: Ack<Int>) in ack(a + b) }
                socket.on("own async") { (a: Int, b: Int, ack: Ack<Int>) in
                    await Task.yield()
                    ack(a + b)
                }
                socket.on("own " + name) { (a: Int, b: Int, ack: Ack<Int>) in ack(a + b) }
                socket.on(.late) { number, ack in
                    await Task.yield()
                    ack(number * 2)
                }
            }
            let peer = try Peer(port)
            for name in ["shared", "shared async", name, "own", "own async", "own " + name] {
                try peer.send(#"25["\#(name)",3,4]"#)
                #expect(try peer.receive() == "35[7]", "\(name)")
                // Nobody asks.
                try peer.send(#"2["\#(name)",3,4]"#)
            }
            for name in ["double", "late"] {
                try peer.send(#"26["\#(name)",4]"#)
                #expect(try peer.receive() == "36[8]", "\(name)")
            }
            #expect(try peer.raw.isSilent(for: .milliseconds(30)))
        }
    }

    @Test func `an Ack has none, one or several values, bytes among them`() async throws {
        try await serve { io, port in
            io.on("none") { (_: Socket, ack: Ack<>) in ack() }
            io.on("two") { (_: Socket, ack: Ack<Int, [UInt8]>) in ack(1, [2, 3]) }
            io.on("json") { (_: Socket, ack: Ack<JSONValue, String?>) in ack(["a": 1], nil) }
            let peer = try Peer(port)
            try peer.send(#"21["none"]"#)
            #expect(try peer.receive() == "31[]")
            try peer.send(#"22["two"]"#)
            #expect(try peer.receive() == #"61-2[1,{"_placeholder":true,"num":0}]"#)
            #expect(try peer.receiveBinary() == [2, 3])
            try peer.send(#"23["json"]"#)
            #expect(try peer.receive() == #"33[{"a":1},null]"#)
        }
    }

    @Test func `an Ack may be called later, from any thread, and does not count as a handler under way`() async throws {
        try await serve({ $0.limits.handlersInFlight = 1 }) { io, port in
            answerSync(io)
            let kept = Kept<Ack<Int>>()
            io.on("x") { (_: Socket, ack: Ack<Int>) async in kept.put(ack) }
            let peer = try Peer(port)
            for id in 0..<3 { try peer.send(#"2\#(id)["x"]"#) }
            try peer.sync()
            let acks = kept.all
            #expect(acks.count == 3)
            for (id, ack) in acks.enumerated().reversed() {
                ack(id)
                #expect(try peer.receive() == "3\(id)[\(id)]")
            }
        }
    }

    @Test func `an Ack that is called again is dropped and reported once; one that is not called sends nothing`()
        async throws
    {
        try await serve { io, port in
            answerSync(io)
            let errors = Journal()
            io.onHandlerError { errors.note("\($0.error)") }
            io.on("again") { (_: Socket, ack: Ack<Int>) in for number in 1...300 { ack(number) } }
            io.on("never") { (_: Socket, ack: Ack<Int>) in _ = ack }
            let peer = try Peer(port)
            try peer.send(#"21["again"]"#)
            #expect(try peer.receive() == "31[1]")
            try peer.send(#"22["never"]"#)
            try peer.sync()
            #expect(errors.lines.count == 1)
            #expect(errors.lines.first?.contains("called again") == true)
        }
    }

    @Test func `an Ack tells whether it was asked for`() async throws {
        try await serve { io, port in
            io.on("x") { (socket: Socket, ack: Ack<Int>) in
                socket.emit("asked", ack.isRequested)
                ack(1)
                if !ack.isRequested { ack(2) }
            }
            let peer = try Peer(port)
            try peer.send(#"2["x"]"#)
            #expect(try peer.receive() == #"2["asked",false]"#)
            try peer.send(#"21["x"]"#)
            #expect(try peer.receive() == #"2["asked",true]"#)
            #expect(try peer.receive() == "31[1]")
        }
    }

    @Test func `an Ack of a socket that is gone is dropped`() async throws {
        try await serve { io, port in
            let kept = Kept<Ack<Int>>()
            let gone = Journal()
            io.on("x") { (socket: Socket, ack: Ack<Int>) in
                kept.put(ack)
                socket.disconnect()
            }
            io.onDisconnect { _, _ in gone.note("gone") }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            #expect(try peer.receive() == "1")
            _ = gone.wait(for: 1)
            for ack in kept.all { ack(1) }
            #expect(try peer.raw.isSilent(for: .milliseconds(30)))
        }
    }

    @Test func `the first that can answer does: an Ack, a value, and not those without`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.on("ack first") { (_: Socket) -> Void in }
            io.on("ack first") { (_: Socket, ack: Ack<Int>) in ack(1) }
            io.on("ack first") { (_: Socket) in 2 }
            io.on("value first") { (_: Socket) in 2 }
            io.on("value first") { (_: Socket, ack: Ack<Int>) in ack(1) }
            let peer = try Peer(port)
            try peer.send(#"21["ack first"]"#)
            #expect(try peer.receive() == "31[1]")
            try peer.send(#"22["value first"]"#)
            #expect(try peer.receive() == "32[2]")
            try peer.sync()
        }
    }
}

/// What handlers were given, for the test to use on its own thread.
private final class Kept<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }

    func put(_ value: Value) {
        values.withLock { $0.append(value) }
    }
}
