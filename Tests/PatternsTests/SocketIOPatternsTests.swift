import SocketIOTesting
import TestSupport
import Testing

@testable import patterns

/// The patterns over Socket.IO, most of them without a port.
@Suite struct SocketIOPatternsTests {
    private func serve(_ body: (TestServer) async throws -> Void) async throws {
        let io = SocketIOServer()
        try PatternsServer.install(on: io, Options([]))
        try await TestServer.run(io, body)
    }

    @Test func `what is published comes to who has subscribed to its topic`() async throws {
        try await serve { app in
            let (ada, bob) = (try await app.client("/topics"), try await app.client("/topics"))
            let _: EventArguments = try await ada.emitWithAck("subscribe", "weather")
            let _: EventArguments = try await bob.emitWithAck("subscribe", "sport")
            bob.emit("publish", "weather", "sunny")
            let (topic, text, node) = try await ada.next("published", String.self, String.self, String.self)
            #expect((topic, text, node) == ("weather", "sunny", "node 8080"))
            let _: EventArguments = try await ada.emitWithAck("unsubscribe", "weather")
            bob.emit("publish", "weather", "rain")
            try await app.settle()
            #expect(ada.unread("published").isEmpty && bob.unread("published").isEmpty)
        }
    }

    @Test func `a notice comes to the other user, in all tabs, and to nobody else`() async throws {
        try await serve { app in
            let ada = try await app.client("/people", auth: Person(name: "ada"))
            let bobs = [
                try await app.client("/people", auth: Person(name: "bob")),
                try await app.client("/people", auth: Person(name: "bob")),
            ]
            ada.emit("notify", "bob", "dinner is ready")
            for bob in bobs {
                #expect(try await bob.next("notice", String.self, String.self) == ("ada", "dinner is ready"))
            }
            try await app.settle()
            #expect(ada.unread.isEmpty)
            let error = await #expect(throws: ClientError.self) { try await app.client("/people") }
            #expect(error?.message.contains("Who are you?") == true)
        }
    }

    @Test func `a token is good for one connection`() async throws {
        let tokens = Tokens()
        let io = SocketIOServer()
        TokenAtTheDoor(tokens: tokens).install(on: io)
        try await TestServer.run(io) { app in
            await #expect(throws: ClientError.self) { try await app.client("/members") }
            let pass = Pass(token: tokens.draw())
            let member = try await app.client("/members", auth: pass)
            #expect(try await member.next("welcome") == "among members")
            let error = await #expect(throws: ClientError.self) { try await app.client("/members", auth: pass) }
            #expect(error?.message.contains("A token is wanted.") == true)
        }
        let first = tokens.draw()
        for _ in 0..<Tokens.limit { _ = tokens.draw() }
        #expect(!tokens.take(first))
    }

    @Test func `who enters a hall is heard by who is there`() async throws {
        try await serve { app in
            let (ada, bob) = (try await app.client("/halls"), try await app.client("/halls"))
            let _: EventArguments = try await ada.emitWithAck("enter", "hall 1")
            try await ada.next("entered")
            let _: EventArguments = try await bob.emitWithAck("enter", "hall 1")
            #expect(try await ada.next("entered", String.self, SocketID.self) == ("hall 1", try #require(bob.id)))
            let _: EventArguments = try await ada.emitWithAck("leave", "hall 1")
            app.io.namespace("/halls").to("hall:hall 1").emit("called", "hall 1", "it begins")
            #expect(try await bob.next("called", String.self, String.self) == ("hall 1", "it begins"))
            #expect(ada.unread("called").isEmpty)
        }
    }

    @Test func `what was missed comes when the client is back`() async throws {
        try await serve { app in
            let ada = try await app.client("/news")
            #expect(try await ada.next("headline") == "all that is new from here on")
            try await ada.setNetwork(.down)
            #expect(try await ada.disconnected() == .transportClose)
            app.io.namespace("/news").emit("headline", "missed")
            try await ada.setNetwork(.working)
            try await app.advance(by: .seconds(30))
            try await ada.connected()
            #expect(try await ada.next("headline") == "missed")
            #expect(ada.socket.isRecovered && ada.unread.isEmpty)
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("/feed", "/feed", "item", ["hello"]), ("/news", "/news", "headline", ["hello"]),
            ("/halls/hall%201", "/halls", "called", ["hall 1", "hello"]),
        ])
    func `a handler of plain HTTP tells clients`(
        _ path: String, _ namespace: String, _ event: String, _ told: [String]
    ) async throws {
        let io = SocketIOServer()
        try PatternsServer.install(on: io, Options([]))
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        let manager = ClientManager(url: "http://127.0.0.1:\(port)")
        let socket = manager.socket(namespace)
        let heard = AsyncStream<[JSONValue]>.makeStream()
        // Its arguments without the offset that recovery puts behind them.
        socket.onAny { name, arguments in
            guard name.description == event else { return }
            heard.continuation.yield(Array(arguments.prefix(told.count)))
        }
        do {
            try await socket.connect()
            if namespace == "/halls" { let _: EventArguments = try await socket.emitWithAck("enter", "hall 1") }
            let statuses = try await offPool {
                let client = try RawClient(port: port)
                return [try client.post(path, "hello").status, try client.post(path, "").status]
            }
            #expect(statuses == [202, 400])
            for await arguments in heard.stream where arguments != ["all that is new from here on"] {
                #expect(arguments == told.map { JSONValue.string($0) })
                break
            }
        } catch {
            await manager.close()
            await io.close()
            throw error
        }
        await manager.close()
        await io.close()
    }
}
