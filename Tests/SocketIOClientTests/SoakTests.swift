import Foundation
import SocketIO
import SocketIOClient
import Synchronization
import Testing

@Suite struct SoakTests {
    /// How often the server handled each message.
    private final class Handled: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func note(_ message: String) {
            counts.withLock { $0[message, default: 0] += 1 }
        }

        func count(_ message: String) -> Int { counts.withLock { $0[message] ?? 0 } }
    }

    private struct Outcome: Sendable {
        var acknowledged: [String] = []
        var failed: [String] = []
    }

    /// The minute with 1,000 sockets: `CLIENT_SOAK_SECONDS=60 CLIENT_SOAK_SOCKETS=1000`.
    @Test func `while the server restarts, acked messages were handled once, others are reported, and nothing leaks`()
        async throws
    {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["CLIENT_SOAK_SECONDS"].flatMap { Int($0) } ?? 3
        let sockets = environment["CLIENT_SOAK_SOCKETS"].flatMap { Int($0) } ?? 50
        let period = Duration.seconds(seconds) / 6
        let handled = Handled()
        let configure: (SocketIOServer) -> Void = { io in
            io.onConnection { socket in
                socket.on("echo") { (message: String) in
                    handled.note(message)
                    return message
                }
            }
        }
        var io = SocketIOServer(serverConfiguration(loops: 2))
        configure(io)
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        let before = Descriptors.count
        let stop = ContinuousClock.now.advanced(by: .seconds(seconds))
        let all = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for number in 0..<sockets {
                group.addTask { try await Self.echo(number, port: port, until: stop) }
            }
            while ContinuousClock.now.advanced(by: period) < stop {
                try await Task.sleep(for: period)  // the time between two restarts
                await io.close()
                io = SocketIOServer(serverConfiguration(loops: 2))
                configure(io)
                _ = try await io.listen(host: "127.0.0.1", port: port)
            }
            return try await group.reduce(into: [Outcome]()) { $0.append($1) }
        }
        await io.close()
        let acknowledged = all.flatMap(\.acknowledged)
        #expect(acknowledged.count > sockets)
        #expect(acknowledged.allSatisfy { handled.count($0) == 1 })
        #expect(all.flatMap(\.failed).allSatisfy { handled.count($0) <= 1 })
        #expect(await eventually { Descriptors.count <= before })
    }

    private static func echo(
        _ number: Int, port: Int, until stop: ContinuousClock.Instant
    ) async throws -> Outcome {
        let manager = ClientManager(url: "http://127.0.0.1:\(port)") { configuration in
            configuration.transports = number % 10 == 0 ? [.polling, .webSocket] : [.webSocket]
            configuration.reconnection.delay = .milliseconds(100)
            configuration.reconnection.maximumDelay = .milliseconds(500)
        }
        let socket = manager.socket()
        try await socket.connect()
        var outcome = Outcome()
        var count = 0
        while ContinuousClock.now < stop {
            count += 1
            let message = "\(number)-\(count)"
            do throws(AckError) {
                let reply: String = try await socket.emitWithAck("echo", message, timeout: .seconds(5))
                if reply == message { outcome.acknowledged.append(message) }
            } catch {
                outcome.failed.append(message)
            }
            try await Task.sleep(for: .milliseconds(10))  // a person types more slowly
        }
        await manager.close()
        return outcome
    }
}
