import NetLoop
import SocketIOEvents
import Testing

@testable import SocketIOClient

/// Calls of `connect` that are cancelled, at every moment of an attempt.
@Suite struct ConnectCallTests {
    @Test func `a task that is cancelled already begins nothing`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        var go: AsyncStream<Void>.Continuation?
        var task: Task<Void, any Error>?
        scenario.run {
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            go = continuation
            task = scenario.loop.startTask {
                for await _ in stream {}
                do throws(ClientError) {
                    try await socket.connect()
                } catch { scenario.log.append("\(error.code)") }
            }
        }
        scenario.run { task?.cancel() }
        go?.finish()
        scenario.run {}
        #expect(scenario.log == ["cancelled"])
        #expect(scenario.sessions.isEmpty && !socket.isActive)
    }

    enum Moment: CaseIterable, Sendable {
        case opening, asking, joining, waiting
    }

    @Test(arguments: Moment.allCases) func `cancelled at any moment, it throws and nothing is tried any more`(
        moment: Moment
    ) throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket(
            "/",
            auth: {
                let (never, continuation) = AsyncStream<Void>.makeStream()
                if moment == .asking { for await _ in never {} }
                withExtendedLifetime(continuation) {}
                return ["a": 1]
            })
        var task: Task<Void, any Error>?
        scenario.run {
            task = scenario.loop.startTask {
                do throws(ClientError) {
                    try await socket.connect(timeout: nil)
                } catch { scenario.log.append("\(error.code)") }
            }
        }
        switch moment {
        case .opening: break
        case .asking, .joining: scenario.settle { _ in nil }
        case .waiting: scenario.run { scenario.session?.fail(.managerClosed, because: .transportError) }
        }
        #expect(socket.isActive)
        scenario.run { task?.cancel() }
        scenario.run {}
        #expect(scenario.log == ["cancelled"])
        scenario.settle()
        scenario.advance(.seconds(60))
        scenario.settle()
        #expect(scenario.sessions.count == 1 && scenario.session == nil)
        #expect(scenario.agrees(socket) && !socket.isActive && scenario.faults.isEmpty)
    }

    @Test func `one of several that wait takes nothing from the others`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        var task: Task<Void, any Error>?
        let connect = { @Sendable (name: String) async in
            do throws(ClientError) {
                try await socket.connect()
                scenario.log.append("\(name) connected")
            } catch { scenario.log.append("\(name) \(error.code)") }
        }
        scenario.run {
            task = scenario.loop.startTask { await connect("a") }
            scenario.loop.start { await connect("b") }
        }
        scenario.run { task?.cancel() }
        scenario.settle()
        scenario.run {}
        #expect(scenario.log == ["a cancelled", "b connected"])
        #expect(scenario.agrees(socket) && socket.isConnected)
    }
}
