import SocketIOWire
import Testing

@Suite struct EngineUpgradeTests {
    private let start = CompactInstant(nanoseconds: 1)
    private let timeout = Duration.seconds(10)

    private func at(_ milliseconds: Int) -> CompactInstant { start + .milliseconds(milliseconds) }

    private func connected() -> EngineUpgrade {
        var upgrade = EngineUpgrade()
        #expect(upgrade.connect(now: start, timeout: timeout) == true)
        return upgrade
    }

    private func probed() -> EngineUpgrade {
        var upgrade = connected()
        #expect(upgrade.receive(.probe, now: at(5)) == .answerProbe)
        return upgrade
    }

    private func upgraded() -> EngineUpgrade {
        var upgrade = probed()
        #expect(upgrade.receive(.upgrade, now: at(10)) == .switchTransport)
        return upgrade
    }

    @Test func `begins without a WebSocket`() {
        #expect(!EngineUpgrade().hasProbe)
        #expect(!EngineUpgrade().isProbed)
        #expect(EngineUpgrade().deadline == nil)
    }

    @Test func `switches after 2probe and 5`() {
        var upgrade = connected()
        #expect(upgrade.hasProbe && !upgrade.isProbed)
        #expect(upgrade.deadline == start + timeout)
        #expect(upgrade.receive(.probe, now: at(5)) == .answerProbe)
        #expect(upgrade.hasProbe && upgrade.isProbed)
        #expect(upgrade.deadline == at(105))
        #expect(upgrade.receive(.upgrade, now: at(10)) == .switchTransport)
        #expect(!upgrade.hasProbe)
        #expect(upgrade.deadline == nil)
        #expect(upgrade.handleTimeout(now: at(60_000)) == nil)
    }

    @Test func `takes 5 without a probe, as the official server does`() {
        var upgrade = connected()
        #expect(upgrade.receive(.upgrade, now: at(5)) == .switchTransport)
        #expect(!upgrade.hasProbe)
    }

    @Test func `answers a second probe and moves neither deadline`() {
        var upgrade = probed()
        #expect(upgrade.receive(.probe, now: at(50)) == .answerProbe)
        #expect(upgrade.deadline == at(105))
    }

    @Test func `anything else ends the probe and leaves the session on polling`() {
        for var upgrade in [connected(), probed()] {
            #expect(upgrade.receive(.other, now: at(50)) == .abandon)
            #expect(!upgrade.hasProbe)
            #expect(upgrade.deadline == nil)
            #expect(upgrade.connect(now: at(60), timeout: timeout) == true, "the client may try again")
        }
    }

    @Test func `a second WebSocket is refused and nothing changes`() {
        for var upgrade in [connected(), probed()] {
            let (isProbed, deadline) = (upgrade.isProbed, upgrade.deadline)
            #expect(upgrade.connect(now: at(20), timeout: timeout) == false)
            #expect(upgrade.hasProbe && upgrade.isProbed == isProbed)
            #expect(upgrade.deadline == deadline)
        }
    }

    @Test func `a probe that says nothing is abandoned`() {
        var upgrade = connected()
        #expect(upgrade.handleTimeout(now: at(9_999)) == nil)
        #expect(upgrade.handleTimeout(now: at(10_000)) == .abandon)
        #expect(!upgrade.hasProbe)
        #expect(upgrade.handleTimeout(now: at(20_000)) == nil)
    }

    @Test func `releases the poll every 100 ms until the client switches, or time is up`() {
        var upgrade = probed()
        #expect(upgrade.handleTimeout(now: at(104)) == nil)
        var now = 105
        while now < 10_000 {
            #expect(upgrade.deadline == at(now))
            #expect(upgrade.handleTimeout(now: at(now)) == .releasePoll)
            #expect(upgrade.handleTimeout(now: at(now)) == nil)
            now += 100
        }
        #expect(upgrade.deadline == start + timeout, "from the 101, not from the probe")
        #expect(upgrade.handleTimeout(now: at(10_000)) == .abandon)
        #expect(upgrade.deadline == nil)
    }

    @Test func `probing again does not buy time`() {
        var upgrade = connected()
        for now in stride(from: 0, to: 10_000, by: 50) {
            #expect(upgrade.receive(.probe, now: at(now)) == .answerProbe)
            _ = upgrade.handleTimeout(now: at(now))
        }
        #expect(upgrade.handleTimeout(now: at(10_000)) == .abandon)
    }

    @Test func `a WebSocket that goes away leaves the session on polling`() {
        for var upgrade in [connected(), probed()] {
            upgrade.disconnect()
            #expect(!upgrade.hasProbe)
            #expect(upgrade.deadline == nil)
            #expect(upgrade.handleTimeout(now: at(60_000)) == nil)
            #expect(upgrade.connect(now: at(60), timeout: timeout) == true)
        }
    }

    @Test func `a disconnect changes nothing where no WebSocket probes`() {
        for var upgrade in [EngineUpgrade(), upgraded()] {
            upgrade.disconnect()
            #expect(!upgrade.hasProbe)
            #expect(upgrade.deadline == nil)
        }
    }
}
