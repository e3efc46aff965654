import SocketIOWire
import Testing

/// The checks of Protocol.md 3.2, in their order.
@Suite struct EngineRequestTests {
    private let both: Set<EngineTransport> = [.polling, .webSocket]

    private func request(
        transport: EngineRequest.Parameter = .once("polling"), sid: EngineRequest.Parameter = .missing,
        version: EngineRequest.Parameter = .once("4"), isGet: Bool = true, isUpgrade: Bool = false
    ) -> EngineRequest {
        EngineRequest(
            transport: transport, sessionID: sid, version: version, isGet: isGet, isWebSocketUpgrade: isUpgrade)
    }

    private func refusal(_ body: () throws(EngineRefusal) -> Void) -> EngineRefusal? {
        do throws(EngineRefusal) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func refusal(of request: EngineRequest, enabled: Set<EngineTransport>? = nil) -> EngineRefusal? {
        refusal { () throws(EngineRefusal) in _ = try request.check(enabled: enabled ?? both) }
    }

    // MARK: Handshakes

    @Test func `lets the two handshakes pass`() throws {
        #expect(try request().check(enabled: both) == .handshake(.polling))
        #expect(
            try request(transport: .once("websocket"), isUpgrade: true).check(enabled: both) == .handshake(.webSocket))
    }

    @Test(arguments: [
        "", "__proto__", "constructor", "toString", "hasOwnProperty", "webtransport", "Polling", "WEBSOCKET",
        "webSocket",
        "polling ", " polling", "polling\0", "polling,websocket", "ｐolling", "0", "null",
    ])
    func `refuses a transport that is none, whatever else the request says`(name: String) {
        for sid: EngineRequest.Parameter in [.missing, .once("x"), .repeated] {
            for isGet in [true, false] {
                for isUpgrade in [true, false] {
                    let request = request(
                        transport: .once(name), sid: sid, version: .missing, isGet: isGet, isUpgrade: isUpgrade)
                    #expect(refusal(of: request) == .unknownTransport)
                }
            }
        }
    }

    @Test func `refuses a transport that is missing, repeated or not enabled`() {
        #expect(refusal(of: request(transport: .missing)) == .unknownTransport)
        #expect(refusal(of: request(transport: .repeated)) == .unknownTransport)
        #expect(refusal(of: request(), enabled: [.webSocket]) == .unknownTransport)
        #expect(
            refusal(of: request(transport: .once("websocket"), isUpgrade: true), enabled: [.polling])
                == .unknownTransport)
        #expect(refusal(of: request(), enabled: []) == .unknownTransport)
        // Also for a session that began when it was.
        #expect(refusal(of: request(sid: .once("a")), enabled: [.webSocket]) == .unknownTransport)
    }

    @Test func `refuses a handshake that is not a GET before it looks at the upgrade and the version`() {
        #expect(refusal(of: request(isGet: false)) == .badHandshakeMethod)
        #expect(refusal(of: request(version: .once("3"), isGet: false)) == .badHandshakeMethod)
        #expect(refusal(of: request(transport: .once("websocket"), isGet: false)) == .badHandshakeMethod)
    }

    @Test func `refuses a WebSocket transport without an upgrade, and an upgrade to polling`() {
        #expect(refusal(of: request(transport: .once("websocket"))) == .badRequest)
        #expect(refusal(of: request(isUpgrade: true)) == .badRequest)
        #expect(refusal(of: request(transport: .once("websocket"), version: .missing)) == .badRequest)
    }

    @Test(
        arguments: [
            .missing, .repeated, .once(""), .once("3"), .once("5"), .once("04"), .once("4 "), .once("4.0"), .once("４"),
            .once("__proto__"),
        ] as [EngineRequest.Parameter])
    func `refuses every version but 4, last`(version: EngineRequest.Parameter) throws {
        let request = request(version: version)
        #expect(try request.check(enabled: both) == .handshake(.polling))
        #expect(
            refusal { () throws(EngineRefusal) in _ = try request.dialect(allowsRevision3: false) }
                == .unsupportedVersion)
    }

    @Test(arguments: [true, false])
    func `speaks version 4`(allowsRevision3: Bool) throws {
        #expect(try request().dialect(allowsRevision3: allowsRevision3) == .revision4)
    }

    @Test(
        arguments: [
            (.once("3"), .revision3), (.missing, .revision3), (.repeated, nil), (.once(""), nil), (.once("2"), nil),
            (.once("5"), nil), (.once("03"), nil), (.once("3 "), nil),
        ] as [(EngineRequest.Parameter, EngineDialect?)])
    func `speaks version 3, if that is allowed, to those that say so or nothing`(
        version: EngineRequest.Parameter, dialect: EngineDialect?
    ) {
        #expect((try? request(version: version).dialect(allowsRevision3: true)) == dialect)
        #expect(request(version: version).isOfRevision3 == (dialect != nil))
    }

    // MARK: Sessions

    @Test func `a request that names a session is that session's, whatever its method, upgrade and version`() throws {
        for isGet in [true, false] {
            for version: EngineRequest.Parameter in [.missing, .repeated, .once("3"), .once("4")] {
                let polling = request(sid: .once("A"), version: version, isGet: isGet)
                #expect(try polling.check(enabled: both) == .session("A", .polling))
                let webSocket = request(
                    transport: .once("websocket"), sid: .once("A"), version: version, isGet: isGet, isUpgrade: true)
                #expect(try webSocket.check(enabled: both) == .session("A", .webSocket))
            }
        }
    }

    @Test func `an empty id is none`() throws {
        #expect(try request(sid: .once("")).check(enabled: both) == .handshake(.polling))
        #expect(refusal(of: request(sid: .once(""), isGet: false)) == .badHandshakeMethod)
        #expect(refusal(of: request(sid: .once(""), isUpgrade: true)) == .badRequest)
    }

    @Test(arguments: ["__proto__", "constructor", "\0", "\u{FEFF}", String(repeating: "A", count: 1_000_000)])
    func `passes any single id on, to be looked up`(id: String) throws {
        #expect(try request(sid: .once(id)).check(enabled: both) == .session(id, .polling))
    }

    @Test func `a repeated id is unknown, whatever the method`() {
        #expect(refusal(of: request(sid: .repeated)) == .unknownSession)
        #expect(refusal(of: request(sid: .repeated, isGet: false)) == .unknownSession)
        #expect(refusal(of: request(transport: .once("websocket"), sid: .repeated)) == .unknownSession)
    }

    @Test(
        arguments: [
            (.polling, false, nil, .unknownSession), (.webSocket, true, nil, .unknownSession),
            (.webSocket, false, nil, .unknownSession),
            (.polling, false, .polling, nil), (.polling, false, .webSocket, .badRequest),
            (.webSocket, false, .polling, .badRequest), (.webSocket, false, .webSocket, .badRequest),
            (.webSocket, true, .polling, nil), (.webSocket, true, .webSocket, nil),
            (.polling, true, .polling, .badRequest), (.polling, true, .webSocket, .badRequest),
        ] as [(EngineTransport, Bool, EngineTransport?, EngineRefusal?)])
    func `compares the request's transport with the session's, unless it is an upgrade`(
        transport: EngineTransport, isUpgrade: Bool, sessionTransport: EngineTransport?, expected: EngineRefusal?
    ) {
        let request = request(transport: .once(transport.rawValue), sid: .once("A"), isUpgrade: isUpgrade)
        #expect(
            refusal { () throws(EngineRefusal) in try request.check(transport, sessionTransport: sessionTransport) }
                == expected)
    }

    // MARK: Refusals

    @Test(
        arguments: [
            (.unknownTransport, 0, "Transport unknown", 400), (.unknownSession, 1, "Session ID unknown", 400),
            (.badHandshakeMethod, 2, "Bad handshake method", 400), (.badRequest, 3, "Bad request", 400),
            (.forbidden(nil), 4, "Forbidden", 403), (.forbidden("no"), 4, "no", 403),
            (.unsupportedVersion, 5, "Unsupported protocol version", 400),
        ] as [(EngineRefusal, Int, String, Int)])
    func `words its refusals as the official server does`(
        refusal: EngineRefusal, code: Int, message: String, status: Int
    ) {
        #expect(refusal.code == code)
        #expect(refusal.message == message)
        #expect(refusal.httpStatus == status)
    }
}
