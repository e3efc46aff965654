import EngineIO
import Foundation
import NetLoop
import TestSupport
import Testing

/// Who clients are, and who the server is to them, as an application has it.
@Suite(
    .enabled("there is no `openssl` command to make certificates with") { TestCertificates.shared != nil },
    .timeLimit(.minutes(1)))
struct TLSIdentityServerTests {
    private let certificates: TestCertificates

    init() throws {
        certificates = try #require(TestCertificates.shared)
    }

    private func identity(_ name: String) -> ServerTLS.Identity {
        .pem(certificate: certificates.certificate(name), key: certificates.key(name))
    }

    private func files(_ name: String) -> TLSIdentity {
        .pem(certificate: certificates.certificate(name), key: certificates.key(name))
    }

    /// Runs `body` with a server, and a way to start what reaches it over TLS.
    private func withServer(
        _ tls: ServerTLS,
        _ body: (EngineIOServer, _ client: (_ name: String?) async throws -> RelayedClient) async throws -> Void
    ) async throws {
        let engine = EngineIOServer()
        engine.configuration.logger = LogLines()
        engine.configuration.loops = 2
        engine.onConnection { socket in
            socket.send(.text(socket.request.clientCertificate?.subject ?? "nobody"))
        }
        engine.http.get("/who") { request in
            let certificate = request.clientCertificate
            return .text("\(certificate?.subject ?? "nobody") \(certificate?.fingerprint ?? "")")
        }
        let port = try await engine.listen(host: "127.0.0.1", port: 0, tls: tls).port
        var relays: [TLSRelay] = []
        do {
            try await body(engine) { name in
                let relay = try await TLSRelay.start(to: port, trusting: certificates.authority, as: name.map(files))
                relays.append(relay)
                return RelayedClient(port: relay.port)
            }
        } catch {
            for relay in relays { await relay.stop() }
            await engine.close()
            throw error
        }
        for relay in relays { await relay.stop() }
        await engine.close()
    }

    private struct RelayedClient: Sendable {
        let port: Int

        func ask(_ target: String) async throws -> String {
            try await offPool { try RawClient(port: port).get(target).text }
        }
    }

    @Test func `a request and a session have the certificate of their client`() async throws {
        var tls = ServerTLS(identity("good"))
        tls.clientCertificates = .optional(authorities: certificates.authority)
        try await withServer(tls) { _, client in
            let expected = #"CN=Zoë\,O=Staff "# + certificates.fingerprint("ada")
            let ada = try await client("ada")
            #expect(try await ada.ask("/who") == expected)
            try await offPool { [port = ada.port] in
                let webSocket = try RawClient(port: port)
                try webSocket.openWebSocket("/engine.io/?EIO=4&transport=websocket")
                _ = try webSocket.receiveText()
                #expect(try webSocket.receiveText() == #"4CN=Zoë\,O=Staff"#)
                webSocket.close()
            }
            #expect(try await client(nil).ask("/who") == "nobody ")
        }
    }

    @Test func `a header cannot pass for a certificate`() async throws {
        try await withServer(ServerTLS(identity("good"))) { _, client in
            let port = try await client(nil).port
            let text = try await offPool {
                try RawClient(port: port).get("/who", [("certificate", String(repeating: "a", count: 64) + "CN=Ada")])
                    .text
            }
            #expect(text == "nobody ")
        }
    }

    @Test func `who has no certificate gets no answer where one is required`() async throws {
        var tls = ServerTLS(identity("good"))
        tls.clientCertificates = .required(authorities: certificates.authority)
        try await withServer(tls) { _, client in
            let nobody = try await client(nil)
            await #expect(throws: (any Error).self) { try await nobody.ask("/who") }
            #expect(try await client("ada").ask("/who").hasPrefix("CN="))
        }
    }

    @Test func `a server has a certificate for each name`() async throws {
        var tls = ServerTLS(identity("elsewhere"))
        try await withServer(tls) { _, client in
            let stranger = try await client(nil)
            await #expect(throws: (any Error).self) { try await stranger.ask("/who") }
        }
        tls.identities["localhost"] = .pkcs12(certificates.path("good.p12"))
        try await withServer(tls) { _, client in
            let asked = try await client(nil).ask("/who")
            #expect(asked == "nobody ")
        }
    }

    @Test func `renewed files are read without a restart, and those who are connected stay`() async throws {
        let files = (
            chain: certificates.path("renewed-\(UUID()).pem"), key: certificates.path("renewed-\(UUID()).key")
        )
        @Sendable func renew(_ name: String) throws {
            for (from, to) in [(certificates.certificate(name), files.chain), (certificates.key(name), files.key)] {
                try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to))
            }
        }
        try renew("good")
        try await withServer(.pem(certificate: files.chain, key: files.key)) { engine, client in
            let port = try await client(nil).port
            try await offPool {
                func reload(_ tls: ServerTLS? = nil) throws -> String {
                    let outcome = Journal()
                    startOffPool {
                        do throws(ListenError) {
                            try await engine.reloadTLS(tls)
                            outcome.append("done")
                        } catch {
                            outcome.append(error.code == .invalidIdentity ? "invalid" : "\(error)")
                        }
                    }
                    return try outcome.next()
                }
                func ask() throws -> String { try RawClient(port: port).get("/who").text }
                let before = try RawClient(port: port)
                #expect(try before.get("/who").text == "nobody ")
                // Not before it is said.
                try renew("elsewhere")
                #expect(try ask() == "nobody ")
                #expect(try reload() == "done")
                #expect(throws: (any Error).self) { try ask() }
                #expect(try before.get("/who").text == "nobody ")
                #expect(try reload(ServerTLS(identity("good"))) == "done")
                #expect(try ask() == "nobody ")
                // What is wrong changes nothing.
                try renew("expired")
                try Data("no certificate".utf8).write(to: URL(fileURLWithPath: files.chain))
                #expect(try reload(.pem(certificate: files.chain, key: files.key)) == "invalid")
                #expect(try reload() == "done")
                #expect(try ask() == "nobody ")
                #expect(try before.get("/who").text == "nobody ")
                before.close()
            }
        }
    }

    @Test func `a server that does not listen, or not with TLS, says so`() async throws {
        let engine = EngineIOServer()
        engine.configuration.logger = LogLines()
        await #expect(throws: ListenError.self) { try await engine.reloadTLS(ServerTLS(identity("good"))) }
        try await engine.listen(host: "127.0.0.1", port: 0)
        await #expect(throws: ListenError.self) { try await engine.reloadTLS(ServerTLS(identity("good"))) }
        await engine.close()
    }
}
