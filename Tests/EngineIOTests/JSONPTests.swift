import EngineIO
import TestSupport
import Testing

/// Protocol.md 9.4: polling with scripts and forms.
@Suite struct JSONPTests {
    private static let form = [("Content-Type", "application/x-www-form-urlencoded")]
    private static let own = [("Sec-Fetch-Site", "same-origin")]

    private func allow(_ configuration: inout EngineIOServer.Configuration) { configuration.allowEIO3 = true }

    @Test func `responses are calls, and payloads come in forms`() async throws {
        try await withServer(loops: 4, allow) { server throws in
            let client = try server.client()
            var response = try client.get("/engine.io/?EIO=3&transport=polling&j=0", Self.own)
            #expect(response["content-type"] == "text/javascript; charset=UTF-8")
            let head = #"___eio[0](""#
            #expect(response.text.hasPrefix(head) && response.text.hasSuffix(#"}");"#))
            let id = try #require(response.text.split(separator: "\\\"").dropFirst(3).first.map(String.init))
            // Which function it is, and that it is one, the handshake has said.
            let target = "/engine.io/?EIO=3&transport=polling&sid=\(id)"
            #expect(try client.post(target + "&j=7", "d=8%3A4a+b%2B%5C%5Cn%5Cn", Self.form).text == "ok")
            response = try client.get(target)
            #expect(response.text == #"___eio[0]("8:4a b+\\n\n");"#)
            #expect(try client.post(target, "x=1", Self.form).text == "ok")
            #expect(try client.post(target, "d=6%3Ab4AQID", Self.form).text == "ok")
            #expect(try client.get(target).text == #"___eio[0]("6:b4AQID");"#)
        }
    }

    @Test func `version 4 has it as well`() async throws {
        try await withServer(allow) { server throws in
            let client = try server.client()
            let text = try client.get(server.polling + "&j=3", Self.own).text
            #expect(text.hasPrefix(#"___eio[3]("0{\"sid\":\""#))
            let id = try #require(text.split(separator: "\\\"").dropFirst(3).first.map(String.init))
            #expect(try client.post(server.polling(id), "d=4hello", Self.form).text == "ok")
            #expect(try client.get(server.polling(id)).text == #"___eio[3]("4hello");"#)
        }
    }

    @Test func `without the option nobody is asked to run anything`() async throws {
        try await withServer { server throws in
            let response = try server.get(server.polling + "&j=3")
            #expect(response.text.hasPrefix("0{"))
            #expect(response["content-type"] == "text/plain; charset=UTF-8")
        }
    }

    @Test(
        arguments: [
            (["Sec-Fetch-Site": "same-origin"], true), (["Sec-Fetch-Site": "cross-site"], false),
            (["Sec-Fetch-Site": "same-site"], false), ([:], false),
            (["Referer": "http://localhost/a/b?c"], true), (["Referer": "http://localhost"], true),
            (["Referer": "http://elsewhere.example/localhost/"], false), (["Referer": "localhost"], false),
            (["Sec-Fetch-Site": "cross-site", "Referer": "http://elsewhere.example/"], false),
            (["Sec-Fetch-Site": "cross-site", "Referer": "https://friend.example/page"], false),
        ] as [([String: String], Bool)])
    func `a page of another origin runs nothing, since CORS does not keep it from scripts`(
        _ fields: [String: String], _ isServed: Bool
    ) async throws {
        try await withServer(allow) { server throws in
            let response = try server.get(server.polling + "&j=0", fields.map { ($0.key, $0.value) })
            #expect(response.status == (isServed ? 200 : 403))
            #expect(server.log.lines.contains { $0.contains("page of another origin") } != isServed)
        }
    }

    @Test func `unless cors lets it connect`() async throws {
        try await withServer {
            $0.allowEIO3 = true
            $0.cors = .origins("https://friend.example")
        } _: { server throws in
            let target = server.polling + "&j=0"
            #expect(try server.get(target, [("Referer", "https://friend.example/page")]).status == 200)
            #expect(try server.get(target, [("Referer", "https://elsewhere.example/page")]).status == 403)
            #expect(try server.get(target).status == 403)
        }
        try await withServer {
            $0.allowEIO3 = true
            $0.cors = .any
        } _: { server throws in
            #expect(try server.get(server.polling + "&j=0").status == 200)
        }
    }
}
