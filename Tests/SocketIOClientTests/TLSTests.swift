import SocketIO
import SocketIOClient
import TestSupport
import Testing

@Suite(.enabled("there is no `openssl` command to make certificates with") { TestCertificates.shared != nil })
struct TLSTests {
    /// Runs `body` with a server of that certificate.
    private func serveSecurely(
        _ name: String, asksClients: Bool = false, _ body: (_ port: Int, TestCertificates) async throws -> Void
    ) async throws {
        let certificates = try #require(TestCertificates.shared)
        let io = SocketIOServer(serverConfiguration())
        io.onConnection { socket in
            socket.on("echo") { (text: String) in text }
            socket.on("who") { socket.handshake.clientCertificate?.subject ?? "nobody" }
        }
        var tls = ServerTLS.pem(certificate: certificates.certificate(name), key: certificates.key(name))
        tls.clientCertificates = asksClients ? .required(authorities: certificates.authority) : .ignored
        let port = try await io.listen(host: "127.0.0.1", port: 0, tls: tls).port
        let result: Result<Void, any Error>
        do {
            try await body(port, certificates)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await io.close()
        try result.get()
    }

    @Test(arguments: Mode.allCases) func `talks over https and wss, certificate and name verified`(mode: Mode)
        async throws
    {
        try await serveSecurely("good") { port, certificates in
            for scheme in ["https", "wss"] {
                try await withManager(
                    "\(scheme)://localhost:\(port)",
                    { configuration in
                        mode.configure(&configuration)
                        configuration.tls.extraRoots = certificates.authority
                    }
                ) { manager in
                    let socket = manager.socket()
                    try await socket.connect()
                    let large = String(repeating: "0123456789", count: 50_000)
                    #expect(try await socket.emitWithAck("echo", large) as String == large)
                }
            }
        }
    }

    @Test(arguments: [
        ("good", false, ClientError.Code.untrusted), ("selfsigned", true, .selfSigned), ("expired", true, .expired),
        ("elsewhere", true, .wrongHost),
    ]) func `refuses a bad certificate with an error of its own`(
        name: String, trustsAuthority: Bool, code: ClientError.Code
    ) async throws {
        try await serveSecurely(name) { port, certificates in
            for mode in [Mode.polling, .webSocket] {
                try await withManager(
                    "https://localhost:\(port)",
                    { configuration in
                        mode.configure(&configuration)
                        configuration.reconnection = .off
                        if trustsAuthority { configuration.tls.extraRoots = certificates.authority }
                    }
                ) { manager in
                    let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
                    #expect(error?.code == code)
                }
            }
        }
    }

    @Test(arguments: Mode.allCases) func `shows who it is to a server that asks, and is refused as nobody`(mode: Mode)
        async throws
    {
        try await serveSecurely("good", asksClients: true) { port, certificates in
            func withClient(
                _ identity: ClientManager.TLS.Identity?, _ body: (ClientSocket) async throws -> Void
            ) async throws {
                try await withManager(
                    "https://localhost:\(port)",
                    { configuration in
                        mode.configure(&configuration)
                        configuration.reconnection = .off
                        configuration.tls.extraRoots = certificates.authority
                        configuration.tls.identity = identity
                    }
                ) { manager in try await body(manager.socket()) }
            }
            try await withClient(.pem(certificate: certificates.certificate("ada"), key: certificates.key("ada"))) {
                try await $0.connect()
                #expect(try await $0.emitWithAck("who") as String == #"CN=Zoë\,O=Staff"#)
            }
            try await withClient(.pkcs12(certificates.path("secret.p12"), password: "secret")) {
                try await $0.connect()
                #expect(try await $0.emitWithAck("who") as String == "CN=good")
            }
            try await withClient(nil) { socket in
                await #expect(throws: ClientError.self) { try await socket.connect() }
            }
            try await withClient(.pkcs12(certificates.path("secret.p12"), password: "wrong")) { socket in
                let error = await #expect(throws: ClientError.self) { try await socket.connect() }
                #expect(error?.code == .insecure)
            }
        }
    }

    @Test func `connects to anybody where that is asked for`() async throws {
        try await serveSecurely("selfsigned") { port, _ in
            try await withManager("wss://localhost:\(port)", { $0.tls.unsafelyTrustsEveryCertificate = true }) {
                manager in
                let socket = manager.socket()
                try await socket.connect()
                #expect(try await socket.emitWithAck("echo", "x") as String == "x")
            }
        }
    }

    @Test func `says that a file of roots cannot be read`() async throws {
        try await withManager("https://localhost:1", { $0.tls.extraRoots = "/nowhere.pem" }) { manager in
            let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
            #expect(error?.code == .insecure)
        }
    }
}
