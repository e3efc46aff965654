import Foundation
import PatternsEvents
import SocketIOTesting
import TestSupport
import Testing

@testable import patterns

@Suite struct ChatThreeWaysTests {
    private func decode(_ text: String) throws -> Message {
        try JSONDecoder().decode(Message.self, from: Data(text.utf8))
    }

    @Test(.timeLimit(.minutes(1))) func `everybody sees what is said in any way, once`() async throws {
        let io = SocketIOServer()
        try PatternsServer.install(on: io, Options([]))
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        let manager = ClientManager(url: "http://127.0.0.1:\(port)")
        let socket = manager.socket()
        let told = socket.events(.message)
        do {
            try await socket.connect()
            let said = try await socket.emitWithAck(.say, Draft(name: "Cleo", text: "over Socket.IO"))
            #expect(said == Message(number: 1, Draft(name: "Cleo", text: "over Socket.IO"), over: .socketIO))
            let streamed = try await offPool {
                let (asks, streams) = (try RawClient(port: port), try RawClient(port: port))
                try streams.openWebSocket("/messages")
                var streamed = [try decode(streams.receiveText())]
                #expect(try asks.post("/messages", #"{"name":"Ada","text":"by POST"}"#).status == 201)
                streamed.append(try decode(streams.receiveText()))
                try streams.sendText(#"{"name":"Bob","text":"over a WebSocket"}"#)
                streamed.append(try decode(streams.receiveText()))
                let asked = try JSONDecoder().decode([Message].self, from: Data(asks.get("/messages").body))
                #expect(asked == streamed)
                #expect(try asks.get("/messages?after=3").text == "[]")
                let late = try RawClient(port: port)
                try late.openWebSocket("/messages?after=2")
                #expect(try decode(late.receiveText()) == streamed[2])
                return streamed
            }
            #expect(streamed.map(\.way) == [.socketIO, .http, .webSocket])
            var iterator = told.makeAsyncIterator()
            var heard: [Message] = []
            while heard.count < 3, let message = await iterator.next() { heard.append(message) }
            #expect(heard.sorted { $0.number < $1.number } == streamed)
        } catch {
            await manager.close()
            await io.close()
            throw error
        }
        await manager.close()
        await io.close()
    }

    @Test func `who comes later reads what was said before`() async throws {
        let io = SocketIOServer()
        try PatternsServer.install(on: io, Options([]))
        try await TestServer.run(io) { app in
            let ada = try await app.client()
            #expect(try await ada.next(.history).isEmpty)
            _ = try await ada.emitWithAck(.say, Draft(name: "Ada", text: "early"))
            let bob = try await app.client()
            #expect(try await bob.next(.history).map(\.text) == ["early"])
            _ = try await bob.emitWithAck(.say, Draft(name: "Bob", text: "late"))
            #expect(try await ada.next(.message).text == "early")
            #expect(try await ada.next(.message).text == "late")
            #expect(try await bob.next(.message).text == "late")
        }
    }

    @Test func `the log keeps the last, and forgets readers that have gone`() async throws {
        let log = MessageLog()
        for number in 1...300 { _ = log.add(Draft(name: "a", text: "\(number)"), over: .http) }
        #expect(log.messages().map(\.number) == Array(101...300))
        #expect(log.messages(after: 298).map(\.text) == ["299", "300"])
        #expect(log.messages(after: Int.max).isEmpty && log.messages(after: Int.min).count == 200)
        do {
            let news = log.news()
            var iterator = news.makeAsyncIterator()
            #expect(await iterator.next() != nil)
            // Two that nobody has taken are one.
            for text in ["x", "y"] { _ = log.add(Draft(name: "a", text: text), over: .http) }
            #expect(await iterator.next() != nil)
            #expect(log.readerCount == 1)
        }
        #expect(log.readerCount == 0)
    }

    @Test func `a reader of the stream that does not read harms nobody, and is forgotten when it leaves`() async throws
    {
        let io = SocketIOServer()
        let chat = ChatThreeWays()
        chat.install(on: io)
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        do {
            try await offPool {
                let (slow, quick) = (try RawClient(port: port, receiveBuffer: 4096), try RawClient(port: port))
                for client in [slow, quick] { try client.openWebSocket("/messages") }
                let text = String(repeating: "a", count: Draft.textLimit)
                for number in 1...2000 {
                    try quick.sendText(#"{"name":"Ada","text":"\#(text)"}"#)
                    #expect(try decode(quick.receiveText()).number == number)
                }
                slow.abort()
                let end = ContinuousClock.now.advanced(by: quick.patience)
                while chat.log.readerCount > 1 {
                    try #require(ContinuousClock.now < end)
                    try quick.sendText(#"{"name":"Ada","text":"still there?"}"#)
                    _ = try quick.receiveText()
                }
            }
        } catch {
            await io.close()
            throw error
        }
        await io.close()
    }
}
