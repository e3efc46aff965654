import SocketIOTesting
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct TestServerTests {
    private func makeServer(_ configure: (inout SocketIOServer.Configuration) -> Void = { _ in }) -> SocketIOServer {
        var configuration = SocketIOServer.Configuration()
        configure(&configuration)
        return SocketIOServer(configuration)
    }

    @Test(arguments: [[.webSocket], [.polling], [.polling, .webSocket]] as [[ClientManager.Transport]])
    func `events and acknowledgements go both ways`(_ transports: [ClientManager.Transport]) async throws {
        let io = makeServer()
        io.onConnection { socket in
            socket.join("lobby")
            socket.on("say") { (text: String) in io.to("lobby").emit("said", text, socket.id) }
            socket.on("add") { (a: Int, b: Int) in a + b }
            socket.on("ask back") { () async throws in
                let answer: String = try await socket.emitWithAck("name?")
                return "you are \(answer)"
            }
        }
        try await TestServer.run(io) { app in
            let ada = try await app.client(transports: transports)
            let bob = try await app.client(transports: transports)
            ada.socket.on("name?") { "ada" }
            ada.emit("say", "hello")
            let (text, id) = try await bob.next("said", String.self, String.self)
            #expect(text == "hello" && id == ada.id?.description)
            #expect(try await ada.emitWithAck("add", 1, 2) == 3)
            #expect(try await ada.emitWithAck("ask back") == "you are ada")
            #expect(bob.unread.isEmpty && ada.unread("said").count == 1)
        }
    }

    @Test func `a middleware refuses a client, and others see where each comes from`() async throws {
        let io = makeServer()
        io.use { socket in
            guard try socket.handshake.auth(as: [String: String].self)["name"] == "ada" else {
                throw ConnectionRefused("only ada")
            }
        }
        io.onConnection { socket in
            socket.emit("you", socket.handshake.address, socket.handshake.headers["x-test"] ?? "")
        }
        io.namespace("/admin").onConnection { socket in socket.emit("welcome") }
        try await TestServer.run(io) { app in
            let ada = try await app.client(
                auth: ["name": "ada"], headers: ["X-Test": "yes"], address: "192.0.2.7")
            #expect(try await ada.next("you", String.self, String.self) == ("192.0.2.7", "yes"))
            let admin = try await ada.namespace("/admin")
            try await admin.next("welcome")
            let error = await #expect(throws: ClientError.self) {
                try await app.client(auth: ["name": "bob"])
            }
            #expect(error?.code == .refused && error?.message.contains("only ada") == true)
        }
    }

    @Test func `a failure says what came instead`() async throws {
        let io = makeServer()
        io.onConnection { socket in
            socket.emit("welcome", "ada", 3)
            socket.emit("news", String(repeating: "x", count: 1_000))
        }
        try await TestServer.run(io, patience: .milliseconds(500)) { app in
            let ada = try await app.client()
            try await app.settle()
            let missing = await #expect(throws: TestFailure.self) { try await ada.next("chat") }
            let words = missing?.description ?? ""
            #expect(words.contains(#"no "chat" came to / within 0.5 seconds; what came instead: "#))
            #expect(words.contains(#": "welcome" ["ada",3], "news" ["xxxx"#))
            #expect(words.count < 500)
            let wrong = await #expect(throws: TestFailure.self) { let _: Int = try await ada.next("welcome") }
            #expect(
                wrong?.description.contains(#""welcome" ["ada",3] came, whose argument 1 is of another type"#) == true)
            let alone = await #expect(throws: TestFailure.self) { try await ada.disconnected() }
            #expect(alone?.description.contains("/ was not disconnected within") == true)
            let unanswered = await #expect(throws: TestFailure.self) {
                let _: Int = try await ada.emitWithAck("nothing")
            }
            #expect(unanswered?.description.contains(#""nothing" was not acknowledged within"#) == true)
            ada.discardUnread()
            ada.disconnect()
            #expect(try await ada.disconnected() == .clientDisconnect)
            let away = await #expect(throws: TestFailure.self) { try await ada.next("chat") }
            #expect(away?.description.contains("nothing else came; the client is not connected") == true)
        }
    }

    @Test(arguments: [[.webSocket], [.polling]] as [[ClientManager.Transport]])
    func `heartbeats keep a client for hours, and a silent network ends it in time`(
        _ transports: [ClientManager.Transport]
    ) async throws {
        let io = makeServer()
        let reasons = Journal()
        io.onConnection { socket in socket.onDisconnect { reason in reasons.append("\(reason)") } }
        try await TestServer.run(io) { app in
            let ada = try await app.client(transports: transports)
            try await app.advance(by: .seconds(3 * 3600))
            #expect(ada.isConnected && reasons.rest == [])
            try await ada.setNetwork(.silent)
            try await app.advance(by: .seconds(20))
            #expect(ada.isConnected && reasons.rest == [])
            try await app.advance(by: .seconds(25))
            #expect(try await ada.disconnected() == .pingTimeout)
            #expect(reasons.rest == ["ping timeout"])
            try await app.advance(by: .seconds(60))
            #expect(!ada.isConnected)
            try await ada.setNetwork(.working)
            try await app.advance(by: .seconds(60))
            try await ada.connected()
        }
    }

    @Test func `time passes only by hand`() async throws {
        let io = makeServer()
        io.onConnection { socket in
            socket.on("wait") { () async in
                do throws(AckError) {
                    let _: Int = try await socket.emitWithAck("never", timeout: .seconds(30))
                } catch {
                    socket.emit("over", "\(error.code)")
                }
            }
        }
        try await TestServer.run(io) { app in
            let ada = try await app.client()
            ada.emit("wait")
            try await app.advance(by: .milliseconds(29_999))
            #expect(ada.unread("over").isEmpty)
            try await app.advance(by: .milliseconds(2))
            #expect(try await ada.next("over") == "timedOut")
        }
    }

    @Test func `who does not say how long waits 20 seconds for one client, and 5 for many`() async throws {
        let io = makeServer()
        io.onConnection { socket in
            socket.on("ask one") { () async in
                do throws(AckError) {
                    let _: Int = try await socket.emitWithAck("never")
                } catch {
                    socket.emit("one is over", "\(error.code)")
                }
            }
            socket.on("ask all") { () async in
                let replies: BroadcastReplies<Int> = await io.emitWithAck("never")
                socket.emit("all are over", replies.missing.count)
            }
        }
        try await TestServer.run(io) { app in
            let ada = try await app.client()
            ada.emit("ask one")
            ada.emit("ask all")
            try await app.advance(by: .milliseconds(4_999))
            #expect(ada.unread("all are over").isEmpty)
            try await app.advance(by: .milliseconds(2))
            #expect(try await ada.next("all are over") == 1)
            try await app.advance(by: .milliseconds(14_998))
            #expect(ada.unread("one is over").isEmpty)
            try await app.advance(by: .milliseconds(2))
            #expect(try await ada.next("one is over") == "timedOut")
        }
    }

    @Test(arguments: [[.webSocket], [.polling], [.polling, .webSocket]] as [[ClientManager.Transport]])
    func `a client whose network is cut comes back with what it missed`(
        _ transports: [ClientManager.Transport]
    ) async throws {
        let io = makeServer { $0.recovery = .init() }
        io.onConnection { socket in socket.emit("hello", socket.isRecovered) }
        try await TestServer.run(io) { app in
            let ada = try await app.client(transports: transports)
            #expect(try await ada.next("hello") == false)
            for round in 0..<20 {
                try await ada.setNetwork(.down)
                _ = try await ada.disconnected()
                io.emit("news", round)
                try await app.advance(by: .seconds(10))
                #expect(!ada.isConnected && ada.unread.isEmpty)
                try await ada.setNetwork(.working)
                try await app.advance(by: .seconds(5))
                #expect(ada.isConnected && ada.socket.isRecovered)
                #expect(try await ada.next("news") == round)
                #expect(try await ada.next("hello") == true)
            }
            // Too late for it.
            try await ada.setNetwork(.down)
            try await app.advance(by: .seconds(3 * 3600))
            try await ada.setNetwork(.working)
            try await app.advance(by: .seconds(5))
            #expect(try await ada.next("hello") == false)
        }
    }

    @Test func `the wait before a reconnect grows as it is set`() async throws {
        let io = makeServer()
        try await TestServer.run(io) { app in
            let ada = try await app.client()
            let attempts = Journal()
            ada.socket.manager.onReconnectAttempt { attempts.append("\($0)") }
            try await ada.setNetwork(.down)
            for (seconds, count) in [(1, 1), (2, 2), (4, 3), (5, 4), (5, 5)] {
                try await app.advance(by: .seconds(seconds) - .milliseconds(1))
                #expect(attempts.rest.count == count - 1)
                try await app.advance(by: .milliseconds(1))
                #expect(attempts.rest.count == count)
            }
            try await ada.setNetwork(.working)
            try await app.advance(by: .seconds(5))
            try await ada.connected()
        }
    }

    @Test func `the server can be stopped and started, and clients come back`() async throws {
        let io = makeServer()
        io.onConnection { socket in socket.emit("hello") }
        try await TestServer.run(io) { app in
            let ada = try await app.client()
            try await ada.next("hello")
            await app.stop()
            #expect(try await ada.disconnected() == .transportClose)
            try await app.advance(by: .seconds(20))
            #expect(!ada.isConnected)
            try await app.start()
            try await app.advance(by: .seconds(5))
            try await ada.next("hello")
        }
    }

    @Test func `several loops are waited for, and nothing is lost or out of order`() async throws {
        let io = makeServer { $0.loops = 3 }
        io.onConnection { socket in socket.on("say") { (number: Int) in io.emit("said", number) } }
        try await TestServer.run(io) { app in
            var clients: [TestClient] = []
            for _ in 0..<9 { clients.append(try await app.client()) }
            for number in 0..<200 { clients[number % 9].emit("say", number) }
            try await app.settle()
            for client in clients {
                let numbers = try client.unread("said").map { try $0.decode(Int.self, at: 0) }
                #expect(numbers.sorted() == Array(0..<200))
                for sender in 0..<9 {
                    let own = numbers.filter { $0 % 9 == sender }
                    #expect(own == own.sorted())
                }
            }
        }
    }

    @Test func `a large message goes through, and one to a silent client waits`() async throws {
        let io = makeServer()
        io.onConnection { socket in
            socket.on("size") { (bytes: [UInt8]) in bytes.count }
            socket.on("flood") { (count: Int) in
                for number in 0..<count { socket.emit("flood", number, [UInt8](repeating: 7, count: 100_000)) }
            }
        }
        try await TestServer.run(io) { app in
            let ada = try await app.client()
            #expect(try await ada.emitWithAck("size", [UInt8](repeating: 1, count: 900_000)) == 900_000)
            ada.emit("flood", 50)
            try await app.settle()
            #expect(ada.unread("flood").count == 50)
            ada.discardUnread()
            try await ada.setNetwork(.silent)
            io.emit("late")
            try await app.settle()
            #expect(ada.unread.isEmpty)
            try await ada.setNetwork(.working)
            try await ada.next("late")
        }
    }

    @Test func `what never ends is said`() async throws {
        let io = makeServer()
        io.onConnection { socket in socket.on("ping") { (number: Int) in socket.emit("pong", number + 1) } }
        try await TestServer.run(io, patience: .milliseconds(500)) { app in
            let ada = try await app.client()
            let socket = ada.socket
            let subscription = socket.on("pong") { [weak socket] (number: Int) in socket?.emit("ping", number) }
            ada.emit("ping", 0)
            let error = await #expect(throws: TestFailure.self) { try await app.settle() }
            #expect(error?.description.contains("still have something to do") == true)
            subscription.cancel()
        }
    }

    @Test func `a cancelled wait ends at once, and leaves the event to the next`() async throws {
        let io = makeServer()
        try await TestServer.run(io) { app in
            let ada = try await app.client()
            let waiting = Task { try await ada.next("news") }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            io.emit("news", 1)
            #expect(try await ada.next("news") == 1)
        }
    }

    @Test func `a server that listens is refused`() async throws {
        let io = makeServer()
        try await TestServer.run(io) { _ in
            await #expect(throws: ListenError.self) { try await TestServer(io) }
        }
        // And another one after it is not.
        try await TestServer.run(io) { app in _ = try await app.client() }
    }

    @Test func `a cancelled test closes everything, also what does not answer`() async throws {
        let io = makeServer()
        let isSilent = Gate()
        let test = Task {
            try await TestServer.run(io) { app in
                let ada = try await app.client()
                try await ada.setNetwork(.silent)
                isSilent.open()
                try await ada.next("news")
            }
        }
        await isSilent.wait()
        test.cancel()
        await #expect(throws: CancellationError.self) { try await test.value }
        try await TestServer.run(io) { app in _ = try await app.client() }
    }
}
