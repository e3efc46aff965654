import EngineIO
import TestSupport
import Testing

/// What is held for clients that do not take it, at the limits.
@Suite(.timeLimit(.minutes(1))) struct UnsentTests {
    /// Sends itself as many messages as `n` in the query says, each of as many bytes as `size` says.
    private static let flood: @Sendable (EngineSocket, Journal) -> Void = { socket, journal in
        let (count, size) = (number("n", of: socket), number("size", of: socket))
        socket.onClose { journal.append("close \(size) \($0)") }
        startThread {
            for _ in 0..<count { socket.send(.binary(Array(repeating: 7, count: size))) }
            journal.append("sent \(size)")
        }
    }

    private static func number(_ name: String, of socket: EngineSocket) -> Int {
        socket.request.query[name].flatMap { Int($0) } ?? 0
    }

    @Test func `a small packet over polling counts with what keeps it`() async throws {
        try await withServer {
            $0.limits.bufferedBytes = 100_000
        } onConnection: { socket, journal in
            Self.flood(socket, journal)
        } _: { server throws in
            // 10 bytes of base64 each, and 96 for a packet that waits.
            #expect(try server.client().get(server.polling + "&n=900&size=4").status == 200)
            #expect(try server.journal.next() == "sent 4")
            #expect(server.journal.rest == [])
            #expect(try server.client().get(server.polling + "&n=1100&size=4").status == 200)
            var lines = [try server.journal.next(), try server.journal.next()]
            lines.sort()
            #expect(lines == ["close 4 slow consumer", "sent 4"])
        }
    }

    @Test func `too much in all, and the one with the most goes first, whatever its transport`() async throws {
        try await withServer(loops: 1) {
            $0.limits.bufferedBytes = 100_000_000
            $0.limits.bufferedBytesTotal = 40_000_000
        } onConnection: { socket, journal in
            Self.flood(socket, journal)
        } _: { server throws in
            let (small, medium, large) = (
                try server.client(), try server.client(), try server.client(receiveBuffer: 4096)
            )
            #expect(try small.get(server.polling + "&n=10&size=100").status == 200)
            #expect(try server.journal.next() == "sent 100")
            #expect(try medium.get(server.polling + "&n=1000&size=10001").status == 200)
            #expect(try server.journal.next() == "sent 10001")
            #expect(server.journal.rest == [])
            try large.sendRequest("GET", server.webSocket + "&n=4000&size=10002", RawClient.upgradeFields)
            var lines = [try server.journal.next(), try server.journal.next()]
            lines.sort()
            #expect(lines == ["close 10002 slow consumer", "sent 10002"])
            try server.expectSessions(2)
            #expect(server.log.lines.contains { $0.hasPrefix("warning: clients that do not take") })
            // Now a session on polling is the largest.
            let other = try server.client()
            #expect(try other.get(server.polling + "&n=2500&size=10003").status == 200)
            lines = [try server.journal.next(), try server.journal.next()]
            lines.sort()
            #expect(lines == ["close 10003 slow consumer", "sent 10003"])
            try server.expectSessions(2)
        }
    }

    @Test func `what is taken makes room again`() async throws {
        try await withServer(loops: 1) {
            $0.limits.bufferedBytesTotal = 1_000_000
        } onConnection: { socket, journal in
            Self.flood(socket, journal)
        } _: { server throws in
            for _ in 0..<5 {
                let client = try server.client()
                let response = try client.get(server.polling + "&n=50&size=10000")
                let id = try #require(TestServer.sessionID(in: response.text))
                #expect(try server.journal.next() == "sent 10000")
                var packets = 0
                while packets < 50 {
                    packets += try client.get(server.polling(id)).text.split(separator: "\u{1E}").count
                }
            }
            #expect(server.journal.rest == [])
        }
    }

    @Test(arguments: [.zero, .seconds(-1), .seconds(Int64.min), .seconds(Int64.max), Duration(attoseconds: .max)])
    func `a configured duration of any length stops nobody`(duration: Duration) async throws {
        let settings: [@Sendable (inout EngineIOServer.Configuration) -> Void] = [
            { $0.pingInterval = duration }, { $0.pingTimeout = duration }, { $0.upgradeTimeout = duration },
            { $0.limits.stallTime = duration }, { $0.limits.requestHeadTime = duration },
            { $0.limits.requestBodyTime = duration }, { $0.limits.keepAliveTime = duration },
            { $0.limits.closeTime = duration }, { $0.limits.pollingCloseTime = duration },
            { $0.limits.sendRateTime = duration },
        ]
        for setting in settings {
            try await withServer(loops: 1) {
                setting(&$0)
            } _: { server throws in
                // What is answered depends on the duration; that anything is does not.
                if let client = try? server.client(), let response = try? client.get(server.polling),
                    let id = TestServer.sessionID(in: response.text)
                {
                    _ = try? client.post(server.polling(id), "4x")
                    _ = try? server.upgrade(server.webSocket(id))
                    _ = try? client.post(server.polling(id), "1")
                }
                if let client = try? server.client(), (try? server.openWebSocket(on: client)) != nil {
                    try? client.sendText("4x")
                    try? client.sendClose(1000)
                    _ = try? client.receiveToEnd()
                }
            }
        }
    }
}

extension TestServer {
    fileprivate func expectSessions(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        var seen = try census().sessions
        while seen != count, ContinuousClock.now < deadline { seen = try census().sessions }
        #expect(seen == count, sourceLocation: sourceLocation)
    }
}
