import ChatEvents
import SocketIO
import SocketIOClient
import Testing

@testable import chat

/// The whole server, with clients: a handler is tested the way it is used.
@Suite struct ChatServerTests {
    private func serve(loops: Int = 2, _ body: (String, NewsDelivery) async throws -> Void) async throws {
        let io = SocketIOServer()
        io.configuration.loops = loops
        let news = try ChatServer.install(on: io, Options(["--admin-password", "secret"]))
        let address = try await io.listen(host: "127.0.0.1", port: 0)
        let url = "http://127.0.0.1:\(address.port)"
        let result = await withTaskGroup { group in
            group.addTask { await news.run(pause: .milliseconds(1)) }
            defer { group.cancelAll() }
            do {
                try await body(url, news)
                return Result<Void, any Error>.success(())
            } catch {
                return .failure(error)
            }
        }
        await io.close()
        try result.get()
    }

    private func person(_ name: String, at url: String) async throws -> (ClientManager, ClientSocket) {
        let manager = ClientManager(url: url)
        let socket = manager.socket(auth: Login(name: name, key: "key of \(name)"))
        try await socket.connect()
        return (manager, socket)
    }

    @Test func `people talk, and hear who comes and goes`() async throws {
        try await serve { url, _ in
            let (adas, ada) = try await person("Ada", at: url)
            var people = ada.events(.people).makeAsyncIterator()
            var messages = ada.events(.message).makeAsyncIterator()
            let reply = try await ada.emitWithAck(.join, "LOBBY", 0)
            #expect(reply.room == "lobby" && reply.people == ["Ada"])
            #expect(await people.next()?.came == ["Ada"])

            let (bobs, bob) = try await person("Bob", at: url)
            #expect(try await bob.emitWithAck(.join, "lobby", 0).people == ["Ada", "Bob"])
            #expect(await people.next()?.came == ["Bob"])
            #expect(try await bob.emitWithAck(.say, "lobby", " hello ").error == nil)
            #expect(await messages.next()?.text == "hello")
            await bobs.close()
            #expect(await people.next()?.went == ["Bob"])
            await adas.close()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `nobody is shown who has gone, on whichever loop they were`() async throws {
        try await serve(loops: 4) { url, _ in
            let (watchers, watcher) = try await person("watcher", at: url)
            var changes = watcher.events(.people).makeAsyncIterator()
            let reply = try await watcher.emitWithAck(.join, "lobby", 0)
            var here = Set(reply.people)
            try await withThrowingTaskGroup { group in
                for number in 0..<24 {
                    group.addTask {
                        let (manager, socket) = try await person("person \(number)", at: url)
                        for _ in 0..<5 {
                            _ = try await socket.emitWithAck(.join, "lobby", 0)
                            socket.emit(.leave, "lobby")
                        }
                        _ = try await socket.emitWithAck(.join, "lobby", 0)
                        if number.isMultiple(of: 2) { await manager.close() } else { socket.disconnect() }
                        await manager.close()
                    }
                }
                try await group.waitForAll()
            }
            let (lasts, last) = try await person("the last", at: url)
            _ = try await last.emitWithAck(.join, "lobby", 0)
            while here != ["watcher", "the last"], let change = await changes.next() {
                #expect(here.isDisjoint(with: change.came.filter { $0 != "watcher" }))
                #expect(here.isSuperset(of: change.went))
                guard change.number > reply.number else { continue }
                here.formUnion(change.came)
                here.subtract(change.went)
            }
            await lasts.close()
            await watchers.close()
        }
    }

    @Test func `a connection is refused with a reason`() async throws {
        try await serve { url, _ in
            let (manager, _) = try await person("ada", at: url)
            let other = ClientManager(url: url)
            let socket = other.socket(auth: Login(name: "ADA", key: "another"))
            let error = await #expect(throws: ClientError.self) { try await socket.connect() }
            #expect(error?.message.contains("Somebody is called ada already, which looks like ADA.") == true)
            await other.close()
            await manager.close()
        }
    }

    @Test func `of 1,000 guesses at the password from one address 5 are looked at`() async throws {
        let attempts = Attempts()
        let now = ContinuousClock.now
        #expect((0..<1000).count { _ in attempts.take(from: "1.2.3.4", at: now) == nil } == 5)
        // From many: 50, and all others wait.
        #expect((0..<1000).count { attempts.take(from: "10.0.0.\($0)", at: now) == nil } == 45)
        #expect(attempts.take(from: "1.2.3.4", at: now + .seconds(10)) == nil)

        try await serve { url, _ in
            func guess(_ password: String) async -> String? {
                let manager = ClientManager(url: url)
                let admin = manager.socket("/admin", auth: Administration.Credentials(password: password))
                do throws(ClientError) {
                    try await admin.connect()
                    await manager.close()
                    return nil
                } catch {
                    await manager.close()
                    return error.message
                }
            }
            for _ in 0..<4 { #expect(await guess("Secret")?.contains("Wrong password.") == true) }
            #expect(await guess("secret") == nil)
            #expect(await guess("secret")?.contains("Too many attempts: try again in 10 s.") == true)
        }
    }

    @Test func `who is removed hears why, and may come back`() async throws {
        try await serve { url, _ in
            let (manager, ada) = try await person("ada", at: url)
            var reasons = ada.events(.removed).makeAsyncIterator()
            let admins = ClientManager(url: url)
            let admin = admins.socket("/admin", auth: Administration.Credentials(password: "secret"))
            try await admin.connect()
            let overview: Administration.Overview = try await admin.emitWithAck("overview")
            #expect(
                overview.people.map(\.name) == ["ada"] && overview.rooms.map(\.name) == ["lobby", "swift", "random"])
            let receipt: Receipt = try await admin.emitWithAck("kick", "ADA")
            #expect(receipt.error == nil)
            #expect(await reasons.next() == "The administrator has removed you.")
            let again: Receipt = try await admin.emitWithAck("kick", "bob")
            #expect(again.error == "bob is not here any more.")
            await admins.close()
            await manager.close()
            let (back, _) = try await person("ada", at: url)
            await back.close()
        }
    }

    @Test func `what has changed in the rooms is told once, however often it changed`() async throws {
        try await serve { url, _ in
            let (adas, ada) = try await person("ada", at: url)
            var rooms = ada.events(.rooms).makeAsyncIterator()
            let (bobs, bob) = try await person("bob", at: url)
            var refused = 0
            for number in 0..<200 {
                let reply = try await bob.emitWithAck(.join, "room \(number)", 0)
                if reply.error != nil { refused += 1 }
                bob.emit(.leave, "room \(number)")
            }
            #expect(refused == 195)
            var added: Set<String> = []
            while added.count < 5, let change = await rooms.next() { added.formUnion(change.added) }
            #expect(added == Set((0..<5).map { "room \($0)" }))
            await adas.close()
            await bobs.close()
        }
    }
}
