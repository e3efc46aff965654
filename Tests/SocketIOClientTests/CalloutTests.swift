import NetLoop
import SocketIOEvents
import Testing

@testable import SocketIOClient

/// First the whole state, then the application: a callback may call anything.
@Suite struct CalloutTests {
    @Test(arguments: ["disconnect", "server", "refusal"]) func `open in onClose connects, whatever ended it`(
        end: String
    )
        throws
    {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        nonisolated(unsafe) var isFirst = true
        scenario.manager.onClose { _ in
            guard unsafe isFirst else { return }
            unsafe isFirst = false
            socket.open()
        }
        socket.open()
        if end == "refusal" {
            scenario.settle { _ in unsafe !isFirst }
        } else {
            scenario.settle()
            scenario.run { if end == "server" { scenario.session?.throwOut("/") } else { socket.disconnect() } }
            scenario.settle()
        }
        #expect(scenario.faults.isEmpty)
        #expect(scenario.agrees(socket) && socket.isConnected)
    }

    @Test(arguments: ["onOpen", "onReconnect"]) func `disconnect and open while it opens connects`(place: String) throws
    {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        nonisolated(unsafe) var isFirst = true
        let again = { @Sendable in
            guard unsafe isFirst else { return }
            unsafe isFirst = false
            socket.disconnect()
            socket.open()
        }
        if place == "onOpen" { scenario.manager.onOpen(again) } else { scenario.manager.onReconnect { _ in again() } }
        socket.open()
        scenario.settle()
        if place == "onReconnect" {
            scenario.run { scenario.session?.fail(nil, because: .transportClose) }
            scenario.advance(.milliseconds(200))
            scenario.settle()
        }
        #expect(unsafe !isFirst)
        #expect(scenario.faults.isEmpty)
        #expect(scenario.agrees(socket) && socket.isConnected)
    }

    @Test func `without reconnection, open and connect in onDisconnect and onConnectError are one's own`() throws {
        for usesConnect in [false, true] {
            let scenario = try Scenario { $0.reconnection = .off }
            let socket = scenario.manager.socket()
            let again = { @Sendable (name: String) in
                scenario.log.append("\(name) \(socket.isActive)")
                if usesConnect {
                    scenario.loop.start { try await socket.connect() }
                } else {
                    socket.open()
                }
            }
            socket.onDisconnect { _ in again("lost") }
            socket.onConnectError { _ in again("failed") }
            socket.open()
            scenario.settle()
            scenario.run { scenario.session?.fail(nil, because: .transportClose) }
            scenario.run { scenario.session?.fail(.managerClosed, because: .transportError) }
            scenario.settle()
            #expect(scenario.log == ["lost false", "failed false"])
            #expect(scenario.agrees(socket) && socket.isConnected)
        }
    }

    @Test func `isActive says in each callback whether it is tried again`() throws {
        let scenario = try Scenario { $0.reconnection.attempts = 1 }
        let socket = scenario.manager.socket()
        socket.onDisconnect { _ in scenario.log.append("lost \(socket.isActive)") }
        socket.onConnectError { _ in scenario.log.append("failed \(socket.isActive)") }
        scenario.manager.onReconnectError { _ in scenario.log.append("error \(socket.isActive)") }
        scenario.manager.onReconnectFailed { scenario.log.append("given up \(socket.isActive)") }
        socket.open()
        scenario.settle()
        scenario.run { scenario.session?.fail(nil, because: .transportClose) }
        scenario.advance(.milliseconds(200))
        scenario.run { scenario.session?.fail(.managerClosed, because: .transportError) }
        #expect(scenario.log == ["lost true", "failed false", "error false", "given up false"])
    }

    @Test func `disconnect and open in onReconnectFailed begins anew`() throws {
        let scenario = try Scenario { $0.reconnection.attempts = 1 }
        let socket = scenario.manager.socket()
        scenario.manager.onReconnectFailed {
            socket.disconnect()
            socket.open()
        }
        socket.open()
        scenario.settle()
        scenario.run { scenario.session?.fail(nil, because: .transportClose) }
        scenario.advance(.milliseconds(200))
        scenario.run { scenario.session?.fail(.managerClosed, because: .transportError) }
        scenario.settle()
        #expect(scenario.agrees(socket) && socket.isConnected)
    }

    @Test func `emitted on any namespace while the loss is told, an event is buffered`() throws {
        for _ in 0..<10 {
            let scenario = try Scenario()
            let sockets = ["/", "/a", "/b", "/c"].map { scenario.manager.socket($0) }
            for socket in sockets {
                socket.onDisconnect { _ in for other in sockets { other.emit("told", socket.namespace) } }
                socket.open()
            }
            scenario.settle()
            scenario.run { scenario.session?.fail(nil, because: .transportClose) }
            scenario.advance(.milliseconds(200))
            scenario.settle()
            #expect(scenario.arrived.count == 16)
            #expect(scenario.faults.isEmpty)
        }
    }

    @Test func `onConnect is not called for what an earlier handler left`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        socket.onConnect {
            scenario.log.append("first")
            socket.disconnect()
        }
        socket.onConnect { scenario.log.append("second") }
        socket.onDisconnect { reason in scenario.log.append("\(reason)") }
        socket.open()
        scenario.settle()
        #expect(scenario.log == ["first", "io client disconnect"])
        #expect(scenario.agrees(socket) && !socket.isConnected)
    }

    @Test func `a disconnect in onReconnectAttempt is the end of the attempt`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        scenario.manager.onReconnectAttempt { _ in socket.disconnect() }
        socket.open()
        scenario.settle()
        scenario.run { scenario.session?.fail(nil, because: .transportClose) }
        scenario.advance(.seconds(1))
        scenario.settle()
        #expect(scenario.sessions.count == 1 && !socket.isActive)
    }

    @Test func `a refusal that is answered with open takes a turn for each`() throws {
        let scenario = try Scenario()
        let (socket, other) = (scenario.manager.socket(auth: [1, 2]), scenario.manager.socket("/other"))
        other.open()
        scenario.settle()
        socket.onConnectError { _ in
            scenario.log.append("no")
            socket.open()
        }
        socket.open()
        scenario.loop.step()
        scenario.loop.step()
        #expect(!scenario.log.isEmpty && scenario.log.count < 4)
    }

    // MARK: Ends that run code

    /// Runs something when it goes.
    private final class Last: Sendable {
        private let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        deinit { body() }
    }

    @Test func `what a handler holds may use the socket and the manager when it goes`() throws {
        let scenario = try Scenario()
        let manager = scenario.manager
        let socket = manager.socket()
        socket.open()
        scenario.settle()
        let subscription = socket.on("y") { () in }
        let last = { @Sendable in
            subscription.cancel()
            _ = socket.on("x") { () in }
            socket.offAny()
            socket.offAnyOutgoing()
            socket.onAny { _, _ in }
            socket.onAnyOutgoing { _, _ in }
            socket.onConnect {}
            socket.setAuth(["a": 1])
            socket.emit("last")
            manager.onOpen {}
            scenario.log.append("gone")
        }
        func holding() -> @Sendable () -> Void {
            let object = Last(last)
            return { withExtendedLifetime(object) {} }
        }
        scenario.run {
            let body = holding()
            socket.on("x") { () in body() }
        }
        scenario.run { socket.off("x") }
        scenario.run {
            let body = holding()
            socket.onAny { _, _ in body() }
            let other = holding()
            socket.onAnyOutgoing { _, _ in other() }
        }
        scenario.run { socket.offAny() }
        scenario.run { socket.offAnyOutgoing() }
        scenario.run {
            let body = holding()
            socket.setAuth { () async throws -> [String: Int] in
                body()
                return [:]
            }
        }
        scenario.run { socket.setAuth(["b": 2]) }
        #expect(scenario.log.count == 4)
        scenario.run {
            for _ in 0..<3 {
                let body = holding()
                manager.onClose { _ in body() }
                let other = holding()
                socket.onDisconnect { _ in other() }
                let third = holding()
                _ = socket.on("z") { () in third() }
            }
            scenario.loop.start { await manager.close() }
        }
        scenario.run {}
        #expect(scenario.log.count == 13)
    }

    private final class Model: Sendable {
        let subscription: Box = Box()
        let gone: @Sendable () -> Void
        init(_ socket: ClientSocket, _ gone: @escaping @Sendable () -> Void) {
            self.gone = gone
            subscription.value = socket.on("x") { () in withExtendedLifetime(self) {} }
        }
        deinit { gone() }

        final class Box: @unchecked Sendable { var value: EventSubscription? }
    }

    @Test func `a model that holds the subscription of its handler is freed by cancel, and by close`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        let gone = { @Sendable in scenario.log.append("gone") }
        scenario.run { Model(socket, gone).subscription.value?.cancel() }
        #expect(scenario.log == ["gone"])
        scenario.run { _ = Model(socket, gone) }
        #expect(scenario.log == ["gone"])
        scenario.run { scenario.loop.start { await scenario.manager.close() } }
        scenario.run {}
        #expect(scenario.log == ["gone", "gone"])
    }

    @Test func `a socket obtained after close knows it`() async throws {
        let manager = ClientManager(url: "http://127.0.0.1:1")
        let before = manager.socket("/before")
        await manager.close()
        for socket in [before, manager.socket("/after")] {
            for await _ in socket.events("x", Int.self) {}
            let error = await #expect(throws: AckError.self) {
                let _: Int = try await socket.emitWithAck("x")
            }
            #expect(error?.code == .disconnected)
            let refusal = await #expect(throws: ClientError.self) { try await socket.connect() }
            #expect(refusal?.code == .closed)
        }
    }
}
