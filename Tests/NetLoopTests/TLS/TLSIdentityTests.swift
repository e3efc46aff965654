import TestSupport
import Testing

@testable import NetLoop

/// Who both ends are: several names, PKCS#12, and clients with certificates.
@Suite(.withCertificates) struct TLSIdentityTests {
    private let certificates: TestCertificates

    init() throws {
        certificates = try testCertificates()
    }

    private func files(_ name: String) -> TLSIdentity {
        .pem(certificate: certificates.certificate(name), key: certificates.key(name))
    }

    private func bundle(_ name: String, password: String) -> TLSIdentity {
        .pkcs12(certificates.path("\(name).p12"), password: password)
    }

    /// The two after their handshake, having said something.
    private func meet(
        _ server: TLSContext, host: String = "localhost", as identity: TLSIdentity? = nil
    ) throws -> TLSEnginePair {
        let context = try TLSContext.client(extraRoots: certificates.authority, identity: identity)
        let pair = TLSEnginePair(client: try context.makeEngine(host: host), server: try server.makeEngine())
        pair.client.write("to the server")
        let heard = pair.run()
        if pair.client.state == .established, pair.server.state == .established {
            #expect(heard.server == Array("to the server".utf8))
        }
        return pair
    }

    private func error(_ identity: TLSIdentity) -> TLSError? {
        do throws(TLSError) {
            _ = try TLSContext.server(identity)
            return nil
        } catch {
            return error
        }
    }

    // MARK: PKCS#12

    @Test func `a PKCS#12 file is an identity, with its password or without one`() throws {
        for identity in [bundle("good", password: ""), bundle("secret", password: "secret")] {
            let pair = try meet(.server(identity))
            #expect(pair.client.state == .established)
        }
    }

    @Test func `a PKCS#12 file that is none, is not there or has another password is named`() throws {
        for (identity, name) in [
            (bundle("missing", password: ""), "missing.p12"), (bundle("secret", password: "wrong"), "secret.p12"),
            (bundle("secret", password: ""), "secret.p12"), (bundle("keyless", password: ""), "keyless.p12"),
            (.pkcs12(certificates.path("text.pem"), password: ""), "text.pem"),
            (.pkcs12(certificates.certificate("good"), password: ""), "good.pem"),
        ] {
            guard case .bundle(let path, let detail) = error(identity) else {
                Issue.record("\(name) has another error, or none")
                continue
            }
            #expect(path == certificates.path(name))
            #expect(!detail.isEmpty)
        }
    }

    // MARK: Names

    @Test func `a server is who its client means, whatever the case, and one of them by default`() throws {
        let server = try TLSContext.server(
            files("elsewhere"),
            named: [
                "LOCALHOST": files("good"), "*.wild.example": bundle("good", password: ""),
                "chat.example": files("good"),
            ])
        for host in ["localhost", "LocalHost", "chat.example", "a.wild.example", "elsewhere.example"] {
            #expect(try meet(server, host: host).client.state == .established, "\(host)")
        }
        // One label, and no less: the default is answered, which is somebody else.
        for host in ["wild.example", "a.b.wild.example", "127.0.0.1"] {
            #expect(try meet(server, host: host).client.state == .failed(.wrongHost(host)), "\(host)")
        }
    }

    @Test func `the first wrong file of a name is said when the server is made`() {
        #expect(throws: TLSError.self) {
            try TLSContext.server(files("good"), named: ["a.example": .pkcs12("/none.p12", password: "")])
        }
    }

    @Test func `a session goes on in its handshake when the server has let go of its names`() throws {
        var server: TLSContext? = try TLSContext.server(files("elsewhere"), named: ["localhost": files("good")])
        let context = try TLSContext.client(extraRoots: certificates.authority)
        let pair = TLSEnginePair(
            client: try context.makeEngine(host: "localhost"), server: try #require(server).makeEngine())
        server = nil
        pair.run()
        #expect(pair.client.state == .established)
    }

    // MARK: Clients

    @Test(arguments: [true, false]) func `a client's certificate is known, and whose it is`(isNamed: Bool) throws {
        let server = try TLSContext.server(
            files("elsewhere"), named: isNamed ? ["localhost": files("good")] : [:],
            clients: .required(authorities: certificates.authority))
        let pair = try meet(server, host: isNamed ? "localhost" : "elsewhere.example", as: files("ada"))
        #expect(pair.server.state == .established)
        let certificate = try #require(pair.server.peerCertificate)
        // A name that would be two, were it written as it is.
        #expect(certificate.subject == #"CN=Zoë\,O\=Staff"# || certificate.subject == #"CN=Zoë\,O=Staff"#)
        #expect(certificate.fingerprint == certificates.fingerprint("ada"))
    }

    @Test func `without a certificate there is no connection where one is required, and one where it is not`() throws {
        let required = try TLSContext.server(files("good"), clients: .required(authorities: certificates.authority))
        guard case .failed = try meet(required).server.state else {
            Issue.record("it was let in")
            return
        }
        let optional = try TLSContext.server(files("good"), clients: .optional(authorities: certificates.authority))
        let pair = try meet(optional)
        #expect(pair.server.state == .established)
        #expect(pair.server.peerCertificate == nil)
        #expect(try meet(optional, as: files("ada")).server.peerCertificate != nil)
        #expect(try meet(.server(files("good")), as: files("ada")).server.peerCertificate == nil)
    }

    @Test func `a certificate that nobody vouches for, or whose time is over, is refused even where none is required`()
        throws
    {
        let server = try TLSContext.server(files("good"), clients: .optional(authorities: certificates.authority))
        for name in ["selfsigned", "expired"] {
            guard case .failed = try meet(server, as: files(name)).server.state else {
                Issue.record("\(name) was let in")
                continue
            }
        }
    }

    @Test func `the system's authorities vouch for no client`() throws {
        // An authority of its own, by which `ada` is not.
        let server = try TLSContext.server(
            files("good"), clients: .required(authorities: certificates.certificate("selfsigned")))
        guard case .failed = try meet(server, as: files("ada")).server.state else {
            Issue.record("it was let in")
            return
        }
        #expect(try meet(server, as: files("selfsigned")).server.state == .established)
    }

    @Test func `a file without authorities is named`() throws {
        let path = certificates.path("text.pem")
        do throws(TLSError) {
            _ = try TLSContext.server(files("good"), clients: .optional(authorities: path))
            Issue.record("it was taken")
        } catch {
            guard case .certificateFile(path, _) = error else {
                Issue.record(error)
                return
            }
        }
    }
}
