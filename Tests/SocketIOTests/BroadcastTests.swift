import Foundation
import SocketIO
import Testing

@Suite struct BroadcastTests {
    @Test func `with four loops and many sockets, every member gets each message once and nobody else`() async throws {
        try await serve(loops: 4) { io, port in
            let journal = Journal()
            io.onConnection { socket in
                let index = Int(socket.handshake.query["index"] ?? "") ?? 0
                if index.isMultiple(of: 2) { socket.join("even") }
                if index.isMultiple(of: 3) { socket.join("third") }
                if index.isMultiple(of: 5) { socket.join("fifth") }
                journal.note("")
            }
            let peers = try (0..<60).map { try Peer(port, query: "&index=\($0)") }
            #expect(journal.wait(for: 60).count == 60)
            for number in 0..<20 {
                io.to("even", "third").except("fifth").emit("n", number)
                io.to("fifth").emit("n", 100 + number)
            }
            io.emit("end")
            for (index, peer) in peers.enumerated() {
                let chosen = (index.isMultiple(of: 2) || index.isMultiple(of: 3)) && !index.isMultiple(of: 5)
                let isFifth = index.isMultiple(of: 5)
                for number in 0..<20 {
                    if chosen { #expect(try peer.receive() == #"2["n",\#(number)]"#) }
                    if isFifth { #expect(try peer.receive() == #"2["n",\#(100 + number)]"#) }
                }
                #expect(try peer.receive() == #"2["end"]"#)
            }
        }
    }

    @Test func `lists of rooms are joined, left, sent to and left out like rooms one by one`() async throws {
        try await serve { io, port in
            let names = (0..<1_000).map { Room("room \($0)") }
            io.on("enter") { (socket: Socket) in
                socket.join(names)
                return socket.rooms.count
            }
            io.on("exit") { (socket: Socket) in
                socket.leave(names)
                return socket.rooms.count
            }
            let inside = try Peer(port)
            let outside = try Peer(port)
            try inside.send(#"21["enter"]"#)
            #expect(try inside.receive() == "31[1001]")
            io.to(names).emit("in")
            io.except(names).emit("out")
            #expect(try inside.receive() == #"2["in"]"#)
            #expect(try outside.receive() == #"2["out"]"#)
            // By then its loop has left it out.
            io.to(SocketID(inside.sid)).emit("next")
            #expect(try inside.receive() == #"2["next"]"#)
            try inside.send(#"22["exit"]"#)
            #expect(try inside.receive() == "32[1]")
            io.to(names).emit("in")
            io.emit("end")
            #expect(try inside.receive() == #"2["end"]"#)
            #expect(try outside.receive() == #"2["end"]"#)
        }
    }

    @Test func `attachments reach many sockets whole`() async throws {
        try await serve(loops: 1) { io, port in
            io.onConnection { $0.join("room") }
            let peers = try (0..<80).map { _ in try Peer(port) }
            let bytes = [UInt8]((0..<15_000).map { UInt8(truncatingIfNeeded: $0) })
            // Together more than a loop gathers before it sends.
            io.emit("bytes", bytes, bytes)
            io.to("room").emit("after", 1)
            for peer in peers {
                #expect(
                    try peer.receive()
                        == #"52-["bytes",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#)
                #expect(try peer.receiveBinary() == bytes)
                #expect(try peer.receiveBinary() == bytes)
                #expect(try peer.receive() == #"2["after",1]"#)
            }
        }
    }

    @Test func `polling and WebSocket clients get the same`() async throws {
        try await serve { io, port in
            let poller = try PollingPeer(port)
            let peer = try Peer(port)
            io.emit("x", Data([1]))
            io.emit("y", "ü")
            #expect(try peer.receive() == #"51-["x",{"_placeholder":true,"num":0}]"#)
            #expect(try peer.receiveBinary() == [1])
            #expect(try peer.receive() == #"2["y","ü"]"#)
            #expect(try poller.receive() == #"51-["x",{"_placeholder":true,"num":0}]"#)
            #expect(try poller.receive() == "bAQ==")
            #expect(try poller.receive() == #"2["y","ü"]"#)
        }
    }

    @Test func `a member that overflows in the middle of a broadcast disturbs it for nobody`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 10_000 }) { io, port in
            answerSync(io)
            io.onConnection { socket in
                socket.join("a", "b")
                if socket.handshake.query["muted"] != nil { socket.join("muted") }
            }
            let text = String(repeating: "y", count: 50_000)
            // Application code that broadcasts, and more than the loop's scratch holds.
            io.onDisconnect { _, _ in io.emit("left", text) }
            let peers = try (0..<10).map { _ in try Peer(port) }
            let muted = try (0..<10).map { _ in try Peer(port, query: "&muted=1") }
            let pollers = try (0..<10).map { _ in try PollingPeer(port) }
            // Polling clients without a poll are over their limit at once.
            io.to("a", "b").except("muted").emit("x", String(repeating: "x", count: 20_000))
            #expect(await eventually { await io.counts().sockets == 20 })
            io.emit("end")
            for (peer, isMuted) in peers.map({ ($0, false) }) + muted.map({ ($0, true) }) {
                if !isMuted { #expect(try peer.receive().hasPrefix(#"2["x","#)) }
                for _ in pollers { #expect(try peer.receive().hasPrefix(#"2["left","#)) }
                #expect(try peer.receive() == #"2["end"]"#)
            }
        }
    }

    @Test func `a member that is lost in the middle of a broadcast disturbs it for nobody`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 300_000 }) { io, port in
            io.onConnection { socket in
                if socket.handshake.query["muted"] != nil { socket.join("muted") }
            }
            io.onDisconnect { _, _ in io.emit("left") }
            let muted = try (0..<10).map { _ in try Peer(port, query: "&muted=1") }
            let deaf = try (0..<3).map { _ in try Peer(port, receiveBuffer: 4096) }
            let peer = try Peer(port)
            let bytes = [UInt8](repeating: 1, count: 200_000)
            var left = 0
            for _ in 0..<100 where left < deaf.count {
                // Sent from where it lies, so that a client over its limit is found between two others.
                io.except("muted").emit("x", bytes)
                var packet = try peer.receive()
                while packet == #"2["left"]"# {
                    left += 1
                    packet = try peer.receive()
                }
                #expect(packet.hasPrefix(#"51-["x","#))
                let received = try peer.receiveBinary()
                #expect(received == bytes)
            }
            #expect(await eventually { await io.counts().sockets == 11 })
            io.emit("end")
            for peer in muted {
                for _ in deaf { #expect(try peer.receive() == #"2["left"]"#) }
                #expect(try peer.receive() == #"2["end"]"#)
            }
        }
    }

    @Test func `handlers on all loops broadcast at the same time without a loss`() async throws {
        try await serve(loops: 4) { io, port in
            io.on("say") { (socket: Socket, text: String) in io.emit("said", socket.id, text) }
            let peers = try (0..<8).map { _ in try Peer(port) }
            for number in 0..<25 {
                for peer in peers { try peer.send(#"2["say","\#(number)"]"#) }
            }
            for peer in peers {
                var next: [String: Int] = [:]
                for _ in 0..<200 {
                    let words = try peer.receive().split(separator: "\"").map(String.init)
                    // 2[ said , <id> , <number> ]
                    try #require(words.count == 7)
                    #expect(Int(words[5]) == next[words[3], default: 0])
                    next[words[3], default: 0] += 1
                }
                #expect(next.values.allSatisfy { $0 == 25 } && next.count == 8)
            }
        }
    }
}
