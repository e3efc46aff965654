import SocketIO
import Testing

/// What a socket says of the transport of its client.
@Suite(.timeLimit(.minutes(2))) struct TransportTests {
    @Test func `a socket tells what its client's packets travel by, and when that changes`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.on("transport") { (socket: Socket) in socket.transport.rawValue }
            let journal = Journal()
            io.onConnection { socket in
                journal.note("connected \(socket.transport.rawValue)")
                socket.onUpgrade {
                    journal.note("upgraded \(socket.transport.rawValue)")
                    // The session has changed all that there is to change.
                    socket.emit("upgraded")
                }
            }
            let poller = try PollingPeer(port)
            #expect(journal.wait(for: 1) == ["connected polling"])
            let peer = try Peer(port, upgrading: poller)
            #expect(try peer.receive() == #"2["upgraded"]"#)
            #expect(journal.lines == ["connected polling", "upgraded websocket"])
            try peer.send(#"21["transport"]"#)
            #expect(try peer.receive() == #"31["websocket"]"#)
            // Nothing changes for whoever begins so.
            let other = try Peer(port)
            try other.sync()
            #expect(journal.lines.last == "connected websocket")
        }
    }

    @Test func `every namespace hears of it, and a socket that has gone, or taken its handlers back, does not`()
        async throws
    {
        try await serve { io, port in
            let journal = Journal()
            for name in ["/", "/a", "/b", "/c"] {
                io.namespace(name).onConnection { socket in
                    socket.onUpgrade { journal.note("\(name) upgraded") }
                    socket.onUpgrade { throw Refused() }
                    if name == "/b" { socket.disconnect() }
                    if name == "/c" { socket.off() }
                }
            }
            io.onHandlerError { journal.note("\($0.error)") }
            let poller = try PollingPeer(port)
            // Told last is the one that hears it.
            for name in ["/b", "/c", "/a"] { try poller.send("0\(name),") }
            let peer = try Peer(port, upgrading: poller)
            let lines = journal.wait(for: 4)
            #expect(lines.sorted() == ["/ upgraded", "/a upgraded", "Refused()", "Refused()"])
            peer.raw.close()
        }
    }

    private struct Refused: Error {}
}
