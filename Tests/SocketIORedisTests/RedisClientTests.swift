import NetLoop
import SocketIOWire
import Synchronization
import TestSupport
import Testing

@testable import SocketIORedis

/// A client of a real Redis, on a loop of its own, and what it told.
private final class Peer: RedisClientDelegate {
    let journal = Journal()
    private let group: EventLoopGroup
    private let made = Mutex<RedisClient?>(nil)

    convenience init(
        _ url: String, reading stream: String? = nil, _ change: (inout RedisSession.Settings) -> Void = { _ in }
    ) throws {
        try self.init(RedisURL(url), reading: stream, change)
    }

    init(
        _ url: RedisURL, reading stream: String? = nil, _ change: (inout RedisSession.Settings) -> Void = { _ in }
    ) throws {
        group = try EventLoopGroup(count: 1)
        var settings = RedisSession.Settings()
        settings.backoff = ReconnectionBackoff(
            minimum: .milliseconds(10), maximum: .milliseconds(50), randomization: 0.5)
        change(&settings)
        let client = try RedisClient(
            url, reading: stream, on: group.loops[0], settings: settings, delegate: self)
        made.withLock { $0 = client }
    }

    var client: RedisClient {
        made.withLock { $0! }
    }

    func redisPublished(_ message: RedisMessage) {
        journal.append(
            "\(String(decoding: message.channel, as: UTF8.self)): \(String(decoding: message.payload, as: UTF8.self))")
    }
    func redisSubscribed(_ subscription: RedisSubscription) {
        journal.append("subscribed \(String(decoding: subscription.name, as: UTF8.self))")
    }
    func redisRead(_ entry: RedisStreamEntry) {
        journal.append("read \(entry.id) \(entry["text"].map { String(decoding: $0, as: UTF8.self) } ?? "")")
    }
    func redisLogged(_ level: LogLevel, _ text: String) -> Bool {
        journal.append("log \(text)")
        return true
    }

    /// The next line that is not of the log.
    func next() async throws -> String {
        try await offPool { [journal] in
            while true {
                let line = try journal.next()
                if !line.hasPrefix("log ") { return line }
            }
        }
    }

    /// The next line of the log.
    func nextLog() async throws -> String {
        try await offPool { [journal] in
            while true {
                let line = try journal.next()
                if line.hasPrefix("log ") { return line }
            }
        }
    }

    func end() async {
        client.end()
        await withCheckedContinuation { done in group.stop { done.resume() } }
    }
}

@Suite(
    .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct RedisClientTests {
    private func command(_ words: String...) -> RedisCommand { RedisCommand(words.map { Array($0.utf8) }) }

    @Test func `commands are answered in order, and messages arrive`() async throws {
        let redis = try RedisServer()
        let peer = try Peer("redis://127.0.0.1:\(redis.port)/3")
        peer.client.subscribe([RedisSubscription(.channel, "news"), RedisSubscription(.pattern, "room#*")])
        #expect(try await peer.next() == "subscribed news")
        #expect(try await peer.next() == "subscribed room#*")
        for number in 0..<100 { peer.client.send(command("PUBLISH", "news", "\(number)")) }
        peer.client.send(command("PUBLISH", "room#1", "é"))
        for number in 0..<100 { #expect(try await peer.next() == "news: \(number)") }
        #expect(try await peer.next() == "room#1: é")
        #expect(try await peer.client.call(command("PUBSUB", "NUMSUB", "news"))["news"]?.integer == 1)
        #expect(try await peer.client.call(command("SET", "k", "v")).text == "OK")
        #expect(try await peer.client.call(command("GET", "k")).text == "v")
        let info = try await peer.client.call(command("CLIENT", "INFO")).text ?? ""
        #expect(info.contains(" name=socket.io "))
        #expect(info.contains(" db=3 "))
        await #expect(throws: RedisError.self) { try await peer.client.call(command("GET")) }
        let large = String(repeating: "x", count: 3_000_000)
        peer.client.send(command("PUBLISH", "news", large))
        #expect(try await peer.next() == "news: \(large)")
        await peer.end()
    }

    @Test func `a password is asked for and given`() async throws {
        let redis = try RedisServer(["--requirepass", "se:cret"])
        let peer = try Peer("redis://:se%3Acret@127.0.0.1:\(redis.port)")
        #expect(try await peer.client.call(command("PING")).text == "PONG")
        let stranger = try Peer("redis://:wrong@127.0.0.1:\(redis.port)")
        // Until the server listens, connecting fails.
        while try await !stranger.nextLog().contains("WRONGPASS") {}
        await stranger.end()
        await peer.end()
    }

    @Test func `a user and a password are given, and a name that people see`() async throws {
        let redis = try RedisServer(["--user", "ada", "on", ">p@ss word", "~*", "&*", "+@all"])
        var url = try RedisURL("redis://ada:p%40ss%20word@127.0.0.1:\(redis.port)")
        url.clientName = "chat 1\n"
        let peer = try Peer(url)
        #expect(try await peer.client.call(command("ACL", "WHOAMI")).text == "ada")
        #expect(try await peer.client.call(command("CLIENT", "GETNAME")).text == "chat-1-")
        await peer.end()
    }

    @Test func `a socket of this machine is connected to, and again after Redis was killed`() async throws {
        let redis = try RedisServer(["--requirepass", "secret"], on: .local)
        let url = try RedisURL("redis+unix://:secret@\(redis.socketPath)?db=2")
        let peer = try Peer(url)
        peer.client.subscribe([RedisSubscription(.channel, "news")])
        #expect(try await peer.next() == "subscribed news")
        let info = try await peer.client.call(command("CLIENT", "INFO")).text ?? ""
        #expect(info.contains("\(redis.socketPath):0 "))
        #expect(info.contains(" db=2 "))
        let large = String(repeating: "x", count: 3_000_000)
        peer.client.send(command("PUBLISH", "news", large))
        #expect(try await peer.next() == "news: \(large)")
        redis.kill()
        while try await !peer.nextLog().contains("Redis at redis+unix://\(redis.socketPath)?db=2 is away") {}
        try redis.start()
        #expect(try await peer.next() == "subscribed news")
        await peer.end()
    }

    @Test(.enabled(if: TestCertificates.shared != nil, "there is no openssl"), arguments: [false, true])
    func `a secure Redis is trusted by an authority of one's own, and may ask who it is talking to`(
        asksClients: Bool
    ) async throws {
        let certificates = try #require(TestCertificates.shared)
        let redis = try RedisServer(
            ["--requirepass", "secret"], on: .secure(certificates, asksClients: asksClients))
        var url = try RedisURL("rediss://:secret@localhost:\(redis.port)/1")
        // Nobody vouches for it.
        let stranger = try Peer(url)
        while try await !stranger.nextLog().contains("signed by an unknown authority") {}
        await stranger.end()
        url.tls.extraRoots = certificates.authority
        if asksClients {
            let nobody = try Peer(url)
            while try await !nobody.nextLog().contains("TLS") {}
            await nobody.end()
            url.tls.identity = .pem(certificate: certificates.certificate("good"), key: certificates.key("good"))
        }
        let peer = try Peer(url)
        peer.client.subscribe([RedisSubscription(.channel, "news")])
        #expect(try await peer.next() == "subscribed news")
        let large = String(repeating: "x", count: 3_000_000)
        peer.client.send(command("PUBLISH", "news", large))
        #expect(try await peer.next() == "news: \(large)")
        redis.kill()
        while try await !peer.nextLog().contains("is away") {}
        try redis.start()
        #expect(try await peer.next() == "subscribed news")
        await peer.end()
    }

    @Test func `a file of certificates that is not there is told at once`() throws {
        var url = try RedisURL("rediss://localhost")
        url.tls.extraRoots = "/nowhere/ca.pem"
        let error = #expect(throws: TLSError.self) { try Peer(url) }
        #expect(error?.description.contains("/nowhere/ca.pem") == true)
    }

    @Test func `comes back after Redis was killed, with its subscriptions and what waited`() async throws {
        let redis = try RedisServer()
        let peer = try Peer("redis://127.0.0.1:\(redis.port)")
        peer.client.subscribe([RedisSubscription(.channel, "news")])
        #expect(try await peer.next() == "subscribed news")
        #expect(try await peer.client.call(command("PING")).text == "PONG")
        redis.kill()
        while try await !peer.nextLog().contains("is away") {}
        let waiting = Task { try await peer.client.call(command("PING")).text }
        try redis.start()
        #expect(try await peer.next() == "subscribed news")
        // It is answered, unless it was sent just in front of Redis' end.
        _ = await waiting.result
        peer.client.send(command("PUBLISH", "news", "again"))
        #expect(try await peer.next() == "news: again")
        await peer.end()
    }

    @Test func `comes back after its connections were killed`() async throws {
        let redis = try RedisServer()
        let peer = try Peer("redis://127.0.0.1:\(redis.port)")
        peer.client.subscribe([RedisSubscription(.channel, "news")])
        #expect(try await peer.next() == "subscribed news")
        let killer = try Peer("redis://127.0.0.1:\(redis.port)")
        _ = try await killer.client.call(command("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes"))
        #expect(try await peer.next() == "subscribed news")
        #expect(try await peer.client.call(command("PING")).text == "PONG")
        await killer.end()
        await peer.end()
    }

    @Test func `gives up a Redis that answers no more, and comes back`() async throws {
        let redis = try RedisServer()
        let peer = try Peer("redis://127.0.0.1:\(redis.port)") {
            $0.pingInterval = .milliseconds(100)
            $0.pingTimeout = .seconds(1)
        }
        #expect(try await peer.client.call(command("PING")).text == "PONG")
        peer.client.send(command("CLIENT", "PAUSE", "3000"))
        while try await !peer.nextLog().contains("does not answer") {}
        while try await !peer.nextLog().contains("there again") {}
        #expect(try await peer.client.call(command("PING")).text == "PONG")
        await peer.end()
    }

    @Test func `a stream is read from when Redis was there, and on after Redis was killed`() async throws {
        let redis = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        let writer = try Peer("redis://127.0.0.1:\(redis.port)")
        func add(_ text: String) async throws {
            _ = try await writer.client.call(command("XADD", "s", "*", "text", text))
        }
        try await add("before")
        let reader = try Peer("redis://127.0.0.1:\(redis.port)", reading: "s")
        reader.client.subscribe([RedisSubscription(.channel, "news")])
        // Who is subscribed hears everything.
        #expect(try await reader.next() == "subscribed news")
        for number in 0..<250 { writer.client.send(command("XADD", "s", "*", "text", "\(number)")) }
        for number in 0..<250 { #expect(try await reader.next().hasSuffix(" \(number)")) }
        redis.kill()
        while try await !reader.nextLog().contains("is away") {}
        try redis.start()
        // Until Redis has read its file it refuses everything.
        while (try? await add("after")) == nil {}
        while try await !reader.next().hasSuffix(" after") {}
        await reader.end()
        await writer.end()
    }
}
