import Foundation
import NetLoop
import SocketIOEvents
import Testing

@testable import SocketIOClient

/// How calls that wait come to their ends.
@Suite struct AckWaitTests {
    private final class Count: @unchecked Sendable {
        var value = 0
    }

    /// The processor's time that it takes when so many acknowledgements are over at once.
    private func timeToExpire(_ count: Int, retries: Int) throws -> Duration {
        let scenario = try Scenario()
        let socket = scenario.manager.socket("/") { $0.retries = retries }
        let ended = Count()
        scenario.run {
            for number in 0..<count {
                scenario.loop.start {
                    do {
                        let _: Int = try await socket.emitWithAck("x", number, timeout: .seconds(5))
                    } catch {
                        #expect((error as? AckError)?.code == .timedOut)
                        ended.value += 1
                    }
                }
            }
        }
        let start = clock()
        scenario.advance(.seconds(10))
        // The tasks take some turns to return.
        for _ in 0..<5 where ended.value < count { scenario.run {} }
        let end = clock()
        #expect(ended.value == count)
        return .microseconds(Int64(end - start) * 1_000_000 / Int64(CLOCKS_PER_SEC))
    }

    @Test(arguments: [0, 2]) func `acknowledgements that time out together take linear time`(retries: Int) throws {
        _ = try timeToExpire(100, retries: retries)
        let few = try timeToExpire(1000, retries: retries)
        let many = try timeToExpire(10_000, retries: retries)
        // Ten times as much in linear time, a hundred times in quadratic time.
        #expect(many < few * 40, "\(few), \(many)")
    }

    @Test func `a cancellation on the loop does not overtake what it cancels`() async throws {
        let manager = ClientManager(url: "http://127.0.0.1:1") { $0.reconnection.delay = .seconds(60) }
        let socket = manager.socket()
        let core = try manager.core.get()
        for _ in 0..<50 {
            let (task, wait) = await core.loop.call { _ in
                // Begun on another thread while the loop is busy here, and cancelled before the loop gets to it.
                let isBegun = DispatchSemaphore(value: 0)
                let task = Task.detached {
                    isBegun.signal()
                    let _: Int = try await socket.emitWithAck("x", timeout: .seconds(600))
                }
                let wait = Task.detached {
                    isBegun.signal()
                    try await socket.connect(timeout: .seconds(600))
                }
                isBegun.wait()
                isBegun.wait()
                Thread.sleep(forTimeInterval: 0.001)  // until both have asked
                task.cancel()
                wait.cancel()
                return (task, wait)
            }
            await #expect(throws: AckError.self) { try await task.value }
            await #expect(throws: ClientError.self) { try await wait.value }
        }
        await manager.close()
    }

    @Test func `every duration may be nothing, negative or without an end`() throws {
        let durations: [Duration] = [
            .zero, .seconds(-1), .seconds(Int64.min), .seconds(Int64.max), .nanoseconds(1),
        ]
        for duration in durations {
            let scenario = try Scenario { configuration in
                configuration.connectTimeout = duration
                configuration.reconnection.delay = duration
                configuration.reconnection.maximumDelay = duration
                configuration.limits.closeTime = duration
                configuration.limits.attachmentTime = duration
            }
            let socket = scenario.manager.socket("/") {
                $0.ackTimeout = duration
                $0.retries = 1
            }
            scenario.run {
                for timeout in durations {
                    scenario.loop.start {
                        do {
                            let _: Int = try await socket.emitWithAck("x", timeout: timeout)
                        } catch { scenario.log.append("ack") }
                    }
                    scenario.loop.start { try await socket.connect(timeout: timeout) }
                    scenario.loop.start { await socket.openAndWait(timeout: timeout) }
                }
            }
            for _ in 0..<3 {
                scenario.settle { _ in nil }
                scenario.advance(.seconds(1))
            }
            scenario.run { scenario.session?.fail(nil, because: .transportClose) }
            scenario.advance(.seconds(1))
            scenario.run { scenario.loop.start { await scenario.manager.close() } }
            scenario.run {}
            #expect(scenario.log.count == durations.count)
            #expect(scenario.faults.isEmpty)
        }
    }
}
