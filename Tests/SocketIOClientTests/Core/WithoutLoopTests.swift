import NetLoop
import SocketIOEvents
import SocketIOWire
import Testing

@testable import SocketIOClient

/// A process that has no descriptor left when its first client is made.
@Suite struct WithoutLoopTests {
    private struct Logger: ClientLogger {
        let level = ClientManager.LogLevel.warning
        let lines: Lines
        func log(_ level: ClientManager.LogLevel, _ message: String) { lines.append("\(level) \(message)") }
    }

    @Test func `open, emit and connect say that there is no event loop, and nobody waits`() async throws {
        let (told, log) = (Lines(), Lines())
        var configuration = ClientManager.Configuration()
        configuration.logger = Logger(lines: log)
        let manager = ClientManager(
            url: "http://127.0.0.1:1", configuration,
            on: { () throws(SystemError) in throw SystemError(code: 24, "epoll_create1") })
        manager.onHandlerError { error, socket in
            told.append("handler \((error as? ClientError)?.code.description ?? "") \(socket?.namespace ?? "")")
        }
        let socket = manager.socket("/a", auth: ["a": 1])
        let subscription = socket.onConnectError { error in told.append("connect \(error.code)") }
        socket.open()
        #expect(told.all == ["connect system", "handler system /a"])
        #expect(log.all.count == 1)
        #expect(log.all.first?.hasPrefix("warning /a: no event loop could be started") == true, "\(log.all)")
        socket.emit("x", 1)
        #expect(told.all.count == 3 && told.all.last == "handler system /a")
        socket.volatile.emit("x", 1)
        socket.disconnect()
        #expect(told.all.count == 3)
        let error = await #expect(throws: ClientError.self) { try await socket.connect() }
        #expect(error?.code == .system)
        #expect(await socket.openAndWait() == false)
        let ackError = await #expect(throws: AckError.self) { let _: Int = try await socket.emitWithAck("x") }
        #expect(ackError?.code == .disconnected)
        for await _ in socket.events("x", Int.self) {}
        subscription.cancel()
        let count = told.all.count
        socket.open()
        #expect(told.all.count == count + 1)
        socket.onConnectError { (error: ClientError) async in told.append("async \(error.code)") }
        socket.open()
        #expect(await eventually { told.all.contains("async system") })
        socket.off()
        socket.open()
        #expect(told.all.last == "handler system /a")
        await manager.close()
    }

    @Test func `a callback that emits or opens again is not told within itself`() async throws {
        let told = Lines()
        let manager = ClientManager(
            url: "http://127.0.0.1:1", ClientManager.Configuration(),
            on: { () throws(SystemError) in throw SystemError(code: 24, "epoll_create1") })
        manager.onHandlerError { _, socket in
            told.append("error")
            socket?.emit("client error", 1)
            socket?.open()
        }
        let socket = manager.socket()
        socket.onConnectError { _ in
            told.append("connect")
            socket.open()
        }
        socket.emit("x", 1)
        socket.open()
        socket.open()
        let lines = told.all
        #expect(lines.count { $0 == "connect" } >= 2 && lines.count < 12, "\(lines)")
        await manager.close()
    }
}
