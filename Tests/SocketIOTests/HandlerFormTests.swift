import SocketIO
import Testing

extension Event {
    fileprivate static var pair: Event<Int, String> { Event<Int, String>("pair") }
    fileprivate static var pairAsync: Event<Int, String> { Event<Int, String>("pair async") }
    fileprivate static var bare: Event<> { .init("bare") }
}

extension Request {
    fileprivate static var sum: Request<Int, Int, Int> { Request<Int, Int, Int>("sum", replying: Int.self) }
    fileprivate static var sumAsync: Request<Int, Int, Int> { Request<Int, Int, Int>("sum async", replying: Int.self) }
}

/// Synchronous or not, with a reply or not, declared or not, on the namespace or on the socket.
@Suite struct HandlerFormTests {
    @Test func `every form of a namespace's handlers is called`() async throws {
        try await serve { io, port in
            io.on(.pair) { socket, number, text in socket.emit("got", "pair", number, text) }
            io.on(.pairAsync) { socket, number, text in
                await Task.yield()
                socket.emit("got", "pair async", number, text)
            }
            io.on(.sum) { _, left, right in left + right }
            io.on(.sumAsync) { _, left, right in
                await Task.yield()
                return left + right
            }
            io.on("loose") { (socket: Socket, number: Int, text: String) in socket.emit("got", "loose", number, text) }
            io.on("loose async") { (socket: Socket, number: Int, text: String) in
                await Task.yield()
                socket.emit("got", "loose async", number, text)
            }
            io.on("difference") { (_: Socket, left: Int, right: Int) in left - right }
            io.on("difference async") { (_: Socket, left: Int, right: Int) in
                await Task.yield()
                return left - right
            }
            try Self.callAll(try Peer(port))
        }
    }

    @Test func `every form of a socket's handlers is called`() async throws {
        try await serve { io, port in
            io.onConnection { socket in
                socket.on(.pair) { number, text in socket.emit("got", "pair", number, text) }
                socket.on(.pairAsync) { number, text in
                    await Task.yield()
                    socket.emit("got", "pair async", number, text)
                }
                socket.on(.sum) { left, right in left + right }
                socket.on(.sumAsync) { left, right in
                    await Task.yield()
                    return left + right
                }
                socket.on("loose") { (number: Int, text: String) in socket.emit("got", "loose", number, text) }
                socket.on("loose async") { (number: Int, text: String) in
                    await Task.yield()
                    socket.emit("got", "loose async", number, text)
                }
                socket.on("difference") { (left: Int, right: Int) in left - right }
                socket.on("difference async") { (left: Int, right: Int) in
                    await Task.yield()
                    return left - right
                }
            }
            try Self.callAll(try Peer(port))
        }
    }

    private static func callAll(_ peer: Peer) throws {
        for name in ["pair", "pair async", "loose", "loose async"] {
            try peer.send(#"2["\#(name)",7,"x"]"#)
            #expect(try peer.receive() == #"2["got","\#(name)",7,"x"]"#)
            // Nobody replies, so that the acknowledgement has no value.
            try peer.send(#"25["\#(name)",8,"y"]"#)
            #expect(try peer.receive() == #"2["got","\#(name)",8,"y"]"#)
            #expect(try peer.receive() == "35[]")
        }
        for (name, reply) in [("sum", 9), ("sum async", 9), ("difference", 5), ("difference async", 5)] {
            try peer.send(#"20["\#(name)",7,2]"#)
            #expect(try peer.receive() == "30[\(reply)]")
            // Nobody asked.
            try peer.send(#"2["\#(name)",7,2]"#)
        }
        #expect(try peer.raw.isSilent(for: .milliseconds(30)))
    }

    @Test func `events without arguments, with one and with many`() async throws {
        try await serve { io, port in
            io.on(.bare) { socket in socket.emit("none") }
            io.on("one") { (_: Socket, only: Int) in only }
            io.on("many") { (_: Socket, a: Int, b: Int, c: Int, d: Int, e: Int, f: Int) in [a, b, c, d, e, f] }
            let peer = try Peer(port)
            try peer.send(#"2["bare"]"#)
            #expect(try peer.receive() == #"2["none"]"#)
            try peer.send(#"21["one",1]"#)
            #expect(try peer.receive() == "31[1]")
            try peer.send(#"22["many",1,2,3,4,5,6]"#)
            #expect(try peer.receive() == "32[[1,2,3,4,5,6]]")
        }
    }

    @Test func `a reply of nothing is an empty acknowledgement, and nil is null`() async throws {
        try await serve { io, port in
            io.on("nil") { (_: Socket) -> Int? in nil }
            io.on("void") { (_: Socket) in }
            let peer = try Peer(port)
            try peer.send(#"21["void"]"#)
            #expect(try peer.receive() == "31[]")
            try peer.send(#"22["nil"]"#)
            #expect(try peer.receive() == "32[null]")
        }
    }
}
