import TestSupport
import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct ConnectionCountTests {
    @Test func `counts as many as the limit allows, and one more when one is closed`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let count = ConnectionCount()
            var ends: [(client: LoopbackSocket, end: Accepted)] = []
            for number in 0..<3 {
                ends.append(try await server.connect(accepted))
                #expect(await ends[number].end.run { count.add($0, limit: 2) } == (number < 2))
            }
            #expect(count.value == 2)
            await ends[2].end.run { $0.close() }
            #expect(count.value == 2, "it was not counted")
            await ends[0].end.run { $0.close() }
            #expect(count.value == 1)
            ends.append(try await server.connect(accepted))
            #expect(await ends[3].end.run { count.add($0, limit: 2) })
            #expect(count.value == 2)
        }
    }

    @Test func `tells when the last one is closed`() async throws {
        try await LoopbackServer.runListening { server, accepted in
            let count = ConnectionCount()
            await count.waitUntilZero()
            let (_, first) = try await server.connect(accepted)
            let (_, second) = try await server.connect(accepted)
            for end in [first, second] { await end.run { _ = count.add($0) } }
            let waiter = Task {
                await count.waitUntilZero()
                return count.value
            }
            await first.run { $0.close() }
            await second.run { $0.close() }
            #expect(await waiter.value == 0)
        }
    }
}
