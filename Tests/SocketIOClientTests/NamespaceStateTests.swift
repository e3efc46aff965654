import NetLoop
import SocketIOEvents
import Testing

@testable import SocketIOClient

/// A socket that leaves, returns or waits while the server has not answered harms no other namespace.
@Suite struct NamespaceStateTests {
    private struct Pair {
        let scenario: Scenario
        let a: ClientSocket

        /// `/a` is joined, and notes what happens to it.
        init() throws {
            let scenario = try Scenario()
            self.scenario = scenario
            a = scenario.manager.socket("/a")
            a.onDisconnect { reason in scenario.log.append("a \(reason)") }
            a.open()
            scenario.settle()
            #expect(a.isConnected)
        }

        func check(_ b: ClientSocket, isConnected: Bool, log: [String] = []) {
            scenario.settle()
            #expect(scenario.faults.isEmpty)
            #expect(scenario.log == log)
            #expect(scenario.sessions.count == 1)
            #expect(scenario.agrees(a) && a.isConnected)
            #expect(scenario.agrees(b) && b.isConnected == isConnected)
        }
    }

    /// Ways to leave before the answer.
    enum Way: CaseIterable, Sendable {
        case disconnect, timeout, cancel
    }

    private func begin(_ way: Way, _ scenario: Scenario, _ socket: ClientSocket) -> () -> Void {
        switch way {
        case .disconnect:
            socket.open()
            return { scenario.run { socket.disconnect() } }
        case .timeout:
            scenario.run {
                scenario.loop.start {
                    do { try await socket.connect(timeout: .milliseconds(500)) } catch {
                        scenario.log.append("\(error)")
                    }
                }
            }
            return { scenario.advance(.milliseconds(600)) }
        case .cancel:
            var task: Task<Void, any Error>?
            scenario.run {
                task = scenario.loop.startTask {
                    do { try await socket.connect() } catch { scenario.log.append("\(error)") }
                }
            }
            return { [task] in scenario.run { task?.cancel() } }
        }
    }

    private static func words(_ way: Way, late: String) -> [String] {
        switch way {
        case .disconnect: []
        case .timeout: [late]
        case .cancel: ["the task that waited for the connection was cancelled"]
        }
    }

    @Test(arguments: Way.allCases) func `left while its auth is asked for, it sends nothing`(way: Way) throws {
        let pair = try Pair()
        let scenario = pair.scenario
        var auths: [CheckedContinuation<Void, Never>] = []
        let box = Box { auths.append($0) }
        let b = scenario.manager.socket(
            "/b",
            auth: {
                await withCheckedContinuation { box.body($0) }
                return ["token": "x"]
            })
        let leave = begin(way, scenario, b)
        scenario.settle()
        #expect(auths.count == 1)
        leave()
        scenario.run {
            for auth in auths { auth.resume() }
        }
        pair.check(b, isConnected: false, log: Self.words(way, late: "`auth` of /b did not return in time"))
        #expect(!scenario.sent.contains { $0.hasPrefix("0/b") || $0.hasPrefix("1/b") })
    }

    @Test(arguments: Way.allCases) func `left while a middleware decides, it is gone on both sides in the end`(way: Way)
        throws
    {
        for accepts in [true, false] {
            let pair = try Pair()
            let scenario = pair.scenario
            let b = scenario.manager.socket("/b")
            let leave = begin(way, scenario, b)
            scenario.settle { _ in nil }
            #expect(scenario.session?.undecided == ["/b"])
            leave()
            scenario.settle { _ in nil }
            #expect(!b.isActive)
            scenario.settle { _ in accepts }
            pair.check(b, isConnected: false, log: Self.words(way, late: "server did not accept /b in time"))
        }
    }

    @Test func `open, disconnect, open ends connected, with the last auth`() throws {
        for steps in [0, 1, 2] {
            let pair = try Pair()
            let b = pair.scenario.manager.socket("/b", auth: ["token": "old"])
            b.open()
            if steps > 0 { pair.scenario.settle { _ in nil } }
            b.disconnect()
            if steps > 1 { pair.scenario.settle { _ in nil } }
            b.setAuth(["token": "new"])
            b.open()
            pair.check(b, isConnected: true)
            #expect(pair.scenario.sent.last { $0.hasPrefix("0/b") } == #"0/b,{"token":"new"}"#)
        }
    }

    @Test func `left and let go of, it is the same socket until the answer is there`() throws {
        let pair = try Pair()
        var b: ClientSocket? = pair.scenario.manager.socket("/b")
        b?.open()
        pair.scenario.settle { _ in nil }
        b?.disconnect()
        b = nil
        pair.scenario.settle { _ in nil }
        let again = pair.scenario.manager.socket("/b")
        again.open()
        pair.check(again, isConnected: true)
    }

    @Test func `a DISCONNECT of the server that crosses ours does not end what was opened again`() throws {
        let pair = try Pair()
        let b = pair.scenario.manager.socket("/b")
        b.on("news") { () in pair.scenario.log.append("news") }
        b.open()
        pair.scenario.settle()
        pair.scenario.run {
            pair.scenario.session?.emit(to: "/b", id: nil)
            pair.scenario.session?.throwOut("/b")
            b.disconnect()
            b.open()
        }
        pair.check(b, isConnected: true)
    }

    @Test func `never answered, it alone gets an error, and a late answer counts`() throws {
        let pair = try Pair()
        let scenario = pair.scenario
        let b = scenario.manager.socket("/b")
        b.onConnectError { error in scenario.log.append("b \(error.code == .timedOut) \(b.isActive)") }
        b.open()
        scenario.settle { _ in nil }
        scenario.advance(.seconds(21))
        scenario.settle { _ in nil }
        scenario.advance(.seconds(21))
        scenario.settle { _ in nil }
        #expect(scenario.log == ["b true true", "b true true"])
        #expect(pair.a.isConnected)
        pair.check(b, isConnected: true, log: ["b true true", "b true true"])
    }

    @Test func `never answered and never to be tried again, it is over`() throws {
        let scenario = try Scenario { $0.reconnection = .off }
        let (a, b) = (scenario.manager.socket("/a"), scenario.manager.socket("/b"))
        a.open()
        scenario.settle()
        b.onConnectError { error in scenario.log.append("b \(error.code == .timedOut) \(b.isActive)") }
        b.open()
        scenario.settle { _ in nil }
        scenario.advance(.seconds(21))
        scenario.settle()
        #expect(scenario.log == ["b true false"])
        #expect(scenario.faults.isEmpty && scenario.agrees(a) && a.isConnected && scenario.agrees(b) && !b.isConnected)
    }

    @Test func `never answered alone, it tries another connection, as often as allowed`() throws {
        let scenario = try Scenario { $0.reconnection.attempts = 2 }
        let socket = scenario.manager.socket()
        socket.onConnectError { error in scenario.log.append("\(error.code == .timedOut)") }
        scenario.manager.onReconnectAttempt { scenario.log.append("attempt \($0)") }
        scenario.manager.onReconnectFailed { scenario.log.append("failed \(socket.isActive)") }
        socket.open()
        for _ in 0..<3 {
            scenario.settle { _ in nil }
            scenario.advance(.seconds(21))
            scenario.advance(.seconds(1))
        }
        #expect(scenario.log == ["true", "attempt 1", "true", "attempt 2", "true", "failed false"])
        #expect(scenario.sessions.count == 3 && scenario.session == nil)
    }

    @Test func `the time that auth takes does not count`() throws {
        let pair = try Pair()
        let scenario = pair.scenario
        var auths: [CheckedContinuation<Void, Never>] = []
        let box = Box { auths.append($0) }
        let b = scenario.manager.socket(
            "/b",
            auth: {
                await withCheckedContinuation { box.body($0) }
                return ["token": "x"]
            })
        b.onConnectError { error in scenario.log.append("\(error)") }
        b.open()
        scenario.settle()
        scenario.advance(.seconds(100))
        scenario.run { for auth in auths { auth.resume() } }
        pair.check(b, isConnected: true)
    }

    /// What only the loop's thread calls.
    private final class Box: @unchecked Sendable {
        let body: (CheckedContinuation<Void, Never>) -> Void
        init(_ body: @escaping (CheckedContinuation<Void, Never>) -> Void) { self.body = body }
    }
}
