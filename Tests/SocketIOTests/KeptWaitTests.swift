import SocketIOTesting
import SocketIOWire
import Synchronization
import Testing

@testable import SocketIO

/// A client that comes back to what an adapter keeps, which does not say anything of it (Protocol.md 6).
@Suite(.timeLimit(.minutes(1))) struct KeptWaitTests {
    private static let pid = String(repeating: "A", count: 20)

    private func play(_ body: (TestServer, SilentKeeper, TestClient) async throws -> Void) async throws {
        let adapter = SilentKeeper()
        let io = SocketIOServer()
        io.configuration.adapter = adapter
        io.configuration.recovery = .init()
        try await TestServer.run(io) { app in
            let client = app.makeClient(auth: ["pid": Self.pid, "offset": "1-0"])
            client.socket.open()
            try await app.settle()
            #expect(adapter.questionCount == 1)
            try await body(app, adapter, client)
        }
    }

    @Test func `after five seconds it is somebody new, and what is found later is kept again`() async throws {
        try await play { app, adapter, client in
            try await app.advance(by: .milliseconds(4_999))
            #expect(!client.isConnected)
            try await app.advance(by: .milliseconds(1))
            try await client.connected()
            #expect(!client.socket.isRecovered)
            let session = KeptSession(
                id: SocketID("id"), pid: SocketID(Self.pid), rooms: [], data: [:], progress: StreamProgress(upTo: .zero)
            )
            adapter.answer(
                KeptReturn(session: session, position: .zero, isTrusted: true, load: MissedLoad(of: Allowance(.max))))
            try await app.settle()
            #expect(adapter.kept == [Self.pid])
        }
    }

    @Test func `if there is nothing it is looked for once more after a quarter of a second`() async throws {
        try await play { app, adapter, client in
            adapter.answer(nil)
            try await app.advance(by: .milliseconds(249))
            #expect(adapter.questionCount == 1 && !client.isConnected)
            try await app.advance(by: .milliseconds(1))
            #expect(adapter.questionCount == 2 && !client.isConnected)
            adapter.answer(nil)
            try await client.connected()
            #expect(!client.socket.isRecovered && adapter.kept == [])
        }
    }
}

/// Keeps what is sent, and is asked for it.
private final class SilentKeeper: KeepingAdapter, KeepingNamespaceAdapter {
    private struct State {
        var questions: [@Sendable (KeptReturn?) -> Void] = []
        var kept: [String] = []
    }

    private let state = Mutex(State())

    var questionCount: Int { state.withLock { $0.questions.count } }
    var kept: [String] { state.withLock { $0.kept } }

    /// Answers the last question.
    func answer(_ kept: KeptReturn?) { state.withLock { $0.questions.last }?(kept) }

    func join(_ namespace: LocalNamespace) -> any NamespaceAdapter { self }
    func confirm(_ body: () -> Void, _ confirmed: @escaping @Sendable (Bool) -> Void) { body() }
    func follow(_ told: @escaping @Sendable (RedisStreamID) -> Void) {}
    func settle() async {}
    func publish(_ message: ClusterMessage) {}
    func respond(_ response: ClusterResponse, to request: ClusterRequest) {}
    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void) {}
    func leave() {}
    func publishKept(_ message: ClusterMessage) -> Bool { false }
    func afterKept(_ bytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool { false }
    func keep(_ session: KeptSession, for time: Duration) {
        state.withLock { $0.kept.append(session.pid.description) }
    }
    func take(
        _ pid: SocketID, after offset: RedisStreamID?, _ found: @escaping @Sendable (KeptReturn?) -> Void
    ) {
        state.withLock { $0.questions.append(found) }
    }
}
