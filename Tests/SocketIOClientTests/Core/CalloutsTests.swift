import Testing

@testable import SocketIOClient

@Suite struct CalloutsTests {
    private final class Last {
        private let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
        deinit { body() }
    }

    @Test func `what is added is called by the last end, in order`() {
        let callouts = Callouts()
        var log: [Int] = []
        callouts.begin()
        callouts.add { log.append(1) }
        callouts.begin()
        callouts.add { log.append(2) }
        callouts.end()
        #expect(log == [])
        callouts.end()
        #expect(log == [1, 2])
    }

    @Test func `what a callout changes is told after those that wait, and not within it`() {
        let callouts = Callouts()
        var log: [String] = []
        callouts.begin()
        callouts.add {
            log.append("a begins")
            callouts.begin()
            callouts.add { log.append("c") }
            callouts.end()
            log.append("a ends")
        }
        callouts.add { log.append("b") }
        callouts.end()
        #expect(log == ["a begins", "a ends", "b", "c"])
    }

    @Test func `what is let go of ends once nothing is being changed`() {
        let callouts = Callouts()
        var log: [String] = []
        callouts.begin()
        do { callouts.release(Last { log.append("gone") }) }
        log.append("changed")
        callouts.end()
        #expect(log == ["changed", "gone"])
    }
}
