import CommandLineOptions
import ExamplePages
import SocketIO
import Testing

@testable import chat

@Suite struct OptionsTests {
    @Test func `a folder without the client is refused, with what to do`() {
        let error = #expect(throws: UsageError.self) { try Options(["--client-bundle", "/nope"]) }
        #expect(
            error?.description
                == "--client-bundle: there is no socket.io.min.js or socket.io.js in '/nope'; the npm package "
                + "socket.io-client has them in its folder dist")
    }

    @Test func `the password comes from the environment, and one that was given is not printed`() throws {
        let given = try Options([], environment: ["CHAT_ADMIN_PASSWORD": "from there"])
        #expect(given.adminPassword == "from there" && given.passwordNote == "(as given)")
        let both = try Options(["--admin-password", "from here"], environment: ["CHAT_ADMIN_PASSWORD": "from there"])
        #expect(both.adminPassword == "from here")
        let drawn = try Options([], environment: ["CHAT_ADMIN_PASSWORD": ""])
        #expect(drawn.adminPassword.count == 12 && drawn.passwordNote == drawn.adminPassword)
        #expect(try Options([]).adminPassword != drawn.adminPassword)
    }

    @Test func `a proxy that cannot be one is refused, wherever it was named`() throws {
        let error = #expect(throws: UsageError.self) { try Options(["--trusted-proxy", "proxy"]) }
        #expect(
            error?.description.contains("--trusted-proxy or TRUSTED_PROXIES: the trusted proxy \"proxy\" is no") == true
        )
        #expect(throws: UsageError.self) {
            try Options(["--trusted-proxy", "10.0.0.0/8"], environment: ["TRUSTED_PROXIES": "127.0.0.1,nginx"])
        }
        _ = try Options(["--trusted-proxy", "10.0.0.0/8"], environment: ["TRUSTED_PROXIES": "127.0.0.1, ::1"])
    }

    @Test func `the address that is printed is one for a browser`() throws {
        #expect(try Options([]).url == "http://localhost:3000")
        #expect(try Options(["--host", "::", "--port", "80"]).url == "http://localhost:80")
        #expect(try Options(["--host", "::1"]).url == "http://[::1]:3000")
        #expect(try Options(["--host", "10.0.0.1"]).url == "http://10.0.0.1:3000")
    }

    @Test func `pages say as header fields what they may do`() throws {
        let fields = Pages(client: .cdn).securityFields.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        for part in [
            "script-src 'self' https://cdn.socket.io;", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors 'none'",
            "X-Content-Type-Options: nosniff", "Cache-Control: no-cache",
        ] {
            #expect(fields.contains(part))
        }
        let own = Pages(client: .folder("dist", name: "socket.io.js")).securityFields[0].value
        #expect(own.contains("script-src 'self';"))
    }
}
