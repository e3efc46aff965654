import ChatEvents
import SocketIO
import SocketIOClient
import TestSupport
import Testing

@testable import chat

private func person(_ name: String, at url: String) async throws -> (ClientManager, ClientSocket) {
    let manager = ClientManager(url: url)
    let socket = manager.socket(auth: Login(name: name, key: "key of \(name)"))
    try await socket.connect()
    return (manager, socket)
}

/// Somebody who goes in and out, and remembers of the answers what the page does: the last, of each room they are in.
private struct Walker {
    let name: String
    let manager: ClientManager
    private let socket: ClientSocket
    private let changes: AsyncStream<PeopleChange>
    private(set) var rooms: [String: JoinReply] = [:]

    init(_ name: String, at url: String) async throws {
        self.name = name
        (manager, socket) = try await person(name, at: url)
        changes = socket.events(.people)
    }

    mutating func walk(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let room = Bool.random(using: &generator) ? "lobby" : "engines"
            let spelled = String(room.map { Bool.random(using: &generator) ? Character($0.uppercased()) : $0 })
            if Bool.random(using: &generator) {
                let reply = try await socket.emitWithAck(.join, spelled, 0)
                #expect(reply.error == nil)
                rooms[reply.room] = reply
            } else {
                socket.emit(.leave, spelled)
                rooms = rooms.filter { $0.key.lowercased() != room }
            }
        }
        // Refused, behind all of that.
        _ = try await socket.emitWithAck(.say, "nowhere", "done")
    }

    /// Whom the page would show in its rooms, which are some, once it has been told that `last` has come into all of them.
    func whoIsWhere(after last: String) async -> [String: Set<String>] {
        var here = rooms.mapValues { Set($0.people) }
        var missing = rooms.count
        for await change in changes {
            if change.came.contains(last) { missing -= 1 }
            if let reply = rooms[change.room], change.number > reply.number {
                here[change.room]?.formUnion(change.came)
                here[change.room]?.subtract(change.went)
            }
            if missing == 0 { break }
        }
        return here
    }
}

/// The whole server, with clients: a handler is tested the way it is used.
@Suite struct ChatServerTests {
    /// - Parameter delivers: Whether news are told as they come; else `body` tells them.
    private func serve(
        loops: Int = 2, delivers: Bool = true, options: [String] = [],
        _ body: (String, NewsDelivery) async throws -> Void
    ) async throws {
        let io = SocketIOServer()
        io.configuration.loops = loops
        let news = try ChatServer.install(on: io, Options(["--admin-password", "secret"] + options))
        let address = try await io.listen(host: "127.0.0.1", port: 0)
        let url = "http://127.0.0.1:\(address.port)"
        let result = await withTaskGroup { group in
            if delivers { group.addTask { await news.run(pause: .milliseconds(1)) } }
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
        #expect((0..<1000).count { _ in attempts.take(from: Network(of: "1.2.3.4"), at: now) == nil } == 5)
        // From many: 50, and all others wait.
        #expect((0..<1000).count { attempts.take(from: Network(of: "10.0.0.\($0)"), at: now) == nil } == 45)
        #expect(attempts.take(from: Network(of: "1.2.3.4"), at: now + .seconds(10)) == nil)

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
            #expect(await guess("secret")?.contains("Too many attempts: try again in ") == true)
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
        try await serve(delivers: false) { url, news in
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
            news.deliver()
            news.deliver()
            _ = try await ada.emitWithAck(.join, "the last", 0)
            news.deliver()
            // Two events, and no name twice.
            #expect(await rooms.next()?.added == (0..<5).map { "room \($0)" })
            #expect(await rooms.next()?.added == ["the last"])
            await adas.close()
            await bobs.close()
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 3] as [UInt64])
    func `everybody knows who is where, however they spell it, on whichever loop`(_ seed: UInt64) async throws {
        try await serve(loops: 3) { url, _ in
            let walkers = try await withThrowingTaskGroup(of: Walker.self) { group in
                for number in 0..<5 {
                    group.addTask {
                        var walker = try await Walker("person \(number)", at: url)
                        try await walker.walk(seed: seed * 100 + UInt64(number))
                        return walker
                    }
                }
                return try await group.reduce(into: [Walker]()) { $0.append($1) }
            }
            let (lasts, last) = try await person("the last", at: url)
            var here: [String: Set<String>] = [:]
            for room in ["lobby", "engines"] {
                let reply = try await last.emitWithAck(.join, room, 0)
                here[reply.room] = Set(walkers.filter { $0.rooms[reply.room] != nil }.map(\.name) + ["the last"])
                #expect(Set(reply.people) == here[reply.room])
            }
            for walker in walkers where !walker.rooms.isEmpty {
                #expect(await walker.whoIsWhere(after: "the last") == here.filter { walker.rooms[$0.key] != nil })
            }
            for walker in walkers { await walker.manager.close() }
            await lasts.close()
        }
    }

    @Test func `behind a proxy that is trusted, limits count by the address that it names`() async throws {
        func guess(_ password: String, from address: String, at url: String) async -> String? {
            let manager = ClientManager(url: url) { $0.extraHeaders = ["X-Forwarded-For": address] }
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
        try await serve(options: ["--trusted-proxy", "127.0.0.1"]) { url, _ in
            // Of one network, which has 5 attempts.
            for number in 1...5 { _ = await guess("guess", from: "2001:db8::\(number)", at: url) }
            #expect(await guess("secret", from: "2001:db8::6", at: url)?.contains("Too many attempts") == true)
            #expect(await guess("secret", from: "2001:db8:0:1::1", at: url) == nil)
        }
        try await serve { url, _ in
            for number in 1...5 { _ = await guess("guess", from: "192.0.2.\(number)", at: url) }
            #expect(await guess("secret", from: "192.0.2.6", at: url)?.contains("Too many attempts") == true)
        }
    }
}
