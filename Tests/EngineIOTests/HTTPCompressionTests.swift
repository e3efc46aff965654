import NetLoop
import SocketIOWire
import TestSupport
import Testing

@testable import EngineIO

/// Responses of long-polling that are compressed.
@Suite(.timeLimit(.minutes(2))) struct HTTPCompressionTests {
    private static let long = String(repeating: "a text that is repeated; ", count: 60)

    /// The response to a poll that brings `message`.
    private func poll(_ server: TestServer, _ message: String, accepting encodings: String?) throws -> RawResponse {
        let client = try server.client()
        let id = try server.openPolling(on: client)
        #expect(try client.post(server.polling(id), "4\(message)").text == "ok")
        return try client.get(server.polling(id), encodings.map { [("Accept-Encoding", $0)] } ?? [])
    }

    private func inflate(_ body: some Collection<UInt8>) throws -> String {
        let inflate = try #require(Inflate(try ZlibLibrary.load()))
        return String(decoding: try inflate.message(Array(body).span, limit: 1_000_000), as: UTF8.self)
    }

    @Test func `a response from the threshold on is compressed as the client prefers`() async throws {
        let tests = self
        try await withServer {
            $0.httpCompression = EngineIOServer.HTTPCompression()
        } _: { server throws in
            let gzip = try tests.poll(server, Self.long, accepting: "gzip, deflate, br")
            #expect(gzip["content-encoding"] == "gzip" && gzip.body.count < 200)
            #expect(gzip["content-length"] == "\(gzip.body.count)")
            // RFC 1952 2.3: ten bytes in front, eight behind.
            #expect(try tests.inflate(gzip.body.dropFirst(10).dropLast(8)) == "4\(Self.long)")
            let deflate = try tests.poll(server, Self.long, accepting: "deflate")
            #expect(deflate["content-encoding"] == "deflate")
            // RFC 1950 2.2: two bytes in front, four behind.
            #expect(try tests.inflate(deflate.body.dropFirst(2).dropLast(4)) == "4\(Self.long)")
            for encodings in [nil, "br", "gzip;q=0"] {
                let plain = try tests.poll(server, Self.long, accepting: encodings)
                #expect(plain["content-encoding"] == nil && plain.text == "4\(Self.long)")
            }
            let below = try tests.poll(server, String(repeating: "a", count: 1022), accepting: "gzip")
            #expect(below["content-encoding"] == nil && below.body.count == 1023)
            let at = try tests.poll(server, String(repeating: "a", count: 1023), accepting: "gzip")
            #expect(at["content-encoding"] == "gzip")
        }
    }

    @Test func `a client of Engine_IO 3 has it, too`() async throws {
        let tests = self
        try await withServer {
            $0.httpCompression = EngineIOServer.HTTPCompression()
            $0.allowEIO3 = true
        } _: { server throws in
            let client = try server.client()
            let target = "/engine.io/?EIO=3&transport=polling"
            let open = try #require(try client.get(target).text.split(separator: ":", maxSplits: 1).last)
            let session = "\(target)&sid=\(try #require(TestServer.sessionID(in: String(open))))"
            let payload = "\(Self.long.utf8.count + 1):4\(Self.long)"
            #expect(try client.post(session, payload).text == "ok")
            let response = try client.get(session, [("Accept-Encoding", "gzip")])
            #expect(response["content-encoding"] == "gzip")
            #expect(try tests.inflate(response.body.dropFirst(10).dropLast(8)) == payload)
        }
    }

    @Test func `it is off by default`() async throws {
        let tests = self
        try await withServer { server throws in
            #expect(try tests.poll(server, Self.long, accepting: "gzip").text == "4\(Self.long)")
        }
    }
}
