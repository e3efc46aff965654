import NetLoop
import SocketIOEvents
import TestSupport
import Testing

@testable import SocketIOClient

@Suite struct NamespaceTallyTests {
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `whatever happens, it counts what a look at all of them would`(seed: UInt64) throws {
        let scenario = try Scenario()
        var random = SeededGenerator(seed: seed)
        let sockets = ["/", "/a", "/b", "/c"].map { scenario.manager.socket($0) }
        for _ in 0..<40 {
            let socket = sockets[Int.random(in: 0..<sockets.count, using: &random)]
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1: scenario.run { socket.open() }
            case 2: scenario.run { socket.disconnect() }
            case 3: scenario.settle { _ in nil }
            case 4: scenario.settle { $0 != "/b" }
            case 5: scenario.advance(.seconds(11))
            default: scenario.run { scenario.session?.fail(nil, because: .transportClose) }
            }
            let core = try scenario.manager.core.get()
            scenario.run {
                let links = core.value.sockets.values.map(\.link)
                #expect(core.value.tally.wanted == links.count { $0.isWanted })
                #expect(core.value.tally.overdue == links.count { $0.isOverdue })
            }
        }
        scenario.run { for socket in sockets { socket.disconnect() } }
        scenario.settle()
        let core = try scenario.manager.core.get()
        scenario.run {
            #expect(core.value.tally.wanted == 0 && core.value.tally.overdue == 0)
            #expect(core.value.sockets.isEmpty)
        }
    }
}
