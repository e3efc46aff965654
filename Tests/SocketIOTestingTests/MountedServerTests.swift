import SocketIO
import SocketIOTesting
import TestSupport
import Testing

/// A server that another one has mounted, in time that the test moves.
@Suite(.timeLimit(.minutes(1))) struct MountedServerTests {
    @Test func `who comes late for the end of an answer gets it, though the server has ended its connection`()
        async throws
    {
        let io = SocketIOServer()
        let (gate, size) = (Gate(), 100_000)
        io.http.get("/two") { _ in
            .stream(contentType: "text/plain") { body in
                try await body.write([UInt8](repeating: 0x61, count: size))
                await gate.wait()
                try await body.write([UInt8](repeating: 0x62, count: size))
            }
        }
        try await TestServer.run(io) { app in
            let request = MountedRequest(
                method: "GET", target: "/two", headers: [("Host", "localhost"), ("Connection", "close")],
                remoteAddress: "192.0.2.1")
            let response = try await io.respond(to: request)
            try await app.settle()
            gate.open()
            try await app.settle()
            // Longer than the server waits for who does not read the end.
            try await app.advance(by: .seconds(300))
            guard case .body(let body) = response.content else { return }
            var count = 0
            for try await piece in body { count += piece.count }
            #expect(count == 2 * size)
        }
    }

    @Test func `a Socket.IO client is served through it, in the server's own time`() async throws {
        let io = SocketIOServer()
        io.onConnection { socket in
            socket.emit("hello", socket.handshake.address, socket.handshake.isSecure)
        }
        try await TestServer.run(io) { app in
            @Sendable func ask(_ method: String, _ query: String, _ packet: String = "") async throws -> String {
                let request = MountedRequest(
                    method: method, target: "/socket.io/?EIO=4&transport=polling\(query)",
                    headers: [("Host", "localhost")], remoteAddress: "192.0.2.1", isSecure: true)
                let response = try await io.respond(to: request, body: Array(packet.utf8))
                guard case .body(let body) = response.content else { return "" }
                var bytes: [UInt8] = []
                for try await piece in body { bytes += piece }
                return String(decoding: bytes, as: UTF8.self)
            }
            let open = try await ask("GET", "")
            let id = open.dropFirst(#"0{"sid":""#.count).prefix { $0 != "\"" }
            #expect(try await ask("POST", "&sid=\(id)", "40") == "ok")
            #expect(try await ask("GET", "&sid=\(id)").hasSuffix(#"42["hello","192.0.2.1",true]"#))
            async let ping = ask("GET", "&sid=\(id)")
            try await app.settle()
            try await app.advance(by: .seconds(25))
            #expect(try await ping == "2")
        }
    }
}
