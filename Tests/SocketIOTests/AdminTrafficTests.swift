import Testing

@testable import SocketIO

@Suite struct AdminTrafficTests {
    private typealias Aggregate = AdminStatistics.Aggregate

    @Test func `what has happened since the last time is told once, in the form of the official server`() {
        var traffic = AdminTraffic()
        var totals = AdminTraffic.Totals()
        totals.connections = 5
        let first = traffic.advance(to: totals, at: 1_000)
        #expect(first.isEmpty)
        totals.connections = 7
        totals.packetsIn = 3
        totals.bytesOut = 100
        totals.disconnections = ["transport close": 2]
        let second = traffic.advance(to: totals, at: 1_795_877_546_999)
        #expect(
            second == [
                Aggregate(timestamp: 1_795_877_546_000, type: "rawConnection", count: 2),
                Aggregate(timestamp: 1_795_877_546_000, type: "packetsIn", count: 3),
                Aggregate(timestamp: 1_795_877_546_000, type: "bytesOut", count: 100),
                Aggregate(timestamp: 1_795_877_546_000, type: "rawDisconnection", subType: "transport close", count: 2),
            ])
        let third = traffic.advance(to: totals, at: 1_795_877_548_000)
        #expect(third.isEmpty)
    }

    @Test func `a server that listens anew counts from the beginning`() {
        var traffic = AdminTraffic()
        var totals = AdminTraffic.Totals()
        totals.packetsOut = 10
        _ = traffic.advance(to: totals, at: 0)
        totals.packetsOut = 4
        let anew = traffic.advance(to: totals, at: 0)
        #expect(anew == [Aggregate(timestamp: 0, type: "packetsOut", count: 4)])
    }
}
