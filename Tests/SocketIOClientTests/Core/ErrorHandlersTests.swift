import SocketIOEvents
import Testing

@testable import SocketIOClient

@Suite struct ErrorHandlersTests {
    private struct Logger: ClientLogger {
        var level = ClientManager.LogLevel.warning
        let lines: Lines
        func log(_ level: ClientManager.LogLevel, _ message: String) { lines.append("\(level) \(message)") }
    }

    /// Runs something when it goes.
    private final class Last: Sendable {
        private let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        deinit { body() }
    }

    @Test func `all are called in the order registered, and the logger after them`() {
        let lines = Lines()
        let errors = ErrorHandlers(Logger(lines: lines))
        errors.add({ _, _ in lines.append("first") }, id: 1)
        errors.add({ _, _ in lines.append("second") }, id: 2)
        errors.report(AckError(.timedOut), of: nil)
        #expect(lines.all == ["first", "second", "warning the peer did not acknowledge in time"])
        errors.remove(1)
        errors.report(AckError(.timedOut), of: nil)
        #expect(lines.all.dropFirst(3).first == "second")
    }

    @Test func `a logger that wants errors only hears nothing`() {
        let lines = Lines()
        ErrorHandlers(Logger(level: .error, lines: lines)).report(AckError(.timedOut), of: nil)
        #expect(lines.all.isEmpty)
    }

    @Test func `a handler, and what it holds when it goes, may register and remove`() {
        let lines = Lines()
        let errors = ErrorHandlers(nil)
        func add(_ id: UInt64) {
            let last = Last {
                lines.append("gone \(id)")
                errors.add({ _, _ in lines.append("late") }, id: id + 100)
                errors.remove(3)
            }
            errors.add({ _, _ in withExtendedLifetime(last) { errors.remove(id) } }, id: id)
        }
        add(1)
        errors.report(AckError(.timedOut), of: nil)
        #expect(lines.all == ["gone 1"])
        add(2)
        errors.remove(2)
        #expect(lines.all == ["gone 1", "gone 2"])
        add(3)
        errors.removeAll()
        #expect(lines.all == ["gone 1", "gone 2", "gone 3"])
    }
}
