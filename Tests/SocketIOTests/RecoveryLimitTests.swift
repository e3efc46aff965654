import SocketIO
import TestSupport
import Testing

/// How long, for how many events and of how many clients something is kept.
@Suite struct RecoveryLimitTests {
    @Test func `who is away too long, or for too many events, comes back as somebody new`() async throws {
        try await serveRecovering {
            $0.recovery = .init(maxDisconnection: .nanoseconds(1))
        } _: { io, port in
            let peer = try ReturningPeer(port)
            peer.cut()
            await waitUntilGone(io, peer)
            try peer.comeBack()
            #expect(!peer.isRecovered)
        }
        try await serveRecovering {
            $0.recovery = .init(packets: 10)
        } _: { io, port in
            for count in [10, 11] {
                let peer = try ReturningPeer(port)
                peer.cut()
                await waitUntilGone(io, peer)
                for number in 0..<count { io.emit("e", number) }
                try peer.comeBack()
                #expect(peer.isRecovered == (count == 10) && peer.received.count == (count == 10 ? 10 : 0))
            }
        }
    }

    @Test func `a client that missed nothing is recovered, however much was sent to others before`() async throws {
        try await serveRecovering {
            $0.recovery = .init(packets: 10)
        } _: { io, port in
            let (quiet, busy) = (try ReturningPeer(port), try ReturningPeer(port))
            for round in 1...3 {
                for number in 0..<50 { io.to(SocketID(busy.sid)).emit("e", number) }
                try busy.sync(until: busy.received.count + 50)
                if round == 2 {
                    io.to(SocketID(quiet.sid)).emit("e", "once")
                    try quiet.sync(until: 1)
                    for number in 0..<50 { io.to(SocketID(busy.sid)).emit("e", number) }
                    try busy.sync(until: busy.received.count + 50)
                }
                quiet.cut()
                await waitUntilGone(io, quiet)
                try quiet.comeBack()
                #expect(quiet.isRecovered && quiet.received == (round == 1 ? [] : ["once"]))
            }
        }
    }

    @Test func `who has been away longest goes first where there are too many`() async throws {
        try await serveRecovering {
            $0.recovery = .init(sessions: 3)
        } _: { io, port in
            let peers = try (0..<5).map { _ in try ReturningPeer(port) }
            for peer in peers {
                peer.cut()
                await waitUntilGone(io, peer)
            }
            for peer in peers { try peer.comeBack() }
            #expect(peers.map(\.isRecovered) == [false, false, true, true, true])
        }
    }

    @Test func `what was kept with a client that is forgotten ends, and may use the server as it does`() async throws {
        let journal = Journal()
        final class Kept: Sendable {
            let ended: @Sendable () -> Void
            init(_ ended: @escaping @Sendable () -> Void) { self.ended = ended }
            deinit { ended() }
        }
        let key = SocketKey<Kept>("kept")
        try await serveRecovering {
            $0.recovery = .init(sessions: 1)
        } _: { io, port in
            io.onConnection { socket in
                // Who comes back has it still.
                guard !socket.isRecovered else { return }
                let id = socket.id
                socket[key] = Kept { [weak io] in
                    io?.to(id).emit("e", 1)
                    io?.disconnectSockets()
                    journal.note("\(id)")
                }
            }
            let peers = try (0..<2).map { _ in try ReturningPeer(port) }
            for peer in peers {
                peer.cut()
                await waitUntilGone(io, peer)
            }
            #expect(journal.wait(for: 1) == [peers[0].sid])
            try peers[1].comeBack()
            #expect(peers[1].isRecovered && journal.lines.count == 1)
        }
    }
}
