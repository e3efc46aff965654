import SocketIOWire
import Testing

@Suite struct EngineHandshakeTests {
    private func text(
        sessionID: String = "kcWwUqd3Jp2c0yXhAAAA", upgrades: [EngineTransport] = [.webSocket],
        pingInterval: Duration = .seconds(25), pingTimeout: Duration = .seconds(20), maxPayload: Int = 1_000_000
    ) -> String {
        let writer = ByteWriter()
        EngineHandshake(
            sessionID: sessionID, upgrades: upgrades, pingInterval: pingInterval, pingTimeout: pingTimeout,
            maxPayload: maxPayload
        ).append(to: writer)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    @Test func `writes the open packet of Protocol.md 3.1, byte for byte`() {
        #expect(
            text() == #"0{"sid":"kcWwUqd3Jp2c0yXhAAAA","upgrades":["websocket"],"#
                + #""pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#)
    }

    @Test func `offers no upgrade to a WebSocket`() {
        #expect(text(upgrades: []).contains(#""upgrades":[],"#))
        #expect(text(upgrades: [.webSocket, .polling]).contains(#""upgrades":["websocket","polling"],"#))
    }

    @Test func `writes durations in whole milliseconds, rounded down`() {
        let short = text(pingInterval: .milliseconds(300), pingTimeout: .microseconds(200_999))
        #expect(short.contains(#""pingInterval":300,"pingTimeout":200,"#))
        #expect(Duration.seconds(1.5).wholeMilliseconds == 1500)
        #expect(Duration.zero.wholeMilliseconds == 0)
        #expect(Duration.seconds(86_400 * 365).wholeMilliseconds == 31_536_000_000)
    }

    @Test func `escapes an id of the application's`() {
        #expect(text(sessionID: "a\"b\\c\n").hasPrefix(#"0{"sid":"a\"b\\c\n","#))
    }

    @Test func `adds to what is written`() {
        let writer = ByteWriter()
        writer.append("x")
        EngineHandshake(
            sessionID: "a", upgrades: [], pingInterval: .seconds(1), pingTimeout: .seconds(1), maxPayload: 1
        ).append(to: writer)
        #expect(String(decoding: writer.array(), as: UTF8.self).hasPrefix(#"x0{"sid":"a""#))
    }

    @Test(arguments: [
        ("0", 0), ("25000.5", 25_000_500), ("86400001", 86_400_001_000), ("2147483647", 2_147_483_647_000),
    ])
    func `takes a heartbeat that a timer of the official client takes`(text: String, microseconds: Int) throws {
        let packet = #"{"sid":"a","upgrades":[],"pingInterval":\#(text),"pingTimeout":\#(text)}"#
        let handshake = try EngineHandshake(parsing: packet.utf8.span)
        #expect(handshake.pingInterval == .microseconds(microseconds))
        #expect(handshake.pingTimeout == .microseconds(microseconds))
    }
}
