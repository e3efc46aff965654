import SocketIO
import Testing

extension SocketKey {
    fileprivate static var nick: SocketKey<String> { SocketKey<String>("nick") }
}

@Suite struct RemoteSocketTests {
    @Test func `the sockets of a selection are found on all loops, with what they were`() async throws {
        try await serve(loops: 4) { io, port in
            answerSync(io)
            io.on("be") { (socket: Socket, name: String) in
                socket[.nick] = name
                if name != "ada" { socket.join("others") }
            }
            let names = ["ada", "bob", "cem", "dan", "eve", "fay"]
            let peers = try names.map { _ in try Peer(port, query: "&from=here") }
            for (peer, name) in zip(peers, names) {
                try peer.send(#"2["be","\#(name)"]"#)
                try peer.sync()
            }
            let all = await io.sockets()
            #expect(all.isComplete)
            #expect(Set(all.map(\.id)) == Set(peers.map { SocketID($0.sid) }))
            #expect(Set(all.compactMap { $0[.nick] }) == Set(names))
            #expect(all.allSatisfy { $0.handshake.query["from"] == "here" })
            let others = await io.to("others").except(SocketID(peers[1].sid)).sockets()
            #expect(Set(others.compactMap { $0[.nick] }) == Set(names.dropFirst(2)))
            #expect(others.allSatisfy { $0.rooms == [Room($0.id), "others"] })
            let nobody = await io.to("nobody").sockets()
            #expect(nobody.isEmpty && nobody.isComplete)
        }
    }

    @Test func `a socket that was found can be talked to, moved and disconnected`() async throws {
        try await serve(loops: 2) { io, port in
            answerSync(io)
            let peers = try (0..<4).map { _ in try Peer(port) }
            for peer in peers {
                let found = try #require(await io.to(SocketID(peer.sid)).sockets().first)
                found.emit("hello", peer.sid)
                #expect(try peer.receive() == #"2["hello","\#(peer.sid)"]"#)

                async let sum: Int = found.emitWithAck("add", 1, 2, timeout: .seconds(60))
                let question = try peer.receive()
                let id = question.dropFirst().prefix { $0.isNumber }
                #expect(question == #"2\#(id)["add",1,2]"#)
                try peer.send("3\(id)[3]")
                #expect(try await sum == 3)

                found.join("a", "b")
                found.leave("a")
                #expect(await io.to("a").sockets().isEmpty)
                #expect(await io.to("b").sockets().map(\.id) == [found.id])

                found.disconnect()
                #expect(try peer.receive() == "1")
                #expect(await io.to(found.id).sockets().isEmpty)
                await #expect(throws: AckError(.disconnected)) {
                    let _: Int = try await found.emitWithAck("add", 1, 2)
                }
            }
        }
    }

    @Test func `a server that does not listen has no sockets`() async {
        let found = await SocketIOServer().sockets()
        #expect(found.isEmpty && found.isComplete)
    }

    @Test func `a loop that does not answer in time leaves the search incomplete`() async throws {
        try await serve(loops: 2) { io, port in
            answerSync(io)
            let (entered, gate) = (Gate(), Gate())
            io.on("block") { (_: Socket) in
                entered.open()
                _ = gate.wait()
            }
            let peers = try (0..<2).map { _ in try Peer(port) }
            try peers[0].send(#"2["block"]"#)
            #expect(entered.wait())
            let found = await io.sockets(timeout: .seconds(2))
            gate.open()
            #expect(!found.isComplete)
            #expect(found.map(\.id) == [SocketID(peers[1].sid)])
            try peers[0].sync()
        }
    }

    @Test func `sockets are found while others come and go`() async throws {
        try await serve(loops: 2) { io, port in
            answerSync(io)
            let stays = try Peer(port)
            for _ in 0..<20 {
                let passing = try (0..<50).map { _ in try Peer(port) }
                async let found = io.sockets()
                for peer in passing { peer.raw.abort() }
                let sockets = await found
                #expect(sockets.isComplete && sockets.contains { $0.id == SocketID(stays.sid) })
            }
        }
    }
}
