import SocketIO
import Testing

/// Each limit of `SocketIOServer.Limits` at its value and one over it; those of acknowledgements, rooms, namespaces and
/// depth are with their subjects.
@Suite struct LimitTests {
    /// Sends an event with attachments of these sizes; whether it is acknowledged, or the connection closed.
    private func isServed(
        _ sizes: [Int], _ configure: (inout SocketIOServer.Configuration) -> Void
    ) async throws -> Bool {
        var answer = false
        try await serve(loops: 1, configure) { io, port in
            io.on("x") { (_: Socket) in 1 }
            let peer = try Peer(port)
            try peer.send(#"5\#(sizes.count)-1["x"]"#)
            for size in sizes { try? peer.send(binary: Array(repeating: 7, count: size)) }
            let frame = try peer.raw.receiveFrame()
            answer = frame.text == "431[1]"
            #expect(answer || frame.opcode == .close)
        }
        return answer
    }

    @Test func `attachmentsPerPacket`() async throws {
        #expect(try await isServed([1, 1, 1]) { $0.limits.attachmentsPerPacket = 3 })
        #expect(try await !isServed([1, 1, 1, 1]) { $0.limits.attachmentsPerPacket = 3 })
        #expect(try await !isServed([1]) { $0.limits.attachmentsPerPacket = 0 })
        let one = Array(repeating: 1, count: 10)
        #expect(try await isServed(one) { _ in })
        #expect(try await !isServed(one + [1]) { _ in })
    }

    @Test func `attachmentsPerPacket holds for what is sent, too, and says so where it is emitted`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.onHandlerError { journal.note("\($0.error is EncodingError)") }
            answerSync(io)
            let all = [[UInt8]](repeating: [7], count: 11)
            io.on("emit") { (socket: Socket, count: Int) in
                socket.emit("one", Array(all[..<count]))
                socket.emit("two", 1, Array(all[..<count]))
                socket.volatile.emit("volatile", Array(all[..<count]))
            }
            io.on("reply") { (_: Socket, count: Int) in Array(all[..<count]) }
            io.on("echo") { (_: Socket, value: JSONValue) in value }
            io.on("ask") { (socket: Socket) in
                let _: Int = try await socket.emitWithAck("q", all)
            }
            let peer = try Peer(port)
            try peer.send(#"2["emit",11]"#)
            try peer.send(#"21["reply",11]"#)
            io.emit("broadcast", all)
            try peer.sync()
            #expect(journal.wait(for: 4) == ["true", "true", "true", "true"])
            // The attachment is named more often than a packet may have some.
            let names = [String](repeating: #"{"_placeholder":true,"num":0}"#, count: 30_000).joined(separator: ",")
            try peer.send("51-2[\"echo\",[\(names)]]")
            try peer.send(binary: [UInt8](repeating: 1, count: 16_000))
            try peer.send(#"2["ask"]"#)
            try peer.sync()
            #expect(journal.wait(for: 7).count == 7)
            try peer.send(#"21["reply",10]"#)
            #expect(try peer.receive().hasPrefix(#"610-1[["#))
            for _ in 0..<10 { #expect(try peer.receiveBinary() == [7]) }
            try peer.sync()
        }
    }

    @Test func `roomNameBytes`() async throws {
        try await serve(loops: 1, { $0.limits.roomNameBytes = 10 }) { io, port in
            io.on("join") { (socket: Socket, name: String) in
                socket.join(Room(name), "ok")
                return socket.rooms.contains(Room(name)) && socket.rooms.contains("ok")
            }
            let peer = try Peer(port)
            try peer.send(#"21["join","0123456789"]"#)
            #expect(try peer.receive() == "31[true]")
            try peer.send("22[\"join\",\"12345678\u{E9}\"]")
            #expect(try peer.receive() == "32[true]")
            try peer.send("23[\"join\",\"123456789\u{E9}\"]")
            #expect(try peer.receive() == "33[false]")
            #expect(await io.counts().rooms == 3)
        }
    }

    @Test func `attachmentBytes`() async throws {
        #expect(try await isServed([600, 400]) { $0.limits.attachmentBytes = 1000 })
        #expect(try await !isServed([600, 401]) { $0.limits.attachmentBytes = 1000 })
        #expect(try await !isServed([1001, 1]) { $0.limits.attachmentBytes = 1000 })
        #expect(try await isServed([0, 0]) { $0.limits.attachmentBytes = 0 })
    }

    @Test func `attachmentTime counts from the packet, whatever comes meanwhile`() async throws {
        try await serve(loops: 1, { $0.limits.attachmentTime = .milliseconds(60) }) { io, port in
            let peer = try Peer(port)
            let start = ContinuousClock.now
            try peer.send(#"510-["x"]"#)
            let silent = try peer.raw.isSilent(for: .milliseconds(40))
            #expect(silent)
            try peer.send(binary: [1])
            #expect(peer.isClosedByServer())
            #expect(ContinuousClock.now - start < .milliseconds(1000))
            #expect(await io.metrics.limitsMet == ["attachmentTime": 1])
        }
    }

    @Test func `a packet in time does not disturb the next`() async throws {
        try await serve(loops: 1, { $0.limits.attachmentTime = .milliseconds(40) }) { io, port in
            answerSync(io)
            let peer = try Peer(port)
            try peer.send(#"51-["x"]"#)
            try peer.send(binary: [1])
            let silent = try peer.raw.isSilent(for: .milliseconds(80))
            #expect(silent)
            try peer.sync()
        }
    }
}
