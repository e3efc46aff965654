import NetLoop
import SocketIOWire
import Testing

@testable import SocketIOClient

@Suite struct HTTPChannelTests {
    /// A channel and its loop, and what came of each request.
    private struct Asker {
        let loop: EventLoop
        let channel: LoopBound<HTTPChannel>
        let lines = Lines()

        init(_ server: ScriptedServer, _ configure: (inout ClientManager.Configuration) -> Void = { _ in }) throws {
            var configuration = ClientManager.Configuration()
            configure(&configuration)
            let loop = try ClientLoops.next()
            let endpoint = try configuration.address(url: server.url, connections: ConnectionCount()).endpoint
            self.loop = loop
            channel = LoopBound(HTTPChannel(to: endpoint, on: loop), on: loop)
        }

        func ask(_ path: String = "/", timeout: Duration? = .seconds(10)) async {
            await loop.call { [channel, lines] _ in
                channel.value.send(
                    .get, Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8), timeout: timeout
                ) { result in
                    switch result {
                    case .success(let reply):
                        lines.append("\(reply.head.status) \(String(decoding: reply.body, as: UTF8.self))")
                    case .failure(let error): lines.append("\(error.code)")
                    }
                }
            }
        }

        /// Asks, and waits for what comes of it.
        func answer(_ path: String = "/", timeout: Duration? = .seconds(10)) async -> String? {
            let count = lines.all.count + 1
            await ask(path, timeout: timeout)
            return await lines.wait(for: count).last
        }

        func close() async { await loop.call { [channel] _ in channel.value.close() } }
    }

    private static func response(_ body: String, _ fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func `requests go one after the other over one connection`() async throws {
        let server = try ScriptedServer { connection in
            for number in 0... {
                _ = try connection.readRequest()
                try connection.send(Self.response("\(number)"))
            }
        }
        defer { server.stop() }
        let asker = try Asker(server)
        for number in 0..<3 { #expect(await asker.answer() == "200 \(number)") }
        #expect(server.connectionCount == 1)
        await asker.close()
    }

    @Test(arguments: ["Connection: close\r\n", ""])
    func `after a connection that the server closes the next request has another`(fields: String) async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.readRequest()
            try connection.send(Self.response("x", fields))
        }
        defer { server.stop() }
        let asker = try Asker(server)
        for count in 1...3 {
            #expect(await asker.answer() == "200 x")
            #expect(server.connectionCount == count)
            // Without a word it is the end of the connection that tells: as soon as the loop has seen it.
            let channel = asker.channel
            #expect(await eventually { await asker.loop.call { _ in !channel.value.keepsConnection } })
        }
        await asker.close()
    }

    @Test func `an answer may come in pieces, and in chunks, and end with the connection`() async throws {
        let answers = [
            Self.response("whole"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nch\r\n3;x=y\r\nunk\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nto the end",
        ]
        let server = try ScriptedServer { connection in
            for answer in answers {
                _ = try connection.readRequest()
                for byte in answer.utf8 { try connection.send([byte]) }
            }
        }
        defer { server.stop() }
        let asker = try Asker(server)
        #expect(await asker.answer() == "200 whole")
        #expect(await asker.answer() == "200 chunk")
        #expect(await asker.answer() == "200 to the end")
        await asker.close()
    }

    @Test func `what does not come in time, or breaks off, or is too much, is an error`() async throws {
        let server = try ScriptedServer { connection in
            switch try connection.readRequest().split(separator: " ")[1] {
            case "/cut": try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx")
            case "/much": try connection.send(Self.response(String(repeating: "x", count: 101)))
            case "/garbage": try connection.send("garbage\r\n\r\n")
            default: try connection.readToEnd()
            }
        }
        defer { server.stop() }
        let asker = try Asker(server) { $0.limits.messageBytes = 100 }
        #expect(await asker.answer("/silence", timeout: .milliseconds(50)) == "timedOut")
        #expect(await asker.answer("/cut") == "connectionLost")
        #expect(await asker.answer("/much") == "badResponse")
        #expect(await asker.answer("/garbage") == "badResponse")
        #expect(await asker.answer("/silence", timeout: .zero) == "timedOut")
        await asker.close()
    }

    @Test func `closed, it calls nobody and leaves no connection`() async throws {
        let (asked, ended) = (Lines(), Lines())
        let server = try ScriptedServer { connection in
            _ = try connection.readRequest()
            asked.append("asked")
            do { try connection.readToEnd() } catch { ended.append("ended") }
        }
        defer { server.stop() }
        let asker = try Asker(server)
        await asker.ask()
        #expect(await asked.wait(for: 1) == ["asked"])
        await asker.close()
        #expect(await ended.wait(for: 1) == ["ended"])
        // While it connects, too.
        let other = try Asker(server)
        let (loop, channel) = (other.loop, other.channel)
        await loop.call { _ in
            channel.value.send(.get, Array("GET / HTTP/1.1\r\n\r\n".utf8), timeout: nil) { _ in
                ended.append("called")
            }
            channel.value.close()
        }
        await loop.call { _ in }
        #expect(asker.lines.all.isEmpty && ended.all == ["ended"])
    }
}
