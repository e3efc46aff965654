import TestSupport
import Testing

@testable import SocketIOWire

@Suite struct EngineClientSessionTests {
    private let start = ContinuousClock.Instant.now
    private let open =
        #"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":20}"#

    private func session(_ transport: EngineTransport, upgrades: Bool = true) throws -> EngineClientSession {
        var session = EngineClientSession(transport: transport, upgrades: upgrades)
        _ = session.takeActions()
        #expect(try session.receive(open.utf8.span, now: start) == .handled)
        return session
    }

    /// What is to be done, as words.
    private func actions(_ session: inout EngineClientSession) -> [String] {
        session.takeActions().map { action in
            switch action {
            case .opened(let handshake): "opened \(handshake.sessionID)"
            case .pinged: "pinged"
            case .poll: "poll"
            case .post(let body): "post \(String(decoding: body, as: UTF8.self))"
            case .openProbe: "openProbe"
            case .sendProbe: "sendProbe"
            case .upgrade(let packets): "upgrade \(packets.map(text))"
            case .abandonProbe: "abandonProbe"
            case .send(let packet): "send \(text(packet))"
            case .closed(let reason): "closed \(reason)"
            }
        }
    }

    private func text(_ packet: EngineOutgoingPacket) -> String {
        switch packet {
        case .text(let text): String(decoding: text, as: UTF8.self)
        case .binary(let bytes): "\(bytes)"
        }
    }

    private func message(_ text: String) -> EngineOutgoingPacket { .text(Array(text.utf8)) }

    @Test func `polls for the handshake and goes on polling`() throws {
        var session = EngineClientSession(transport: .polling, upgrades: false)
        #expect(actions(&session) == ["poll"])
        _ = try session.receive(open.utf8.span, now: start)
        #expect(actions(&session) == ["opened abc"])
        session.pollEnded(now: start)
        #expect(actions(&session) == ["poll"])
        #expect(try session.receive("4hello".utf8.span, now: start) == .message)
    }

    @Test func `an answer without the open packet ends it`() {
        var session = EngineClientSession(transport: .polling, upgrades: false)
        _ = session.takeActions()
        session.pollEnded(now: start)
        #expect(actions(&session) == ["closed parse error"])
    }

    @Test func `answers a ping, and times out without one`() throws {
        var session = try session(.webSocket)
        #expect(actions(&session) == ["opened abc"])
        #expect(session.deadline == start + .seconds(45))
        _ = try session.receive("2".utf8.span, now: start + .seconds(25))
        #expect(actions(&session) == ["send 3", "pinged"])
        session.handleTimeout(now: start + .seconds(69))
        #expect(actions(&session) == [])
        session.handleTimeout(now: start + .seconds(70))
        #expect(actions(&session) == ["closed ping timeout"])
        #expect(session.deadline == nil)
    }

    @Test func `answers a ping over polling with the next post`() throws {
        var session = try session(.polling, upgrades: false)
        _ = session.takeActions()
        _ = try session.receive("2".utf8.span, now: start)
        session.pollEnded(now: start)
        #expect(actions(&session) == ["pinged", "poll", "post 3"])
    }

    @Test func `splits what it posts at maxPayload, one post at a time`() throws {
        var session = try session(.polling, upgrades: false)
        _ = session.takeActions()
        for text in ["4123456789", "4abcdefgh", "4x", "4this one is larger than the limit"] {
            session.queue(message(text))
        }
        session.flush()
        #expect(actions(&session) == ["post 4123456789\u{1E}4abcdefgh"])
        session.flush()
        #expect(actions(&session) == [])
        session.postEnded()
        #expect(actions(&session) == ["post 4x"])
        session.postEnded()
        #expect(actions(&session) == ["post 4this one is larger than the limit"])
        #expect(session.queuedByteCount == 0)
    }

    @Test func `upgrades once both requests have ended, and sends on the WebSocket what waited`() throws {
        var session = try session(.polling)
        #expect(actions(&session) == ["opened abc", "openProbe"])
        session.pollEnded(now: start)
        session.queue(message("4a"))
        session.flush()
        #expect(actions(&session) == ["poll", "post 4a"])
        session.probeOpened()
        #expect(actions(&session) == ["sendProbe"])
        session.receiveProbe("3probe".utf8.span)
        session.queue(message("4b"))
        session.flush()
        session.postEnded()
        #expect(actions(&session) == [])
        #expect(!session.isOnWebSocket && !session.isWritable)
        session.pollEnded(now: start)
        #expect(actions(&session) == [#"upgrade ["4b"]"#])
        #expect(session.isOnWebSocket)
    }

    @Test func `stays on polling when the probe fails, is answered wrongly or not in time`() throws {
        for failure in 0..<3 {
            var session = try session(.polling)
            session.pollEnded(now: start)
            session.probeOpened()
            _ = session.takeActions()
            switch failure {
            case 0:
                session.probeLost()
                #expect(actions(&session) == [])
            case 1:
                session.receiveProbe("3prob".utf8.span)
                #expect(actions(&session) == ["abandonProbe"])
            default:
                #expect(session.deadline == start + .seconds(10))
                session.handleTimeout(now: start + .seconds(10))
                #expect(actions(&session) == ["abandonProbe"])
            }
            session.queue(message("4a"))
            session.flush()
            #expect(actions(&session) == ["post 4a"])
        }
    }

    @Test func `goes on polling when the probe is lost while it pauses`() throws {
        var session = try session(.polling)
        session.probeOpened()
        session.receiveProbe("3probe".utf8.span)
        session.queue(message("4a"))
        _ = session.takeActions()
        session.probeLost()
        #expect(actions(&session) == ["post 4a"])
        session.pollEnded(now: start)
        #expect(actions(&session) == ["poll"])
    }

    @Test func `closes over polling after posting what is left, or at the timeout`() throws {
        for isAnswered in [true, false] {
            var session = try session(.polling, upgrades: false)
            _ = session.takeActions()
            session.queue(message("4a"))
            session.close(now: start, timeout: .seconds(2))
            #expect(actions(&session) == ["post 4a\u{1E}1"])
            #expect(try session.receive("4late".utf8.span, now: start) == .handled)
            if isAnswered { session.postEnded() } else { session.handleTimeout(now: start + .seconds(2)) }
            #expect(actions(&session) == ["closed forced close"])
        }
    }

    @Test func `a close packet ends it`() throws {
        var session = try session(.webSocket)
        _ = session.takeActions()
        _ = try session.receive("1".utf8.span, now: start)
        #expect(actions(&session) == ["closed transport close"])
        session.end(because: .transportError)
        #expect(actions(&session) == [])
    }

    @Test(arguments: ["", "x", "7", "0{}"]) func `refuses what is no packet, or a second handshake`(text: String) throws
    {
        var session = try session(.webSocket)
        #expect(throws: ProtocolViolation.self) { try session.receive(text.utf8.span, now: start) }
    }

    @Test(arguments: ["4early", "2", "6", "3"]) func `refuses packets before the handshake`(text: String) {
        var session = EngineClientSession(transport: .webSocket, upgrades: true)
        #expect(throws: ProtocolViolation.self) { try session.receive(text.utf8.span, now: start) }
    }

    @Test(arguments: [
        "0", "0[]", "0{}", #"0{"sid":""}"#, #"0{"sid":"a","pingInterval":"0","pingTimeout":1}"#,
        #"0{"sid":"a","pingInterval":1e300,"pingTimeout":1}"#, #"0{"sid":"a","pingInterval":1,"pingTimeout":-1}"#,
        #"0{"sid":"a","pingInterval":1,"pingTimeout":1,"maxPayload":"x"}"#,
    ]) func `refuses an open packet that does not make sense`(text: String) {
        var session = EngineClientSession(transport: .webSocket, upgrades: true)
        #expect(throws: ProtocolViolation.self) { try session.receive(text.utf8.span, now: start) }
    }

    @Test func `an open packet without maxPayload means that there is no limit`() throws {
        let text = #"{"sid":"a","upgrades":["websocket","carrier pigeon"],"pingInterval":1,"pingTimeout":2}"#
        let handshake = try EngineHandshake(parsing: text.utf8.span)
        #expect(handshake.maxPayload == .max)
        #expect(handshake.upgrades == [.webSocket])
    }

    @Test func `binary counts as the base64 that is sent, and a payload has no more than 16 packets`() {
        var outbox = EngineOutbox()
        outbox.append(.binary([1, 2, 3, 4]))
        outbox.append(.text(Array("4a".utf8)))
        #expect(outbox.byteCount == 11)
        #expect(outbox.takePayload(maxBytes: 12) == Array("bAQIDBA==\u{1E}4a".utf8))
        for _ in 0..<20 { outbox.append(.text([0x34])) }
        #expect(outbox.takePayload(maxBytes: 1000).count == 31)
        #expect(outbox.takePayload(maxBytes: 1000).count == 7)
        #expect(outbox.isEmpty)
    }

    @Test func `closed during the handshake over polling, closes the session that the answer names`() throws {
        var session = EngineClientSession(transport: .polling, upgrades: true)
        _ = session.takeActions()
        session.close(now: start, timeout: .seconds(2))
        #expect(actions(&session) == [])
        #expect(session.isListening)
        #expect(try session.receive(open.utf8.span, now: start) == .handled)
        #expect(!session.isListening)
        session.pollEnded(now: start)
        #expect(actions(&session) == ["opened abc", "post 1"])
        session.postEnded()
        #expect(actions(&session) == ["closed forced close"])
    }

    @Test func `closed during the handshake, does not wait for ever, and ends with whatever else comes`() throws {
        for end in 0..<5 {
            var session = EngineClientSession(transport: .polling, upgrades: true)
            _ = session.takeActions()
            session.close(now: start, timeout: .seconds(2))
            #expect(session.deadline == start + .seconds(2))
            switch end {
            case 0: session.handleTimeout(now: start + .seconds(2))
            case 1: session.pollEnded(now: start)
            case 2: session.end(because: .transportError)
            case 3: _ = try session.receive("1".utf8.span, now: start)
            default:
                #expect(throws: ProtocolViolation.self) { _ = try session.receive("2".utf8.span, now: start) }
                session.end(because: .parseError)
            }
            #expect(actions(&session).count == 1)
            #expect(session.deadline == nil)
        }
        var webSocket = EngineClientSession(transport: .webSocket, upgrades: true)
        webSocket.close(now: start, timeout: .seconds(2))
        #expect(actions(&webSocket) == ["closed forced close"])
    }
}
