import SocketIOTesting
import Testing

/// What administrators are told every two seconds.
@Suite(.timeLimit(.minutes(1))) struct AdminClockTests {
    private static let auth = ["username": "admin", "password": "secret"]

    private func administered(_ configure: (inout AdminConfiguration) -> Void) -> SocketIOServer {
        let io = SocketIOServer()
        io.configuration.loops = 2
        io.admin(password: "secret", configure)
        return io
    }

    @Test func `numbers are told again and again, namespaces without sockets included`() async throws {
        let io = administered {
            $0.serverID = "server-1"
            $0.mode = .production
        }
        _ = io.namespace("/chat")
        try await TestServer.run(io) { app in
            let peer = try await app.client()
            let page = try await app.client("/admin", auth: Self.auth)
            // The first to begin with, the second to count from.
            for number in 0..<3 {
                if number == 2 { for _ in 0..<3 { peer.emit("e") } }
                try await app.settle()
                if number > 0 {
                    #expect(page.unread("server_stats").isEmpty)
                    try await app.advance(by: .milliseconds(1_999))
                    #expect(page.unread("server_stats").isEmpty)
                    try await app.advance(by: .milliseconds(1))
                }
                let stats: JSONValue = try await page.next("server_stats")
                #expect(stats["serverId"] == "server-1" && stats["clientsCount"] == 2)
                #expect(stats["pollingClientsCount"] == 0 && stats["hostname"].stringValue != nil)
                #expect(
                    stats["namespaces"] == [
                        ["name": "/", "socketsCount": 1], ["name": "/admin", "socketsCount": 1],
                        ["name": "/chat", "socketsCount": 0],
                    ])
                let events = stats["aggregatedEvents"].arrayValue ?? []
                #expect(events.contains { $0["type"] == "packetsIn" && $0["count"] == 3 } == (number == 2))
                #expect(events.allSatisfy { ($0["timestamp"].intValue ?? 1) % 1_000 == 0 })
            }
        }
    }

    @Test func `who may only look does nothing`() async throws {
        let io = administered { $0.isReadOnly = true }
        try await TestServer.run(io) { app in
            let peer = try await app.client()
            let page = try await app.client("/admin", auth: Self.auth)
            page.emit("emit", "/", JSONValue.null, "x")
            page.emit("join", "/", "r")
            page.emit("_disconnect", "/", true)
            try await app.advance(by: .seconds(4))
            #expect(page.unread("server_stats").count == 3)
            #expect(peer.isConnected && peer.unread.isEmpty)
            #expect(await io.memberCount(of: "r") == 0)
        }
    }
}
