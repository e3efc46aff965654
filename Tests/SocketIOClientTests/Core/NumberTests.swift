import SocketIO
import SocketIOClient
import Testing

/// Every number that an application can set, at its ends, and over real connections. `AckWaitTests` has the durations in
/// a time that stands still.
@Suite struct NumberTests {
    @Test(arguments: [Duration.zero, .seconds(-1), .seconds(Int64.min), .seconds(Int64.max)], Mode.allCases)
    func `any duration is one that a client can live with`(duration: Duration, mode: Mode) async throws {
        try await serve { io, url in
            io.on("echo") { (_: Socket, number: Int) in number }
            try await withManager(
                url,
                {
                    mode.configure(&$0)
                    $0.connectTimeout = duration
                    $0.limits.attachmentTime = duration
                    $0.limits.closeTime = duration
                    $0.reconnection.delay = duration
                    $0.reconnection.maximumDelay = duration
                    $0.sockets.ackTimeout = duration
                    $0.sockets.retries = 1
                }
            ) { manager in
                let socket = manager.socket()
                let isLong = duration > .zero
                let isConnected = await socket.openAndWait(timeout: isLong ? duration : .milliseconds(50))
                #expect(isConnected || !isLong)
                let reply: Int? = try? await socket.emitWithAck("echo", 1, timeout: duration)
                #expect(reply == 1 || !isLong)
                do {
                    try await socket.connect(timeout: duration)
                } catch { #expect(!isLong) }
            }
        }
    }

    @Test(arguments: [0, -1, Int.min, Int.max], Mode.allCases)
    func `any limit is one that a client can live with`(limit: Int, mode: Mode) async throws {
        try await serve { io, url in
            io.on("echo") { (_: Socket, bytes: [UInt8]) in bytes }
            try await withManager(
                url,
                {
                    mode.configure(&$0)
                    $0.limits.messageBytes = limit
                    $0.limits.unsentBytes = limit
                    $0.limits.packetsPerPayload = limit
                    $0.limits.attachments = limit
                    $0.limits.jsonDepth = limit
                    $0.reconnection.attempts = limit
                    $0.reconnection.randomization = Double(limit)
                    $0.sockets.offlineBuffer.events = limit
                    $0.sockets.offlineBuffer.bytes = limit
                    $0.sockets.limits.pendingAcks = limit
                    $0.sockets.limits.earlyEvents = limit
                    $0.sockets.limits.earlyBytes = limit
                    $0.sockets.retries = limit
                }
            ) { manager in
                let socket = manager.socket()
                let events = socket.events("x", Int.self, bufferingNewest: limit)
                socket.emit("echo", [UInt8]([1, 2]))
                let isConnected = await socket.openAndWait(timeout: .milliseconds(limit > 0 ? 10_000 : 50))
                #expect(isConnected || limit <= 0)
                let reply: [UInt8]? = try? await socket.emitWithAck(
                    "echo", [UInt8]([1, 2]), timeout: .milliseconds(limit > 0 ? 10_000 : 50))
                #expect(reply == [1, 2] || limit <= 0)
                withExtendedLifetime(events) {}
            }
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude])
    func `any randomization is one`(randomization: Double) throws {
        var reconnection = ClientManager.Reconnection()
        reconnection.randomization = randomization
        try #require(reconnection.randomization.bitPattern == randomization.bitPattern)
        let manager = ClientManager(url: "http://127.0.0.1:1") { $0.reconnection = reconnection }
        manager.socket().open()
        manager.socket().disconnect()
    }
}
