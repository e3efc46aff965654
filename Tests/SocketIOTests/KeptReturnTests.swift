import SocketIOWire
import Testing

@testable import SocketIO

/// What clients have missed that come back, where an adapter keeps it (Protocol.md 6).
@Suite struct KeptReturnTests {
    private static func kept(countedIn all: Allowance) -> KeptReturn {
        let session = KeptSession(
            id: SocketID("a"), pid: SocketID("b"), rooms: [], data: [:], progress: StreamProgress(upTo: .zero))
        return KeptReturn(session: session, position: .zero, isTrusted: true, load: MissedLoad(of: all))
    }

    private static func event(of count: Int) throws -> PlacedEvent {
        let text = String(repeating: "a", count: count)
        return PlacedEvent(try #require(ClusterEvent([.string("e"), .string(text)])), at: .zero)
    }

    /// How many of the same event it misses until that is too much, of `most` at the most.
    private static func misses(_ event: PlacedEvent, _ kept: inout KeptReturn, most: Int = .max) -> Int {
        var count = 0
        while count < most, kept.miss(event) { count += 1 }
        return count
    }

    @Test(arguments: [(1, 10_000), (1_000_000, 16)])
    func `a client misses as many events, and bytes, as the limits`(count: Int, most: Int) throws {
        var kept = Self.kept(countedIn: Allowance(.max))
        #expect(try Self.misses(Self.event(of: count), &kept) == most)
        #expect(kept.missed.count == most)
    }

    @Test func `all who come back at once have a limit together, and each gives back what it had`() throws {
        let all = Allowance(3_000)
        let event = try Self.event(of: 500)
        var second = Self.kept(countedIn: all)
        do {
            var first = Self.kept(countedIn: all)
            #expect(Self.misses(event, &first, most: 2) == 2)
            #expect(Self.misses(event, &second) == 1)
            #expect(first.missed.count == 2)
        }
        #expect(Self.misses(event, &second) == 2)
    }
}
