import SocketIO
import Testing

@testable import SocketIORedis

@Suite struct RecentRoomsTests {
    private let start = ContinuousClock.Instant.now

    private func later(_ seconds: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func `knows a room for ten seconds, and not for twenty`() {
        var rooms = RecentRooms()
        #expect(!rooms.contains("a", now: start))
        rooms.insert(["a"], now: start)
        rooms.insert(["b"], now: later(9))
        #expect(rooms.contains("a", now: later(9)))
        #expect(rooms.contains("a", now: later(10)))
        #expect(rooms.contains("b", now: later(19)))
        #expect(!rooms.contains("c", now: later(19)))
        #expect(!rooms.contains("a", now: later(20)))
        #expect(!rooms.contains("b", now: later(40)))
    }

    @Test func `forgets everything when it was not asked for long`() {
        var rooms = RecentRooms()
        rooms.insert(["a"], now: start)
        #expect(!rooms.contains("a", now: later(1_000)))
        rooms.insert(["b"], now: later(1_000))
        #expect(rooms.contains("b", now: later(1_009)))
        #expect(!rooms.contains("a", now: later(1_009)))
    }

    @Test func `takes all rooms for recent when there are too many`() {
        var rooms = RecentRooms()
        rooms.insert((0..<RecentRooms.limit).map { "\($0)" }, now: start)
        #expect(!rooms.contains("other", now: start))
        rooms.insert(["one more"], now: start)
        #expect(rooms.contains("other", now: start))
        #expect(rooms.contains("other", now: later(19)))
        #expect(!rooms.contains("other", now: later(21)))
    }
}
