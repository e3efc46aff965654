import Foundation
import SocketIO
import Testing

/// What undoes something takes effect, whichever thread asked for either.
@Suite struct UndoTests {
    /// Opens a gate when it is encoded: right before its event is on its way.
    private struct Signal: Encodable, Sendable {
        let gate: Gate

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(1)
            gate.open()
        }
    }

    @Test func `a wait for an acknowledgement that the loop cancels is over at once`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.on("go") { (socket: Socket) in
                for _ in 0..<200 {
                    let encoded = Gate()
                    let task = Task.detached {
                        do throws(AckError) {
                            let _: Int = try await socket.emitWithAck("q", Signal(gate: encoded), timeout: .seconds(60))
                        } catch {
                            journal.note("\(error.code)")
                        }
                    }
                    // The request is in the mailbox of this loop, or about to be.
                    _ = encoded.wait()
                    task.cancel()
                }
            }
            let peer = try Peer(port)
            try peer.send(#"2["go"]"#)
            let codes = journal.wait(for: 200)
            #expect(codes.count == 200 && codes.allSatisfy { $0 == "cancelled" })
        }
    }

    @Test func `a handler that another thread registered and the loop cancelled is not called`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("go") { (socket: Socket) in
                let registered = Gate()
                let box = SubscriptionBox()
                Thread.detachNewThread {
                    box.subscription = socket.on("x") { () in journal.note("called") }
                    registered.open()
                }
                _ = registered.wait()
                box.subscription?.cancel()
            }
            let peer = try Peer(port)
            try peer.send(#"2["go"]"#)
            // With this the loop has got to what the thread asked.
            #expect(await io.counts().sockets == 1)
            try peer.send(#"2["x"]"#)
            try peer.sync()
            #expect(journal.lines == [])
        }
    }

    @Test func `a handler that was cancelled on the loop is not called by the next event of the same read`()
        async throws
    {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            answerSync(io)
            io.onConnection { socket in
                let subscription = socket.on("x") { () in journal.note("called") }
                socket.on("cancel") { () in subscription.cancel() }
            }
            let peer = try Peer(port)
            try peer.raw.send([#"2["x"]"#, #"2["cancel"]"#, #"2["x"]"#].flatMap { RawClient.textFrame("4" + $0) })
            try peer.sync()
            #expect(journal.lines == ["called"])
        }
    }
}

/// `@unchecked Sendable`: written before a gate opens, read after.
private final class SubscriptionBox: @unchecked Sendable {
    var subscription: EventSubscription?
}
