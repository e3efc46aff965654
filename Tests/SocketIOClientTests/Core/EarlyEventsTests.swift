import NetLoop
import SocketIOEvents
import SocketIOWire
import Testing

@testable import SocketIOClient

/// Events that a server sends before it answers CONNECT.
@Suite struct EarlyEventsTests {
    private static func entry(_ text: String, _ attachments: [[UInt8]] = []) throws -> EarlyEvents.Entry {
        let bytes = Array(text.utf8)
        let event = try EventPayload(parsingEvent: bytes.span, from: 1, limits: PacketLimits())
        return EarlyEvents.Entry(event: event, text: bytes, attachments: attachments, id: nil)
    }

    @Test func `as many are kept as the limit says, in order, and one more is a violation`() throws {
        var early = EarlyEvents(maxCount: 3, maxBytes: 1000)
        for number in 0..<3 { try early.append(Self.entry("2[\"\(number)\"]")) }
        let violation = #expect(throws: ProtocolViolation.self) { try early.append(Self.entry(#"2["x"]"#)) }
        #expect(violation?.kind == .tooBig)
        #expect(early.takeAll().map { String(decoding: $0.text, as: UTF8.self) } == (0..<3).map { "2[\"\($0)\"]" })
        #expect(early.takeAll().isEmpty)
    }

    @Test func `attachments count, and what was taken does not`() throws {
        let entry = try Self.entry(#"2["x"]"#, [[1, 2, 3], [4]])
        var early = EarlyEvents(maxCount: 10, maxBytes: 10)
        for _ in 0..<3 {
            try early.append(entry)
            #expect(early.takeAll().count == 1)
        }
        try early.append(entry)
        #expect(throws: ProtocolViolation.self) { try early.append(Self.entry("2[0]")) }
    }

    /// What a socket does with so many events before the answer.
    private func receive(_ count: Int, _ configure: (inout ClientSocket.Limits) -> Void) throws -> Scenario {
        let scenario = try Scenario { $0.reconnection = .off }
        let socket = scenario.manager.socket { configure(&$0.limits) }
        socket.on("news") { () in scenario.log.append("news") }
        socket.onConnect { scenario.log.append("connect") }
        socket.onConnectError { error in scenario.log.append("\(error.code)") }
        socket.open()
        scenario.settle { _ in nil }
        scenario.run { for _ in 0..<count { scenario.session?.emit(to: "/", id: nil) } }
        scenario.settle()
        return scenario
    }

    @Test func `up to limits.earlyEvents they are handled before onConnect, and beyond it the connection is closed`()
        throws
    {
        let within = try receive(2) { $0.earlyEvents = 2 }
        #expect(within.log == ["news", "news", "connect"])
        let over = try receive(3) { $0.earlyEvents = 2 }
        #expect(over.log == ["badResponse"])
        #expect(over.session == nil)
    }

    @Test func `up to limits.earlyBytes they are handled before onConnect, and beyond it the connection is closed`()
        throws
    {
        let size = #"2["news"]"#.utf8.count
        let within = try receive(2) { $0.earlyBytes = 2 * size }
        #expect(within.log == ["news", "news", "connect"])
        let over = try receive(2) { $0.earlyBytes = 2 * size - 1 }
        #expect(over.log == ["badResponse"])
        #expect(over.session == nil)
    }

    @Test func `what came over a connection that was lost is not handled over the next one`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        socket.on("news") { () in scenario.log.append("news") }
        socket.open()
        scenario.settle { _ in nil }
        scenario.run { scenario.session?.emit(to: "/", id: nil) }
        scenario.settle { _ in nil }
        scenario.run { scenario.session?.fail(nil, because: .transportClose) }
        scenario.advance(.milliseconds(200))
        scenario.settle()
        #expect(socket.isConnected && scenario.log.isEmpty)
    }
}
