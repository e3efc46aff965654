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
