import SocketIOWire
import TestSupport
import Testing

/// A session and the server it talks to, which the test writes.
private struct Dialogue {
    var session: RedisSession
    var now = ContinuousClock.Instant.now
    private(set) var sent = ""
    private(set) var told: [RedisSession.Action] = []

    init(_ role: RedisSession.Role = .commands, _ change: (inout RedisSession.Settings) -> Void = { _ in }) {
        var settings = RedisSession.Settings()
        change(&settings)
        session = RedisSession(role, settings)
    }

    /// Keeps what is sent apart from what is told.
    mutating func note(_ actions: [RedisSession.Action]) {
        for action in actions {
            if case .send(let bytes) = action { sent += Self.words(bytes) } else { told.append(action) }
        }
    }

    /// The commands as words, each followed by a semicolon.
    private static func words(_ bytes: [UInt8]) -> String {
        var reader = RESPReader()
        var index = 0
        var text = ""
        while let command = try? reader.next(in: bytes.span, from: &index) {
            text += (command.elements ?? []).compactMap(\.text).joined(separator: " ") + ";"
        }
        return text
    }

    mutating func takeSent() -> String {
        defer { sent = "" }
        return sent
    }

    mutating func takeTold() -> [RedisSession.Action] {
        defer { told = [] }
        return told
    }

    mutating func receive(_ text: String) { note(session.receive(Array(text.utf8).span, now: now)) }
    mutating func send(_ words: String..., ticket: Int? = nil) {
        note(session.send(RedisCommand(words.map { Array($0.utf8) }), ticket: ticket))
    }
    mutating func lose(random: Double = 0) { note(session.connectionLost(now: now, random: random)) }

    /// Connects and greets, and forgets about it.
    mutating func open() {
        if session.deadline == nil { note(session.start()) } else { waitForDeadline() }
        note(session.connected(now: now))
        receive("%1\r\n+proto\r\n:3\r\n+PONG\r\n")
        #expect(session.isOpen)
        _ = (takeSent(), takeTold())
    }

    mutating func waitForDeadline() {
        now = session.deadline ?? now
        note(session.handleTimeout(now: now))
    }
}

@Suite struct RedisSessionTests {
    private let ok = RESPValue.string(Array("OK".utf8))

    @Test func `greets in version 3 with all there is to say`() {
        var dialogue = Dialogue {
            $0.login = RedisLogin(user: "ada", password: "p w", database: 2, clientName: "chat")
        }
        dialogue.note(dialogue.session.start())
        #expect(dialogue.takeTold() == [.connect])
        dialogue.note(dialogue.session.connected(now: dialogue.now))
        #expect(dialogue.takeSent() == "HELLO 3 AUTH ada p w SETNAME chat;")
        dialogue.receive("%1\r\n+proto\r\n:3\r\n")
        #expect(dialogue.takeSent() == "SELECT 2;")
        dialogue.receive("+OK\r\n")
        #expect(dialogue.takeSent() == "PING;")
        #expect(dialogue.takeTold() == [])
        dialogue.receive("+PONG\r\n")
        #expect(dialogue.takeTold() == [.opened])
    }

    @Test(arguments: ["-ERR unknown command 'HELLO'\r\n", "-NOPROTO unsupported protocol version\r\n"])
    func `falls back to version 2`(refusal: String) {
        var dialogue = Dialogue { $0.login = RedisLogin(password: "p", database: 1) }
        dialogue.note(dialogue.session.start() + dialogue.session.connected(now: dialogue.now))
        #expect(dialogue.takeSent() == "HELLO 3 AUTH default p SETNAME socket.io;")
        dialogue.receive(refusal)
        #expect(dialogue.takeSent() == "AUTH p;")
        dialogue.receive("+OK\r\n")
        #expect(dialogue.takeSent() == "CLIENT SETNAME socket.io;")
        dialogue.receive("-ERR unknown subcommand\r\n")
        #expect(dialogue.takeSent() == "SELECT 1;")
        dialogue.receive("+OK\r\n")
        #expect(dialogue.takeSent() == "PING;")
        // Who may not ask is not kept from the rest.
        dialogue.receive("-NOPERM no\r\n")
        #expect(dialogue.takeTold() == [.connect, .opened])
    }

    @Test(arguments: ["-WRONGPASS invalid\r\n", "-NOAUTH no\r\n", "-LOADING Redis is loading\r\n"])
    func `a refusal ends the connection, and it is tried again later`(refusal: String) {
        var dialogue = Dialogue()
        dialogue.note(dialogue.session.start() + dialogue.session.connected(now: dialogue.now))
        dialogue.receive(refusal)
        guard case .disconnect(.refused(let error))? = dialogue.takeTold().last else {
            Issue.record("not given up")
            return
        }
        #expect(refusal.contains(error.code))
        dialogue.lose()
        #expect(dialogue.session.deadline != nil)
        dialogue.waitForDeadline()
        #expect(dialogue.takeTold() == [.connect])
    }

    @Test func `a Redis that is still loading is tried again, and nothing that waits is sent`() {
        var dialogue = Dialogue()
        dialogue.send("XADD", "s", "*", "k", "v")
        dialogue.note(dialogue.session.start() + dialogue.session.connected(now: dialogue.now))
        dialogue.receive("%0\r\n-LOADING Redis is loading the dataset in memory\r\n")
        #expect(dialogue.takeSent() == "HELLO 3 SETNAME socket.io;PING;")
        guard case .disconnect(.refused(let error))? = dialogue.takeTold().last else {
            Issue.record("not given up")
            return
        }
        #expect(error.isPassing)
        dialogue.lose()
        dialogue.waitForDeadline()
        dialogue.note(dialogue.session.connected(now: dialogue.now))
        dialogue.receive("%0\r\n+PONG\r\n")
        #expect(dialogue.takeSent() == "HELLO 3 SETNAME socket.io;PING;XADD s * k v;")
        #expect(dialogue.takeTold() == [.connect, .opened])
    }

    @Test func `gives back what waits where Redis is a cluster and nobody knew, and only then`() {
        let hello = "%1\r\n+mode\r\n+cluster\r\n+PONG\r\n"
        for knowsCluster in [false, true] {
            var dialogue = Dialogue { $0.knowsCluster = knowsCluster }
            dialogue.send("GET", "a", ticket: 1)
            dialogue.send("PUBLISH", "c", "m")
            dialogue.note(dialogue.session.start() + dialogue.session.connected(now: dialogue.now))
            dialogue.receive(hello)
            if knowsCluster {
                #expect(dialogue.takeTold() == [.connect, .opened])
                #expect(dialogue.takeSent() == "HELLO 3 SETNAME socket.io;PING;GET a;PUBLISH c m;")
                continue
            }
            let told = dialogue.takeTold()
            guard told.count == 3, case .foundCluster(let waiting) = told[1] else {
                Issue.record("told \(told)")
                return
            }
            #expect(waiting.map(\.ticket) == [1, nil])
            #expect(waiting.map(\.command) == [RedisCommand("GET", "a"), RedisCommand("PUBLISH", "c", "m")])
            #expect(dialogue.takeSent() == "HELLO 3 SETNAME socket.io;PING;")
            // It is known from now on, and what is sent is sent.
            dialogue.send("CLUSTER", "SLOTS", ticket: 2)
            #expect(dialogue.takeSent() == "CLUSTER SLOTS;")
            dialogue.lose()
            _ = dialogue.takeTold()
            dialogue.send("GET", "b", ticket: 3)
            dialogue.waitForDeadline()
            dialogue.note(dialogue.session.connected(now: dialogue.now))
            dialogue.receive(hello)
            #expect(dialogue.takeTold() == [.connect, .opened])
        }
    }

    @Test func `replies belong to commands in their order, whoever waits for them`() {
        var dialogue = Dialogue()
        dialogue.open()
        dialogue.send("GET", "a", ticket: 1)
        dialogue.send("PUBLISH", "c", "m")
        dialogue.send("GET", "b", ticket: 2)
        #expect(dialogue.takeSent() == "GET a;PUBLISH c m;GET b;")
        dialogue.receive("$1\r\nA\r\n:0\r\n-WRONGTYPE no\r\n")
        #expect(
            dialogue.takeTold() == [
                .reply(ticket: 1, .string([65])),
                .reply(ticket: 2, .error(RESPError(text: Array("WRONGTYPE no".utf8)))),
            ])
        dialogue.send("PUBLISH", "c", "m")
        dialogue.receive("-NOPERM no\r\n")
        #expect(dialogue.takeTold() == [.complaint(RESPError(text: Array("NOPERM no".utf8)))])
    }

    @Test func `a reply to nothing is no Redis`() {
        var dialogue = Dialogue()
        dialogue.open()
        dialogue.receive("+OK\r\n+OK\r\n")
        guard case .disconnect(.violation(let violation))? = dialogue.told.first else {
            Issue.record("not given up")
            return
        }
        #expect("\(violation.detail)" == "a reply from Redis to no command")
        // What stands behind it is void.
        #expect(dialogue.takeTold().count == 1)
        dialogue.receive("+OK\r\n")
        #expect(dialogue.takeTold() == [])
    }

    @Test func `what was sent fails when Redis is lost, what waits is sent when it is back`() {
        var dialogue = Dialogue()
        dialogue.open()
        dialogue.send("GET", "a", ticket: 1)
        dialogue.send("PUBLISH", "c", "m")
        dialogue.lose()
        #expect(dialogue.takeTold() == [.failure(ticket: 1, .connectionLost), .dropped(1)])
        dialogue.send("GET", "b", ticket: 2)
        dialogue.send("PUBLISH", "c", "n")
        _ = dialogue.takeSent()
        dialogue.waitForDeadline()
        dialogue.note(dialogue.session.connected(now: dialogue.now))
        #expect(dialogue.takeSent() == "HELLO 3 SETNAME socket.io;")
        dialogue.receive("%0\r\n+PONG\r\n")
        #expect(dialogue.takeSent() == "PING;GET b;PUBLISH c n;")
        #expect(dialogue.takeTold() == [.connect, .opened])
        dialogue.receive("+B\r\n:1\r\n")
        #expect(dialogue.takeTold() == [.reply(ticket: 2, .string([66]))])
    }

    @Test func `keeps as many unanswered bytes as its limit, sent or not`() {
        let cost = RedisCommand("PING").bytes.count + RedisSession.commandBytes
        var dialogue = Dialogue { $0.unansweredBytes = 2 * cost }
        dialogue.send("PING", ticket: 1)
        dialogue.send("PING")
        dialogue.send("PING", ticket: 3)
        dialogue.send("PING")
        #expect(dialogue.takeTold() == [.failure(ticket: 3, .overloaded), .dropped(1)])
        dialogue.note(dialogue.session.start() + dialogue.session.connected(now: dialogue.now))
        dialogue.receive("%0\r\n+PONG\r\n")
        dialogue.send("PING", ticket: 4)
        #expect(dialogue.takeTold() == [.connect, .opened, .failure(ticket: 4, .overloaded)])
        dialogue.receive("+PONG\r\n")
        dialogue.send("PING", ticket: 5)
        dialogue.send("PING", ticket: 6)
        #expect(
            dialogue.takeTold() == [.reply(ticket: 1, .string(Array("PONG".utf8))), .failure(ticket: 6, .overloaded)])
        // A loss gives all of it back.
        dialogue.lose()
        _ = dialogue.takeTold()
        dialogue.send("PING", ticket: 7)
        dialogue.send("PING", ticket: 8)
        #expect(dialogue.takeTold() == [])
    }

    @Test func `subscriptions are asked for again after each loss`() {
        var dialogue = Dialogue(.subscriptions)
        let (channel, pattern) = (RedisSubscription(.channel, "c"), RedisSubscription(.pattern, "p*"))
        dialogue.note(dialogue.session.subscribe([channel, pattern, channel]))
        #expect(dialogue.takeSent() == "")
        dialogue.note(dialogue.session.start() + dialogue.session.connected(now: dialogue.now))
        dialogue.receive("%0\r\n+PONG\r\n")
        #expect(dialogue.takeSent() == "HELLO 3 SETNAME socket.io;PING;SUBSCRIBE c;PSUBSCRIBE p*;")
        _ = dialogue.takeTold()
        dialogue.receive(">3\r\n+subscribe\r\n+c\r\n:1\r\n>4\r\n+pmessage\r\n+p*\r\n+p1\r\n+x\r\n")
        dialogue.receive(">3\r\n+message\r\n+c\r\n+y\r\n>2\r\n+invalidate\r\n_\r\n")
        #expect(
            dialogue.takeTold() == [
                .subscribed(channel),
                .message(RedisMessage(subscription: pattern, channel: Array("p1".utf8), payload: [120])),
                .message(RedisMessage(subscription: channel, channel: [99], payload: [121])),
            ])
        dialogue.note(dialogue.session.unsubscribe([channel]))
        // Those of one command would have to belong to one slot of a cluster.
        dialogue.note(dialogue.session.subscribe([RedisSubscription(.shard, "s"), RedisSubscription(.shard, "t")]))
        #expect(dialogue.takeSent() == "UNSUBSCRIBE c;SSUBSCRIBE s;SSUBSCRIBE t;")
        dialogue.note(dialogue.session.unsubscribe([RedisSubscription(.shard, "t")]))
        #expect(dialogue.takeSent() == "SUNSUBSCRIBE t;")
        dialogue.lose()
        dialogue.waitForDeadline()
        dialogue.note(dialogue.session.connected(now: dialogue.now))
        dialogue.receive("%0\r\n+PONG\r\n")
        #expect(dialogue.takeSent() == "HELLO 3 SETNAME socket.io;PING;PSUBSCRIBE p*;SSUBSCRIBE s;")
        // What a cluster has moved away is not.
        dialogue.session.forget([RedisSubscription(.shard, "s")])
        dialogue.lose()
        dialogue.waitForDeadline()
        dialogue.note(dialogue.session.connected(now: dialogue.now))
        dialogue.receive("%0\r\n+PONG\r\n")
        #expect(dialogue.takeSent() == "HELLO 3 SETNAME socket.io;PING;PSUBSCRIBE p*;")
    }

    @Test func `messages of version 2 are arrays`() {
        var dialogue = Dialogue(.subscriptions)
        dialogue.note(dialogue.session.start() + dialogue.session.connected(now: dialogue.now))
        dialogue.receive("-ERR unknown command\r\n+OK\r\n+PONG\r\n")
        _ = dialogue.takeTold()
        dialogue.receive("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n-NOPERM no\r\n")
        #expect(
            dialogue.takeTold() == [
                .message(RedisMessage(subscription: RedisSubscription(.channel, "c"), channel: [99], payload: [120])),
                .complaint(RESPError(text: Array("NOPERM no".utf8))),
            ])
    }

    @Test(arguments: [RedisSession.Role.commands, .subscriptions])
    func `asks a silent Redis whether it is there, and gives it up`(role: RedisSession.Role) {
        var dialogue = Dialogue(role)
        dialogue.open()
        dialogue.waitForDeadline()
        #expect(dialogue.takeSent() == "PING;")
        dialogue.receive(role == .commands ? "+PONG\r\n" : "*2\r\n$4\r\npong\r\n$0\r\n\r\n")
        #expect(dialogue.session.isOpen)
        dialogue.waitForDeadline()
        dialogue.waitForDeadline()
        #expect(dialogue.takeTold() == [.disconnect(.silent)])
        dialogue.lose()
        // A ping is nobody's loss.
        #expect(dialogue.takeTold() == [])
    }

    @Test func `waits longer after each failure, up to its maximum, and not after a success`() {
        var dialogue = Dialogue {
            $0.backoff = ReconnectionBackoff(minimum: .seconds(1), maximum: .seconds(5), randomization: 0)
        }
        dialogue.note(dialogue.session.start())
        for seconds in [1, 2, 4, 5, 5] {
            dialogue.lose()
            #expect(dialogue.session.deadline == dialogue.now.advanced(by: .seconds(seconds)))
            dialogue.waitForDeadline()
        }
        dialogue.lose()
        dialogue.open()
        dialogue.lose()
        #expect(dialogue.session.deadline == dialogue.now.advanced(by: .seconds(1)))
    }

    @Test func `may be told to wait no longer, and waits as long as it would have after the next failure`() {
        var dialogue = Dialogue {
            $0.backoff = ReconnectionBackoff(minimum: .seconds(1), maximum: .seconds(5), randomization: 0)
        }
        dialogue.note(dialogue.session.start())
        dialogue.lose()
        _ = dialogue.takeTold()
        for _ in 0..<2 { dialogue.note(dialogue.session.retry()) }
        #expect(dialogue.takeTold() == [.connect])
        dialogue.lose()
        #expect(dialogue.session.deadline == dialogue.now.advanced(by: .seconds(2)))
        dialogue.open()
        dialogue.note(dialogue.session.retry())
        #expect(dialogue.takeTold().isEmpty && dialogue.session.isOpen)
    }

    @Test func `fails everything when it ends, and takes nothing more`() {
        var dialogue = Dialogue()
        dialogue.open()
        dialogue.send("GET", "a", ticket: 1)
        dialogue.lose()
        dialogue.send("GET", "b", ticket: 2)
        _ = dialogue.takeTold()
        dialogue.note(dialogue.session.end())
        dialogue.send("GET", "c", ticket: 3)
        #expect(dialogue.takeTold() == [.failure(ticket: 2, .ended), .failure(ticket: 3, .ended)])
        #expect(dialogue.session.deadline == nil)
        dialogue.note(dialogue.session.start())
        #expect(dialogue.takeTold() == [])
    }

    @Test func `whatever happens in whatever order, each ticket is told once`() {
        for seed in 0..<200 {
            var random = SeededGenerator(seed: UInt64(seed))
            var dialogue = Dialogue { $0.unansweredBytes = 1_000 }
            var tickets = 0
            var told: [Int] = []
            for _ in 0..<300 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0: dialogue.note(dialogue.session.start())
                case 1: dialogue.note(dialogue.session.connected(now: dialogue.now))
                case 2: dialogue.lose(random: 0.5)
                case 3: dialogue.waitForDeadline()
                case 4: dialogue.receive("%0\r\n")
                case 5: dialogue.receive("+OK\r\n:1")
                case 6: dialogue.receive("\r\n")
                case 7: dialogue.note(dialogue.session.retry())
                default:
                    dialogue.send("GET", ticket: tickets)
                    tickets += 1
                }
                for action in dialogue.takeTold() {
                    switch action {
                    case .reply(let ticket, _), .failure(let ticket, _): told.append(ticket)
                    case .connect, .send, .disconnect, .opened, .foundCluster, .message, .subscribed, .unsubscribed,
                        .complaint, .dropped:
                        break
                    }
                }
            }
            dialogue.note(dialogue.session.end())
            for case .failure(let ticket, .ended) in dialogue.takeTold() { told.append(ticket) }
            #expect(told.sorted() == Array(0..<tickets))
        }
    }
}
