import Foundation
import SocketIOClient
import Synchronization
import Testing

/// `rememberUpgrade`, as a server sees it.
@Suite struct UpgradeMemoryTests {
    /// A server for handshakes and upgrades, which notes how each session begins.
    private final class Upgrading: Sendable {
        let begun = Lines()
        let upgraded = Lines()
        let refusesWebSockets = Atomic<Bool>(false)
        /// `3probe` is sent: polls are to end.
        private let probed = DispatchSemaphore(value: 0)

        func follow(_ connection: ScriptedServer.Connection) throws {
            var polls = 0
            while true {
                let head = try connection.readRequest()
                let isNew = !head.contains("&sid=")
                if head.contains("transport=websocket") {
                    if isNew { begun.append("websocket") }
                    guard !refusesWebSockets.load(ordering: .relaxed) else {
                        return try connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                    }
                    try connection.acceptWebSocket(head)
                    return try isNew ? talk(on: connection) : upgrade(on: connection)
                }
                guard head.hasPrefix("GET") else {
                    try respond("ok", on: connection)
                    continue
                }
                polls += 1
                switch polls {
                case 1:
                    begun.append("polling")
                    try respond(Self.open, on: connection)
                case 2: try respond(#"40{"sid":"s"}"#, on: connection)
                default:
                    guard probed.wait(timeout: .now() + 10) == .success else { return }
                    // The answer may overtake `3probe`: then the client polls once more.
                    probed.signal()
                    try respond("6", on: connection)
                }
            }
        }

        private static let open =
            #"0{"sid":"a","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#

        private func respond(_ body: String, on connection: ScriptedServer.Connection) throws {
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        private func talk(on connection: ScriptedServer.Connection) throws {
            try connection.sendText(Self.open)
            while true {
                if try connection.readText() == "40" { try connection.sendText(#"40{"sid":"s"}"#) }
            }
        }

        private func upgrade(on connection: ScriptedServer.Connection) throws {
            guard try connection.readText() == "2probe" else { return }
            try connection.sendText("3probe")
            probed.signal()
            guard try connection.readText() == "5" else { return }
            upgraded.append("upgraded")
            while true { _ = try connection.readText() }
        }
    }

    private func against(
        remembering: Bool, _ body: (ClientSocket, Upgrading) async throws -> Void
    ) async throws {
        let upgrading = Upgrading()
        let server = try ScriptedServer { try upgrading.follow($0) }
        defer { server.stop() }
        try await withManager(
            server.url,
            { configuration in
                configuration.rememberUpgrade = remembering
                configuration.limits.closeTime = .milliseconds(50)
            }
        ) { manager in
            let socket = manager.socket()
            try await socket.connect()
            #expect(await upgrading.upgraded.wait(for: 1) == ["upgraded"])
            socket.disconnect()
            try await body(socket, upgrading)
        }
    }

    @Test(arguments: [true, false]) func `begins with WebSocket after an upgrade only where that is asked for`(
        remembering: Bool
    ) async throws {
        try await against(remembering: remembering) { socket, upgrading in
            try await socket.connect()
            #expect(upgrading.begun.all == ["polling", remembering ? "websocket" : "polling"])
        }
    }

    @Test func `goes back to polling once WebSocket does not work any more, and stays until the next upgrade`()
        async throws
    {
        try await against(remembering: true) { socket, upgrading in
            upgrading.refusesWebSockets.store(true, ordering: .relaxed)
            try await socket.connect()
            #expect(upgrading.begun.all == ["polling", "websocket", "polling"])
            socket.disconnect()
            try await socket.connect()
            #expect(upgrading.begun.all == ["polling", "websocket", "polling", "polling"])
        }
    }
}
