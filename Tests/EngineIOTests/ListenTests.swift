import NetLoop
import TestSupport
import Testing

@testable import EngineIO

/// Where a server listens, and whom it takes its peers for.
@Suite(.timeLimit(.minutes(1))) struct ListenTests {
    private func withServer(
        _ configure: (inout EngineIOServer.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (EngineIOServer, Int) throws -> Void
    ) async throws {
        var configuration = EngineIOServer.Configuration()
        configuration.logger = LogLines()
        configuration.loops = 2
        configure(&configuration)
        let engine = EngineIOServer(configuration)
        let address = try await engine.listen(port: 0)
        #expect(address.host == "::")
        do {
            try await offPool { try body(engine, address.port) }
            await engine.close()
        } catch {
            await engine.close()
            throw error
        }
    }

    private static let polling = "/engine.io/?EIO=4&transport=polling"

    @Test func `without a host all addresses are meant, and an IPv4 peer has an IPv4 address`() async throws {
        try await withServer { engine, port throws in
            engine.http.get("/address") { .text($0.remoteAddress) }
            #expect(try RawClient(port: port).get("/address").text == "127.0.0.1")
        }
    }

    @Test func `IPv4 peers count by their own addresses`() async throws {
        try await withServer {
            $0.limits.sessionsPerAddress = 2
            // Those that have joined nothing would make room.
            $0.limits.unjoinedSessions = 100
        } _: { _, port throws in
            for source in 1...UInt8(3) {
                for expected in [200, 200, 503] {
                    let client = try RawClient(port: port, from: source)
                    #expect(try client.get(Self.polling).status == expected, "\(source)")
                }
            }
        }
    }

    @Test(arguments: ["engine.io", "/engine.io", "engine.io/", "/engine.io/", "e/\u{301}x", ""])
    func `a path has a slash in front, whether it was written or not`(path: String) async throws {
        try await withServer {
            $0.path = path
        } _: { engine, port throws in
            let bare = engine.configuration.servedPath
            #expect(bare.utf8.first == UInt8(ascii: "/") && bare.utf8.last == UInt8(ascii: "/"))
            let target = bare.utf8.map { $0 < 0x80 ? String(UnicodeScalar($0)) : "%" + String($0, radix: 16) }.joined()
            #expect(try RawClient(port: port).get(target + "?EIO=4&transport=polling").status == 200)
        }
    }

    @Test(arguments: [
        ("https://a.example", true), ("http://localhost:5173", true), ("HTTPS://A.example", true), ("null", true),
        ("http://[::1]:8080", true), ("http://[::1]", true), ("capacitor://localhost", true), ("file://", true),
        ("http://a.example:443", true), ("chrome-extension://abcdef", true), ("http://127.0.0.1", true),
        ("https://a.example/", false), ("https://a.example/x", false), ("a.example", false), ("", false),
        ("a.example:80", false), ("https://*.example", false), ("*", false), ("https://", false),
        ("https://a.example:443", false), ("http://a.example:80", false), ("ws://a.example", false),
        ("https://bücher.example", false), ("https://u@a.example", false), ("https://a.example?x", false),
        ("https://a.example ", false), ("https:/a.example", false), ("localhost:5173", false),
    ])
    func `an origin that no page can have is told from one that it can`(origin: String, isPossible: Bool) {
        #expect((AllowedName.fault(ofOrigin: origin) == nil) == isPossible)
    }

    @Test(arguments: [
        ("a.example", true), ("a.example:8443", true), ("[::1]", true), ("[::1]:80", true), ("LOCALHOST", true),
        ("https://a.example", false), ("a.example/", false), ("*.example", false), ("", false),
        ("bücher.example", false),
    ])
    func `a host that no request can name is told from one that it can`(host: String, isPossible: Bool) {
        #expect((AllowedName.fault(ofHost: host) == nil) == isPossible)
    }

    @Test func `what can never match stops the program where it is set`() async {
        await #expect(processExitsWith: .failure) { _ = CORSPolicy.origins("https://a.example", "https://b.example/") }
        await #expect(processExitsWith: .failure) { _ = HostPolicy.hosts(["a.example", "https://b.example"]) }
    }
}
