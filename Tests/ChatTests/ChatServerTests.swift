import ChatEvents
import SocketIOTesting
import TestSupport
import Testing

@testable import chat

private func person(_ name: String, in app: TestServer) async throws -> TestClient {
    try await app.client(auth: Login(name: name, key: "key of \(name)"))
}

/// What the server says to a guess at the password; nil if it is right.
private func guess(_ password: String, from address: String? = nil, in app: TestServer) async throws -> String? {
    do {
        _ = try await app.client(
            "/admin", auth: Administration.Credentials(password: password),
            headers: address.map { ["X-Forwarded-For": $0] } ?? [:])
        return nil
    } catch let error as ClientError {
        return error.message
    }
}

/// Somebody who goes in and out, and remembers of the answers what the page does: the last, of each room they are in.
private struct Walker {
    let name: String
    private let client: TestClient
    private(set) var rooms: [String: JoinReply] = [:]

    init(_ name: String, in app: TestServer) async throws {
        self.name = name
        client = try await person(name, in: app)
    }

    mutating func walk(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let room = Bool.random(using: &generator) ? "lobby" : "engines"
            let spelled = String(room.map { Bool.random(using: &generator) ? Character($0.uppercased()) : $0 })
            if Bool.random(using: &generator) {
                let reply = try await client.emitWithAck(.join, spelled, 0)
                #expect(reply.error == nil)
                rooms[reply.room] = reply
            } else {
                client.emit(.leave, spelled)
                rooms = rooms.filter { $0.key.lowercased() != room }
            }
        }
        // Refused, behind all of that.
        _ = try await client.emitWithAck(.say, "nowhere", "done")
    }

    /// Whom the page would show in its rooms, which are some, once it has been told that `last` has come into all of them.
    func whoIsWhere(after last: String) async throws -> [String: Set<String>] {
        var here = rooms.mapValues { Set($0.people) }
        var missing = rooms.count
        while missing > 0 {
            let change = try await client.next(.people)
            if change.came.contains(last) { missing -= 1 }
            if let reply = rooms[change.room], change.number > reply.number {
                here[change.room]?.formUnion(change.came)
                here[change.room]?.subtract(change.went)
            }
        }
        return here
    }
}

/// The whole server, with clients: a handler is tested the way it is used.
@Suite struct ChatServerTests {
    /// - Parameter delivers: Whether news are told as they come; else `body` tells them.
    private func serve(
        loops: Int = 2, delivers: Bool = true, options: [String] = [],
        _ body: (TestServer, NewsDelivery) async throws -> Void
    ) async throws {
        let io = SocketIOServer()
        io.configuration.loops = loops
        let news = try ChatServer.install(on: io, Options(["--admin-password", "secret"] + options))
        try await TestServer.run(io) { app in
            try await withThrowingTaskGroup { group in
                if delivers { group.addTask { await news.run(pause: .milliseconds(1)) } }
                defer { group.cancelAll() }
                try await body(app, news)
            }
        }
    }

    @Test func `people talk, and hear who comes and goes`() async throws {
        try await serve { app, _ in
            let ada = try await person("Ada", in: app)
            let reply = try await ada.emitWithAck(.join, "LOBBY", 0)
            #expect(reply.room == "lobby" && reply.people == ["Ada"])
            #expect(try await ada.next(.people).came == ["Ada"])

            let bob = try await person("Bob", in: app)
            #expect(try await bob.emitWithAck(.join, "lobby", 0).people == ["Ada", "Bob"])
            #expect(try await ada.next(.people).came == ["Bob"])
            #expect(try await bob.emitWithAck(.say, "lobby", " hello ").error == nil)
            #expect(try await ada.next(.message).text == "hello")
            bob.disconnect()
            #expect(try await ada.next(.people).went == ["Bob"])
        }
    }

    @Test func `who falls silent is gone when the heartbeat is missing, and comes back as who they were`() async throws
    {
        try await serve { app, _ in
            let ada = try await person("Ada", in: app)
            _ = try await ada.emitWithAck(.join, "lobby", 0)
            let bob = try await person("Bob", in: app)
            _ = try await bob.emitWithAck(.join, "lobby", 0)
            while try await ada.next(.people).came != ["Bob"] {}

            try await bob.setNetwork(.silent)
            try await app.advance(by: .seconds(50))
            #expect(try await ada.next(.people).went == ["Bob"])
            #expect(try await bob.disconnected() == .pingTimeout)
            try await bob.setNetwork(.working)
            try await app.advance(by: .seconds(60))
            try await bob.connected()
            #expect(try await bob.emitWithAck(.join, "lobby", 0).people == ["Ada", "Bob"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `nobody is shown who has gone, on whichever loop they were`() async throws {
        try await serve(loops: 4) { app, _ in
            let watcher = try await person("watcher", in: app)
            let reply = try await watcher.emitWithAck(.join, "lobby", 0)
            var here = Set(reply.people)
            try await withThrowingTaskGroup { group in
                for number in 0..<24 {
                    group.addTask {
                        let client = try await person("person \(number)", in: app)
                        for _ in 0..<5 {
                            _ = try await client.emitWithAck(.join, "lobby", 0)
                            client.emit(.leave, "lobby")
                        }
                        _ = try await client.emitWithAck(.join, "lobby", 0)
                        if number.isMultiple(of: 2) { try await client.cut() } else { client.disconnect() }
                    }
                }
                try await group.waitForAll()
            }
            let last = try await person("the last", in: app)
            _ = try await last.emitWithAck(.join, "lobby", 0)
            while here != ["watcher", "the last"] {
                let change = try await watcher.next(.people)
                guard change.number > reply.number else { continue }
                here.formUnion(change.came)
                here.subtract(change.went)
            }
        }
    }

    @Test func `a connection is refused with a reason`() async throws {
        try await serve { app, _ in
            _ = try await person("ada", in: app)
            let error = await #expect(throws: ClientError.self) {
                try await app.client(auth: Login(name: "ADA", key: "another"))
            }
            #expect(error?.message.contains("Somebody is called ada already, which looks like ADA.") == true)
        }
    }

    @Test func `of 1,000 guesses at the password from one address 5 are looked at`() async throws {
        let attempts = Attempts()
        let now = ContinuousClock.now
        #expect((0..<1000).count { _ in attempts.take(from: Network(of: "1.2.3.4"), at: now) == nil } == 5)
        // From many: 50, and all others wait.
        #expect((0..<1000).count { attempts.take(from: Network(of: "10.0.0.\($0)"), at: now) == nil } == 45)
        #expect(attempts.take(from: Network(of: "1.2.3.4"), at: now + .seconds(10)) == nil)

        try await serve { app, _ in
            for _ in 0..<4 {
                let answer = try await guess("Secret", in: app)
                #expect(answer?.contains("Wrong password.") == true)
            }
            let (right, tooMany) = (try await guess("secret", in: app), try await guess("secret", in: app))
            #expect(right == nil)
            #expect(tooMany?.contains("Too many attempts: try again in ") == true)
        }
    }

    @Test func `who is removed hears why, and may come back`() async throws {
        try await serve { app, _ in
            let ada = try await person("ada", in: app)
            let admin = try await app.client("/admin", auth: Administration.Credentials(password: "secret"))
            let overview: Administration.Overview = try await admin.emitWithAck("overview")
            #expect(
                overview.people.map(\.name) == ["ada"] && overview.rooms.map(\.name) == ["lobby", "swift", "random"])
            let receipt: Receipt = try await admin.emitWithAck("kick", "ADA")
            #expect(receipt.error == nil)
            #expect(try await ada.next(.removed) == "The administrator has removed you.")
            let again: Receipt = try await admin.emitWithAck("kick", "bob")
            #expect(again.error == "bob is not here any more.")
            _ = try await ada.disconnected()
            _ = try await person("ada", in: app)
        }
    }

    @Test func `what has changed in the rooms is told once, however often it changed`() async throws {
        try await serve(delivers: false) { app, news in
            let ada = try await person("ada", in: app)
            let bob = try await person("bob", in: app)
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
            #expect(try await ada.next(.rooms).added == (0..<5).map { "room \($0)" })
            #expect(try await ada.next(.rooms).added == ["the last"])
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 3] as [UInt64])
    func `everybody knows who is where, however they spell it, on whichever loop`(_ seed: UInt64) async throws {
        try await serve(loops: 3) { app, _ in
            let walkers = try await withThrowingTaskGroup(of: Walker.self) { group in
                for number in 0..<5 {
                    group.addTask {
                        var walker = try await Walker("person \(number)", in: app)
                        try await walker.walk(seed: seed * 100 + UInt64(number))
                        return walker
                    }
                }
                return try await group.reduce(into: [Walker]()) { $0.append($1) }
            }
            let last = try await person("the last", in: app)
            var here: [String: Set<String>] = [:]
            for room in ["lobby", "engines"] {
                let reply = try await last.emitWithAck(.join, room, 0)
                here[reply.room] = Set(walkers.filter { $0.rooms[reply.room] != nil }.map(\.name) + ["the last"])
                #expect(Set(reply.people) == here[reply.room])
            }
            for walker in walkers where !walker.rooms.isEmpty {
                #expect(try await walker.whoIsWhere(after: "the last") == here.filter { walker.rooms[$0.key] != nil })
            }
        }
    }

    @Test func `behind a proxy that is trusted, limits count by the address that it names`() async throws {
        try await serve(options: ["--trusted-proxy", "127.0.0.1"]) { app, _ in
            // Of one network, which has 5 attempts.
            for number in 1...5 { _ = try await guess("guess", from: "2001:db8::\(number)", in: app) }
            let sixth = try await guess("secret", from: "2001:db8::6", in: app)
            #expect(sixth?.contains("Too many attempts") == true)
            let elsewhere = try await guess("secret", from: "2001:db8:0:1::1", in: app)
            #expect(elsewhere == nil)
        }
        try await serve { app, _ in
            for number in 1...5 { _ = try await guess("guess", from: "192.0.2.\(number)", in: app) }
            let sixth = try await guess("secret", from: "192.0.2.6", in: app)
            #expect(sixth?.contains("Too many attempts") == true)
        }
    }
}
