import Foundation
import NetLoop
import Testing

@testable import SocketIOClient

/// Random actions of an application in every callback and at every moment, against a server and a network that are
/// simulated. `CLIENT_MODEL_RUNS` says how many runs, and `CLIENT_MODEL_SEED` where they begin.
@Suite struct ClientModelTests {
    @Test func `whatever an application does whenever, both sides agree and every call ends`() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["CLIENT_MODEL_RUNS"].flatMap { UInt64($0) } ?? 2000
        let first = environment["CLIENT_MODEL_SEED"].flatMap { UInt64($0) } ?? 1
        let time = ManualTime()
        let loop = try EventLoop(index: 0, receiveBytes: 4096, time: time)
        var kinds: [String: Int] = [:]
        var told = 0
        for seed in first..<first + count {
            let world = SimulatedWorld(seed: seed, on: loop, time)
            world.run(steps: 60)
            guard let fault = world.faults.first else { continue }
            kinds[fault.filter { !$0.isNumber }, default: 0] += 1
            told += 1
            if told <= 3 { Issue.record("\(world.story)") }
        }
        loop.end()
        #expect(kinds.isEmpty)
    }
}
