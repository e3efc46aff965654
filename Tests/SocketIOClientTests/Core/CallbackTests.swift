import SocketIOEvents
import Testing

@testable import SocketIOClient

@Suite struct CallbackTests {
    private struct Failure: Error {}

    @Test func `what a callback throws is reported as its socket's, synchronous or not`() throws {
        let scenario = try Scenario()
        let told = Lines()
        scenario.manager.onHandlerError { error, socket in told.append("\(error is Failure) \(socket?.namespace ?? "")")
        }
        let socket = scenario.manager.socket("/a")
        socket.onConnect { throw Failure() }
        socket.onConnect { () async throws in throw Failure() }
        socket.onConnect { scenario.log.append("third") }
        socket.open()
        scenario.settle()
        #expect(told.all == ["true /a", "true /a"])
        #expect(scenario.log == ["third"] && socket.isConnected)
    }

    @Test func `a callback that cancels another one, or itself, counts from the next time on`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        nonisolated(unsafe) var subscriptions: [EventSubscription] = []
        scenario.run {
            for number in 0..<3 {
                unsafe subscriptions.append(
                    socket.onConnect {
                        scenario.log.append("\(number)")
                        if number == 0 { for subscription in unsafe subscriptions { subscription.cancel() } }
                    })
            }
        }
        for _ in 0..<2 {
            scenario.run { socket.open() }
            scenario.settle()
            scenario.run { socket.disconnect() }
        }
        #expect(scenario.log == ["0", "1", "2"])
    }
}
