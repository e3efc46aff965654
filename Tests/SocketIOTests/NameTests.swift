import SocketIO
import Testing

/// Names are compared by their bytes, as JavaScript's are.
@Suite struct NameTests {
    @Test func `a room cannot be reached by another spelling of its name`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.onConnection { $0.join("user:K", "caf\u{E9}") }
            let peer = try Peer(port)
            io.to("user:\u{212A}").emit("leak")
            io.to("cafe\u{301}").emit("leak")
            io.except("user:\u{212A}").emit("all")
            io.to("user:K").emit("own")
            #expect(try [peer.receive(), peer.receive()] == [#"2["all"]"#, #"2["own"]"#])
        }
    }

    @Test func `a socket can be in two rooms whose names differ in their spelling`() async throws {
        try await serve { io, port in
            io.on("join") { (socket: Socket) in
                socket.join("caf\u{E9}", "cafe\u{301}")
                return socket.rooms.count
            }
            let peer = try Peer(port)
            try peer.send(#"21["join"]"#)
            #expect(try peer.receive() == "31[3]")
        }
    }

    @Test func `two spellings make two namespaces`() async throws {
        try await serve { io, port in
            io.namespace("/caf\u{E9}").onConnection { $0.emit("composed") }
            let peer = try Peer(port)
            try peer.send("0/cafe\u{301},")
            #expect(Array(try peer.receive().utf8) == Array("4/cafe\u{301},{\"message\":\"Invalid namespace\"}".utf8))
            // The accent belongs to the slash for Swift, not for the protocol.
            #expect(io.namespace("/\u{301}x").name.utf8.elementsEqual("/\u{301}x".utf8))
        }
    }

    @Test func `an event is not handled by another spelling of its name`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.on("caf\u{E9}") { (socket: Socket) in socket.emit("composed") }
            io.on("cafe\u{301}") { (socket: Socket) in socket.emit("parts") }
            let peer = try Peer(port)
            try peer.send("2[\"cafe\u{301}\"]")
            try peer.send("2[\"caf\u{E9}\"]")
            #expect(try [peer.receive(), peer.receive()] == [#"2["parts"]"#, #"2["composed"]"#])
            #expect(EventName("caf\u{E9}") != EventName("cafe\u{301}"))
        }
    }

    @Test func `of two keys that differ in their spelling both arrive`() async throws {
        try await serve { io, port in
            io.on("count") { (_: Socket, value: JSONValue) in value.objectValue?.count ?? 0 }
            let peer = try Peer(port)
            try peer.send("21[\"count\",{\"caf\u{E9}\":1,\"cafe\u{301}\":2}]")
            #expect(try peer.receive() == "31[2]")
        }
    }
}
