import TestSupport
import Testing

@testable import SocketIOWire

private func address(_ port: UInt16) -> RedisAddress { RedisAddress(host: "h", port: port) }

/// A map in which each of the nodes, by their ports, serves as many slots as the others.
private func map(_ ports: [UInt16]) -> RedisSlotMap {
    let width = RedisSlot.count / ports.count
    let ranges = ports.enumerated().map { index, port -> RESPValue in
        let last = index == ports.count - 1 ? RedisSlot.count - 1 : (index + 1) * width - 1
        return .array([
            .integer(Int64(index * width)), .integer(Int64(last)),
            .array([.string(Array("h".utf8)), .integer(Int64(port))]),
        ])
    }
    return RedisSlotMap(.array(ranges), from: address(1))!
}

/// A router and what it did.
private struct Conversation {
    var router: RedisRouter
    var now = ContinuousClock.Instant.now
    /// The numbers of what was sent, with its place and its words.
    private(set) var sent: [(number: Int, text: String)] = []
    private(set) var told: [RedisRouter.Action] = []

    init(unansweredBytes: Int = 1_000_000, _ ports: [UInt16] = [1, 2], open: Bool = true) {
        router = RedisRouter(unansweredBytes: unansweredBytes, choice: 0)
        note(router.learned(map(ports), now: now))
        if open { for port in ports { note(router.opened(address(port), now: now)) } }
        told = []
    }

    mutating func note(_ actions: [RedisRouter.Action]) {
        for action in actions {
            guard case .send(let command, let node, let isAsking, let number) = action else {
                told.append(action)
                continue
            }
            var (reader, index) = (RESPReader(), 0)
            let words = (try? reader.next(in: command.bytes.span, from: &index))?.elements?.compactMap(\.text) ?? []
            sent.append((number, "\(node.port)\(isAsking ? "?" : ""): \(words.joined(separator: " "))"))
        }
    }

    mutating func send(_ words: String..., key: Int? = nil, ticket: Int? = nil) {
        note(router.send(RedisCommand(words.map { Array($0.utf8) }, key: key), ticket: ticket, now: now))
    }

    /// What was sent and is not answered yet, the oldest first.
    var unanswered: [String] { sent.map(\.text) }
    /// The same, which is answered elsewhere.
    mutating func takeAllSent() -> [(number: Int, text: String)] {
        defer { sent = [] }
        return sent
    }

    mutating func answer(_ text: String, count: Int = 1) {
        for _ in 0..<count { answer(.failure(.refused(RESPError(text: Array(text.utf8))))) }
    }
    mutating func answerOK() { answer(.success(.string([79, 75]))) }
    /// The oldest.
    mutating func answer(_ result: Result<RESPValue, RedisError>) {
        let number = sent.removeFirst().number
        note(router.answered(number, result, now: now))
    }

    mutating func waitForDeadline() {
        now = router.deadline ?? now
        note(router.handleTimeout(now: now))
    }

    mutating func takeTold() -> [RedisRouter.Action] {
        defer { told = [] }
        return told
    }
}

@Suite struct RedisRouterTests {
    // `bar` is in slot 5061, of node 1; `foo` in 12182, of node 2.

    @Test func `each command goes to the node of its key, what has none to one of them`() {
        var talk = Conversation()
        talk.send("SET", "bar", "1", key: 1)
        talk.send("SET", "foo", "2", key: 1, ticket: 5)
        talk.send("PUBLISH", "foo", "3")
        talk.send("PUBLISH", "bar", "4")
        #expect(talk.unanswered == ["1: SET bar 1", "2: SET foo 2", "1: PUBLISH foo 3", "1: PUBLISH bar 4"])
        talk.answerOK()
        talk.answerOK()
        #expect(talk.takeTold() == [.reply(ticket: 5, .string([79, 75]))])
        talk.answer("NOPERM no")
        #expect(talk.takeTold() == [.complaint(RESPError(text: Array("NOPERM no".utf8)))])
    }

    @Test func `what waits for a connection is sent when it is open, in order`() {
        var talk = Conversation(open: false)
        talk.send("SET", "bar", "1", key: 1)
        talk.send("SET", "bar", "2", key: 1)
        #expect(talk.unanswered == [])
        #expect(talk.takeTold() == [.connect(address(1)), .connect(address(1))])
        talk.note(talk.router.opened(address(1), now: talk.now))
        #expect(talk.unanswered == ["1: SET bar 1", "1: SET bar 2"])
    }

    @Test func `a slot that moves takes its commands with it, in the order given`() {
        var talk = Conversation()
        for number in 1...3 { talk.send("SET", "bar", "\(number)", key: 1) }
        talk.answer("MOVED 5061 h:2")
        // Those behind it are still under way to the old node.
        talk.send("SET", "bar", "4", key: 1)
        #expect(talk.unanswered == ["1: SET bar 2", "1: SET bar 3"])
        talk.answer("MOVED 5061 h:2", count: 2)
        #expect(talk.unanswered == ["2: SET bar 1", "2: SET bar 2", "2: SET bar 3"])
        for _ in 0..<3 { talk.answerOK() }
        #expect(talk.unanswered == ["2: SET bar 4"])
        talk.answerOK()
        talk.send("SET", "bar", "5", key: 1)
        #expect(talk.unanswered == ["2: SET bar 5"])
        #expect(talk.takeTold() == [.survey, .survey, .survey])
    }

    @Test func `a key that is on its way is asked for where it is, and only that once`() {
        var talk = Conversation()
        talk.send("SET", "bar", "1", key: 1)
        talk.send("SET", "bar", "2", key: 1)
        talk.answer("ASK 5061 h:2", count: 2)
        talk.send("SET", "bar", "3", key: 1)
        #expect(talk.unanswered == ["2?: SET bar 1", "2?: SET bar 2"])
        talk.answerOK()
        #expect(talk.unanswered == ["2?: SET bar 2"])
        talk.answerOK()
        #expect(talk.unanswered == ["1: SET bar 3"])
    }

    @Test func `a node that is lost, and that somebody has sent a command to, holds up nobody`() throws {
        var talk = Conversation([1, 3])
        talk.send("SET", "bar", "1", key: 1)
        talk.answer("ASK 5061 h:2")
        talk.send("SET", "bar", "2", key: 1)
        #expect(talk.unanswered == [])
        #expect(talk.takeTold() == [.connect(address(2)), .connect(address(2))])
        talk.note(talk.router.closed(address(2), now: talk.now))
        try #require(talk.unanswered == ["1: SET bar 1"])
        talk.answerOK()
        #expect(talk.unanswered == ["1: SET bar 2"])
    }

    @Test func `a command without a key that has one is sent where it belongs`() {
        var talk = Conversation()
        talk.send("GET", "foo", ticket: 1)
        #expect(talk.unanswered == ["1: GET foo"])
        talk.answer("MOVED 12182 h:2")
        #expect(talk.unanswered == ["2: GET foo"])
    }

    @Test func `what nobody can do at the moment is tried again after a while, in order`() {
        var talk = Conversation()
        let down = "CLUSTERDOWN The cluster is down"
        talk.send("SET", "bar", "1", key: 1)
        for _ in 0..<100 {
            talk.answer(down)
            #expect(talk.unanswered == [])
            #expect(talk.takeTold() == [.delay(RESPError(text: Array(down.utf8))), .survey])
            talk.waitForDeadline()
            #expect(talk.unanswered == ["1: SET bar 1"])
        }
        talk.answer(down)
        talk.send("SET", "bar", "2", key: 1)
        talk.waitForDeadline()
        #expect(talk.unanswered == ["1: SET bar 1"])
        talk.answerOK()
        #expect(talk.unanswered == ["1: SET bar 2"])
        #expect(talk.router.deadline == nil)
    }

    @Test func `a command that is sent from node to node fails in the end`() {
        var talk = Conversation()
        talk.send("GET", "bar", key: 1, ticket: 1)
        for count in 1...RedisRouter.maxRedirections {
            talk.answer("MOVED 5061 h:\(count % 2 + 1)")
            if count > RedisRouter.quickRedirections { talk.waitForDeadline() }
            #expect(talk.unanswered == ["\(count % 2 + 1): GET bar"])
        }
        _ = talk.takeTold()
        talk.answer("MOVED 5061 h:2")
        #expect(talk.unanswered == [])
        let last = RESPError(text: Array("MOVED 5061 h:2".utf8))
        #expect(talk.takeTold() == [.failure(ticket: 1, .refused(last))])
    }

    @Test func `what was sent to a node that is lost fails, what comes then waits for who has its slots`() {
        var talk = Conversation()
        talk.send("SET", "foo", "1", key: 1, ticket: 1)
        talk.send("SET", "foo", "2", key: 1)
        talk.note(talk.router.closed(address(2), now: talk.now))
        talk.answer(.failure(.connectionLost))
        talk.answer(.failure(.connectionLost))
        talk.send("SET", "foo", "3", key: 1)
        #expect(talk.unanswered == [])
        #expect(
            talk.takeTold() == [.survey, .failure(ticket: 1, .connectionLost), .dropped(1), .connect(address(2))])
        talk.note(talk.router.learned(map([1, 3]), now: talk.now))
        #expect(talk.takeTold() == [.connect(address(3))])
        talk.note(talk.router.opened(address(3), now: talk.now))
        #expect(talk.unanswered == ["3: SET foo 3"])
    }

    @Test func `another node does what any may do when the first is lost`() {
        var talk = Conversation()
        talk.note(talk.router.closed(address(1), now: talk.now))
        talk.send("PUBLISH", "c", "m")
        #expect(talk.unanswered == ["2: PUBLISH c m"])
    }

    @Test func `keeps as many unanswered bytes as its limit, of all nodes`() {
        let cost = RedisCommand("SET", "bar", "1").bytes.count + RedisSession.commandBytes
        var talk = Conversation(unansweredBytes: 2 * cost)
        talk.send("SET", "bar", "1", key: 1)
        talk.send("SET", "foo", "1", key: 1)
        talk.send("SET", "bar", "2", key: 1, ticket: 1)
        talk.send("SET", "bar", "3", key: 1)
        #expect(talk.takeTold() == [.failure(ticket: 1, .overloaded), .dropped(1)])
        // One that is sent elsewhere is counted once.
        talk.answer("MOVED 5061 h:2")
        talk.answerOK()
        talk.answerOK()
        talk.send("SET", "bar", "4", key: 1)
        talk.send("SET", "bar", "5", key: 1)
        _ = talk.takeTold()
        talk.send("SET", "bar", "6", key: 1)
        #expect(talk.takeTold() == [.dropped(1)])
    }

    @Test func `who waits for all that was sent before waits for nothing that is sent later`() {
        var talk = Conversation()
        talk.note(talk.router.settle(1))
        #expect(talk.takeTold() == [.reply(ticket: 1, .null)])
        talk.send("SET", "bar", "1", key: 1)
        talk.send("SET", "foo", "2", key: 1, ticket: 2)
        talk.note(talk.router.settle(3))
        talk.note(talk.router.settle(4))
        talk.send("SET", "bar", "5", key: 1)
        talk.note(talk.router.settle(6))
        talk.answer("MOVED 5061 h:2")
        talk.answer(.failure(.connectionLost))
        #expect(talk.takeTold() == [.survey, .failure(ticket: 2, .connectionLost)])
        talk.answer("MOVED 5061 h:2")
        talk.answerOK()
        #expect(talk.takeTold() == [.survey, .reply(ticket: 3, .null), .reply(ticket: 4, .null)])
        talk.note(talk.router.end())
        #expect(talk.takeTold() == [.dropped(1), .failure(ticket: 6, .ended)])
        talk.note(talk.router.settle(7))
        #expect(talk.takeTold() == [.failure(ticket: 7, .ended)])
    }

    @Test func `who waits counts among what is not answered`() {
        let cost = RedisCommand("SET", "bar", "1").bytes.count + RedisSession.commandBytes
        var talk = Conversation(unansweredBytes: cost + RedisSession.commandBytes)
        for _ in 0..<3 {
            talk.send("SET", "bar", "1", key: 1)
            talk.note(talk.router.settle(1))
            talk.note(talk.router.settle(2))
            #expect(talk.takeTold() == [.failure(ticket: 2, .overloaded)])
            talk.answerOK()
            #expect(talk.takeTold() == [.reply(ticket: 1, .null)])
        }
    }

    @Test func `whatever nodes say in whatever order, each ticket is told once, and each key's commands in order`() {
        for seed in 0..<100 {
            var random = SeededGenerator(seed: UInt64(seed))
            var talk = Conversation(unansweredBytes: 5_000, [1, 2, 3], open: false)
            var tickets = 0
            var told: [Int] = []
            /// How many tickets there were before each that waits for them.
            var settling: [Int: Int] = [:]
            /// What was done, by key.
            var done: [String: [Int]] = [:]
            var underWay: [UInt16: [(number: Int, words: [Substring])]] = [:]
            func collect() {
                for action in talk.takeTold() {
                    switch action {
                    case .reply(let ticket, _), .failure(let ticket, _):
                        told.append(ticket)
                        // One that is too much waits for nothing.
                        if case .failure(_, .overloaded) = action { break }
                        if let count = settling[ticket] {
                            #expect(told.count { $0 < count } == count, "seed \(seed), \(ticket)")
                        }
                    case .send, .connect, .survey, .delay, .complaint, .dropped: break
                    }
                }
                for (number, text) in talk.takeAllSent() {
                    let words = text.split(whereSeparator: { " :?".contains($0) })
                    underWay[UInt16(words[0])!, default: []].append((number, words))
                }
            }
            for _ in 0..<400 {
                let port = UInt16.random(in: 1...3, using: &random)
                switch Int.random(in: 0..<13, using: &random) {
                case 0: talk.note(talk.router.opened(address(port), now: talk.now))
                case 1:
                    talk.note(talk.router.closed(address(port), now: talk.now))
                    for (number, _) in underWay.removeValue(forKey: port) ?? [] {
                        talk.note(talk.router.answered(number, .failure(.connectionLost), now: talk.now))
                    }
                case 2: talk.note(talk.router.learned(map([1, 2, 3].shuffled(using: &random)), now: talk.now))
                case 3: talk.waitForDeadline()
                case 4...8:
                    // A node answers in order.
                    guard let first = underWay[port]?.first else { break }
                    let key = String(first.words[2])
                    let slot = RedisSlot(of: Array(key.utf8)).number
                    let other = Int.random(in: 1...3, using: &random)
                    let error: String? =
                        switch Int.random(in: 0..<10, using: &random) {
                        case 0: "MOVED \(slot) h:\(other)"
                        case 1: "ASK \(slot) h:\(other)"
                        case 2: "TRYAGAIN later"
                        default: nil
                        }
                    if let error {
                        // And all that is under way to it with the same key.
                        let refusal = RESPError(text: Array(error.utf8))
                        let refused = underWay[port]?.filter { $0.words[2] == key } ?? []
                        underWay[port]?.removeAll { $0.words[2] == key }
                        for (number, _) in refused {
                            talk.note(talk.router.answered(number, .failure(.refused(refusal)), now: talk.now))
                        }
                    } else {
                        underWay[port]?.removeFirst()
                        done[key, default: []].append(Int(first.words[3])!)
                        talk.note(talk.router.answered(first.number, .success(.null), now: talk.now))
                    }
                case 9:
                    settling[tickets] = tickets
                    talk.note(talk.router.settle(tickets))
                    tickets += 1
                default:
                    let key = ["foo", "bar", "b", "a"].randomElement(using: &random)!
                    let isKeyed = key != "a"
                    talk.send("SET", key, "\(tickets)", key: isKeyed ? 1 : nil, ticket: tickets)
                    tickets += 1
                }
                collect()
            }
            talk.note(talk.router.end())
            collect()
            #expect(told.sorted() == Array(0..<tickets), "seed \(seed)")
            for (key, values) in done where key != "a" { #expect(values == values.sorted(), "seed \(seed), \(key)") }
        }
    }
}
