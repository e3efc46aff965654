import NetLoop
import SocketIOEvents
import Testing

@testable import SocketIOClient

/// An `auth` function that does not return.
@Suite struct AuthFunctionTests {
    private static func socket(_ scenario: Scenario, _ cancelled: @escaping @Sendable () -> Void = {}) -> ClientSocket {
        scenario.manager.socket(
            "/",
            auth: {
                scenario.log.append("asked")
                defer { scenario.log.append("gone") }
                let (never, continuation) = AsyncStream<Void>.makeStream()
                await withTaskCancellationHandler {
                    for await _ in never {}
                } onCancel: {
                    cancelled()
                    continuation.finish()
                }
                return ["token": "x"]
            })
    }

    @Test func `its task ends with the connection, so that none pile up`() throws {
        let scenario = try Scenario()
        let socket = Self.socket(scenario)
        socket.open()
        scenario.settle()
        for _ in 0..<3 {
            scenario.run { scenario.session?.fail(nil, because: .transportClose) }
            scenario.advance(.seconds(2))
            scenario.settle()
        }
        #expect(scenario.log == ["asked", "gone", "asked", "gone", "asked", "gone", "asked"])
        scenario.run { socket.disconnect() }
        scenario.run {}
        #expect(scenario.log.last == "gone")
        #expect(!scenario.sent.contains { $0.hasPrefix("0") })
        #expect(scenario.faults.isEmpty)
    }

    @Test func `it ends with close, and with the wait that has run out`() throws {
        let scenario = try Scenario()
        let socket = Self.socket(scenario)
        scenario.run {
            scenario.loop.start {
                do {
                    try await socket.connect(timeout: .seconds(1))
                } catch { scenario.log.append("\(error)") }
            }
        }
        scenario.settle()
        scenario.advance(.seconds(2))
        scenario.run {}
        #expect(Set(scenario.log) == ["asked", "gone", "`auth` of / did not return in time"])
        scenario.log = []
        socket.open()
        scenario.settle()
        scenario.run { scenario.loop.start { await scenario.manager.close() } }
        scenario.run {}
        #expect(scenario.log == ["asked", "gone"])
    }

    @Test func `cancelled, it finds the state whole and may call anything`() throws {
        let scenario = try Scenario()
        nonisolated(unsafe) weak var weakSocket: ClientSocket?
        let socket = Self.socket(scenario) {
            guard let socket = unsafe weakSocket else { return }
            scenario.log.append("cancelled \(socket.isActive)")
            socket.setAuth(["token": "y"])
            socket.open()
        }
        unsafe weakSocket = socket
        socket.open()
        scenario.settle()
        scenario.run { socket.disconnect() }
        scenario.settle()
        #expect(scenario.log == ["asked", "cancelled false", "gone"])
        #expect(scenario.agrees(socket) && socket.isConnected && scenario.faults.isEmpty)
    }

    @Test func `left before it is asked, it is not asked`() throws {
        let scenario = try Scenario()
        let socket = Self.socket(scenario)
        scenario.manager.onOpen { socket.disconnect() }
        scenario.run { socket.open() }
        scenario.settle()
        #expect(scenario.log == [] && !socket.isActive)
    }
}
