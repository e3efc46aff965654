import ChatEvents
import Foundation
import Testing

@testable import chat_client

typealias Action = Session.Action

/// A session whose actions are looked at.
struct Stage {
    var session: Session

    init(isAttended: Bool = true) {
        session = Session(name: "ada", room: "lobby", isAttended: isAttended)
    }

    /// In the room, as at the end of each beginning.
    static func inRoom(isAttended: Bool = true) -> Stage {
        var stage = Stage(isAttended: isAttended)
        _ = stage.session.start()
        stage.take(.connected)
        stage.take(.news(.welcome(Welcome(name: "ada", rooms: ["lobby", "swift"], number: 1))))
        stage.take(.answer(.entry(reply("lobby"))))
        return stage
    }

    @discardableResult mutating func take(_ input: Session.Input) -> [Action] { session.take(input) }

    @discardableResult mutating func type(_ lines: String...) -> [Action] {
        lines.flatMap { session.take(.line($0)) }.filter { $0 != .readOn }
    }
}

func reply(_ room: String, number: Int = 2, _ messages: [Message] = [], people: [String] = ["ada"]) -> JoinReply {
    JoinReply(room: room, number: number, messages: messages, missesSome: false, people: people)
}

func message(_ number: Int, _ text: String, from: String = "bob", room: String? = "lobby", to: String? = nil) -> Message
{
    Message(number: number, room: room, to: to, from: from, text: text, at: Date(timeIntervalSince1970: 0))
}

let done = Session.Input.answer(.receipt(.done))
let lost = Session.Input.answer(.none("gone", connectionLost: true))

struct SessionTests {
    @Test func `says that it connects, then enters the room`() {
        var stage = Stage()
        #expect(
            stage.session.start() == [
                .print("connecting to the chat as ada; /help lists what there is"), .connect(name: "ada"),
            ])
        #expect(stage.take(.connected) == [.ask(.join("lobby", since: 0))])
        #expect(
            stage.take(.answer(.entry(reply("Lobby", [message(7, "hi", room: "Lobby")], people: ["bob", "ada"])))) == [
                .print("-- Lobby: ada, bob"), .print("bob: hi"), .label("Lobby"),
            ])
    }

    // MARK: What is typed

    @Test func `what is typed is sent one by one, in order`() {
        var stage = Stage.inRoom()
        #expect(stage.type("one", "/msg \"b ob\" two", "/join swift") == [.ask(.say(room: "lobby", "one"))])
        #expect(stage.take(done) == [.ask(.whisper(to: "b ob", "two"))])
        #expect(stage.take(done) == [.ask(.join("swift", since: 0))])
        #expect(
            stage.take(.answer(.entry(reply("swift")))) == [
                .print("-- swift: ada"), .label("swift"), .leave(room: "lobby"),
            ])
        #expect(stage.type("three") == [.ask(.say(room: "swift", "three"))])
    }

    @Test func `somebody who types is answered at once, whatever is under way`() {
        var stage = Stage.inRoom()
        stage.type("one")
        #expect(stage.type("/who", "/rooms") == [.print("-- here: ada"), .print("-- rooms: lobby, swift")])
        guard case .warn? = stage.type("/dance").first else { return #expect(Bool(false)) }
        #expect(stage.type("/help").count == Command.summary.split(separator: "\n").count)
        #expect(stage.type("", " ") == [])
    }

    @Test func `in a script each line has its turn, and the next is read when it is done`() {
        var stage = Stage.inRoom(isAttended: false)
        #expect(stage.take(.line("one")) == [.ask(.say(room: "lobby", "one"))])
        #expect(stage.take(.line("/who")) == [])
        #expect(stage.take(.line("")) == [])
        #expect(stage.take(done) == [.readOn, .print("-- here: ada"), .readOn, .readOn])
    }

    @Test func `what is typed while the server is away waits, and is told to wait`() {
        var stage = Stage()
        #expect(stage.type("one", "/join swift").count == 2)
        #expect(stage.take(.connected) == [.ask(.join("lobby", since: 0))])
        #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.say(room: "lobby", "one")))
        #expect(stage.take(done) == [.ask(.join("swift", since: 0))])
    }

    @Test func `more than may wait is not kept, and told`() {
        var stage = Stage()
        let line = String(repeating: "x", count: 100_000)
        for _ in 0..<10 { #expect(stage.type(line).first != .warn("")) }
        guard case .warn(let words)? = stage.type(line).first else { return #expect(Bool(false)) }
        #expect(words.hasPrefix("-- not kept"))
        #expect(words.count < 200)
        #expect(stage.type(line).last == .giveBack(line))
    }

    @Test func `a script hears of a line that is not kept, goes on, and fails`() {
        var stage = Stage(isAttended: false)
        let line = Session.Input.line(String(repeating: "x", count: Outbox.limit / 2))
        #expect(stage.take(line) == [])
        let actions = stage.take(line)
        #expect(actions.count == 2 && actions.last == .readOn)
        stage.take(.connected)
        stage.take(.answer(.entry(reply("lobby"))))
        stage.take(done)
        #expect(stage.take(.endOfInput) == [.end(failure: "not everything was sent")])
    }

    @Test func `a command that there is not is given back: it may be a long text that begins with a slash`() {
        var stage = Stage.inRoom()
        #expect(stage.type("/usr/bin is gone").last == .giveBack("/usr/bin is gone"))
        #expect(stage.type("/msg \"no end").last == .giveBack("/msg \"no end"))
    }

    @Test func `what the server refuses is given back`() {
        var stage = Stage.inRoom()
        stage.type("too long", "next")
        #expect(
            stage.take(.answer(.receipt(Receipt(error: "No.")))) == [
                .warn("-- No."), .giveBack("too long"), .ask(.say(room: "lobby", "next")),
            ])
        stage.take(done)
        #expect(stage.type("/quit") == [.end(failure: nil)])
    }

    @Test func `what comes too soon is asked again after a while, within reason`() {
        var stage = Stage.inRoom()
        stage.type("one", "two")
        for (seconds, pause) in [(0.5, 0.5), (-1, 0.05), (1e300, 60)] {
            let actions = stage.take(.answer(.receipt(Receipt(error: "Too fast.", retryAfter: seconds))))
            #expect(actions.last == .pause(pause))
            #expect(stage.take(.pauseOver) == [.ask(.say(room: "lobby", "one"))])
        }
        #expect(stage.take(done) == [.ask(.say(room: "lobby", "two"))])
    }

    /// Puts it off as often as the session asks; how often, and what came last.
    private func putOff(_ stage: inout Stage, _ answer: Session.Input) -> (count: Int, last: [Action]) {
        for count in 1...1000 {
            let actions = stage.take(answer)
            guard case .pause? = actions.last else { return (count, actions) }
            stage.take(.pauseOver)
        }
        return (1000, [])
    }

    private let tooSoon = Session.Input.answer(.receipt(Receipt(error: "Too fast.", retryAfter: 1)))
    private let closed = Session.Input.answer(.entry(JoinReply(error: "Full.", retryAfter: 1)))

    @Test func `what always comes too soon is refused at last, and what follows is sent`() {
        for isAttended in [false, true] {
            var stage = Stage.inRoom(isAttended: isAttended)
            stage.type("one", "two")
            for _ in 0..<2 {
                let (count, last) = putOff(&stage, tooSoon)
                #expect(count == Session.setbacksLimit)
                #expect(last.first == .warn("-- Too fast. (asked 20 times)"))
            }
            #expect(stage.take(.endOfInput) == [.end(failure: isAttended ? nil : "not everything was sent")])
        }
    }

    @Test func `what is put off now and then is no failure`() {
        var stage = Stage.inRoom(isAttended: false)
        for number in 0..<100 {
            stage.type("\(number)")
            stage.take(tooSoon)
            stage.take(.pauseOver)
            stage.take(done)
        }
        #expect(stage.take(.endOfInput) == [.end(failure: nil)])
    }

    @Test func `a first room that always opens later is closed`() {
        var stage = Stage(isAttended: false)
        stage.type("one")
        stage.take(.connected)
        let words = "cannot enter lobby: Full. (asked 20 times); 1 line was not sent"
        #expect(putOff(&stage, closed).last == [.end(failure: words)])
        var other = Stage()
        other.take(.connected)
        #expect(putOff(&other, closed).last.count == 2)
        // The next one has all its chances.
        other.type("/join swift")
        #expect(putOff(&other, closed).count == Session.setbacksLimit)
    }

    // MARK: Rooms

    @Test func `a room that is closed leaves one where one is`() {
        var stage = Stage.inRoom()
        stage.type("/join closed")
        #expect(
            stage.take(.answer(.entry(JoinReply(error: "Full.")))) == [.warn("-- Full."), .giveBack("/join closed")])
        #expect(stage.type("one") == [.ask(.say(room: "lobby", "one"))])
    }

    @Test func `where not even the first room is open, another one can be entered`() {
        var stage = Stage()
        stage.take(.connected)
        #expect(stage.take(.answer(.entry(JoinReply(error: "Full.")))).count == 2)
        #expect(stage.type("one") == [.warn("-- you are in no room: write /join ROOM"), .giveBack("one")])
        #expect(stage.type("/join swift") == [.ask(.join("swift", since: 0))])
        #expect(stage.take(.answer(.entry(reply("swift")))) == [.print("-- swift: ada"), .label("swift")])
    }

    @Test func `messages are shown once, also those that overtake each other`() {
        var stage = Stage.inRoom()
        #expect(stage.take(.news(.message(message(10, "ten")))) == [.print("bob: ten")])
        #expect(stage.take(.news(.message(message(9, "nine")))) == [.print("bob: nine")])
        #expect(stage.take(.news(.message(message(10, "ten")))) == [])
        #expect(stage.take(.news(.message(message(11, "elsewhere", room: "swift")))) == [])
    }

    @Test func `comes back to what was said meanwhile`() {
        var stage = Stage.inRoom()
        for number in 10..<50 { stage.take(.news(.message(message(number, "\(number)")))) }
        stage.take(.connectionLost("gone"))
        #expect(stage.take(.connected) == [.print("-- connected again"), .ask(.join("lobby", since: 33))])
        // It may arrive before the reply, which has it, too.
        #expect(stage.take(.news(.message(message(51, "51")))) == [])
        let missed = reply("lobby", (34..<52).map { message($0, "\($0)") })
        #expect(
            stage.take(.answer(.entry(missed))) == [
                .print("-- lobby: ada"), .print("bob: 50"), .print("bob: 51"), .label("lobby"),
            ])
    }

    @Test func `news that overtake the reply which they came after are not lost`() {
        var stage = Stage.inRoom()
        stage.type("/join swift")
        #expect(stage.take(.news(.message(message(10, "here")))) == [.print("bob: here")])
        #expect(stage.take(.news(.message(message(11, "there", room: "swift")))) == [])
        #expect(stage.take(.news(.message(message(12, "there, too", room: "swift")))) == [])
        let change = PeopleChange(number: 13, room: "swift", came: ["bob"], went: [])
        #expect(stage.take(.news(.people(change))) == [])
        #expect(
            stage.take(.answer(.entry(reply("swift", [message(11, "there", room: "swift")])))) == [
                .print("-- swift: ada"), .print("bob: there"), .label("swift"), .leave(room: "lobby"),
                .print("bob: there, too"), .print("-- bob is here"),
            ])
    }

    @Test func `who is here follows what was decided, not what arrived`() {
        var stage = Stage.inRoom()
        func people(_ number: Int, came: [String] = [], went: [String] = [], room: String = "lobby") -> Session.Input {
            .news(.people(PeopleChange(number: number, room: room, came: came, went: went)))
        }
        #expect(stage.take(people(2, came: ["old"])) == [])
        #expect(stage.take(people(3, came: ["bob"], went: ["cyd"])) == [.print("-- bob is here")])
        #expect(stage.take(people(4, came: ["dan"], room: "swift")) == [])
        #expect(stage.take(people(5, went: ["bob"])) == [.print("-- bob has left")])
        #expect(stage.type("/who") == [.print("-- here: ada")])
    }

    @Test func `a server cannot fill the memory with names, and what is left out is told`() {
        var stage = Stage.inRoom()
        let name = String(repeating: "x", count: 300_000)
        let names = (0..<10).map { "\($0)\(name)" }
        stage.take(.news(.rooms(RoomsChange(number: 3, added: names, removed: []))))
        stage.take(.news(.people(PeopleChange(number: 4, room: "lobby", came: names, went: []))))
        for names in [stage.session.rooms, stage.session.room.people] {
            #expect(names.all.reduce(0) { $0 + $1.utf8.count } <= Names.limit)
            #expect(names.list.hasSuffix(", and others"))
        }
        stage.type("/join swift")
        for number in 5..<20 { stage.take(.news(.message(message(number, name, room: "swift")))) }
        let actions = stage.take(.answer(.entry(reply("swift"))))
        #expect(actions.count { if case .print(let line) = $0 { line.utf8.count > 1000 } else { false } } == 3)
        #expect(actions.contains(Session.missed))
    }

    @Test func `names have room again once others have gone`() {
        var names = Names()
        let name = String(repeating: "x", count: Names.limit / 4 - Names.overhead - 1)
        let kept = [0, 1, 2, 3, 0].map { names.insert("\($0)\(name)") }
        #expect(kept == [true, true, true, true, false])
        #expect(!names.missesSome)
        let hasFifth = [names.insert("4\(name)"), names.remove("4\(name)")]
        #expect(hasFifth == [false, false])
        #expect(names.missesSome)
        let hasTaken = [names.remove("0\(name)"), names.insert("4\(name)")]
        #expect(hasTaken == [true, true])
    }

    @Test func `all that a server may make long is counted`() {
        let long = String(repeating: "x", count: 1000)
        let news: [Session.News] = [
            .welcome(Welcome(name: long, rooms: [], number: 1)), .message(message(1, "", from: long)),
            .message(message(1, "", room: long)), .whisper(message(1, "", to: long)),
            .people(PeopleChange(number: 1, room: long, came: [], went: [])),
            .rooms(RoomsChange(number: 1, added: [], removed: [long])), .removed(long), .unknown(long),
        ]
        for news in news { #expect(news.size >= 1000, "\(news)") }
    }

    @Test func `the list of rooms follows what changes`() {
        var stage = Stage.inRoom()
        stage.take(.news(.rooms(RoomsChange(number: 1, added: ["old"], removed: []))))
        stage.take(.news(.rooms(RoomsChange(number: 3, added: ["new"], removed: ["swift"]))))
        #expect(stage.type("/rooms") == [.print("-- rooms: lobby, new")])
    }

    @Test func `what is said in private says to whom`() {
        var stage = Stage.inRoom()
        #expect(
            stage.take(.news(.whisper(message(3, "hi", room: nil, to: "ada")))) == [.print("[from bob] hi")])
        #expect(
            stage.take(.news(.whisper(message(4, "hi", from: "ada", room: nil, to: "bob")))) == [.print("[to bob] hi")])
    }

    @Test func `the server's words are isolated from ours`() {
        var stage = Stage.inRoom()
        #expect(stage.take(.news(.message(message(3, "\u{202E}\u{1B}[2J", from: "a\u{202E}")))) == [.print("a: [2J")])
        #expect(stage.take(.refused("\u{1B}no")).first == .warn("-- no"))
    }

    @Test func `what is not understood is told once`() {
        var stage = Stage.inRoom()
        #expect(stage.take(.news(.unknown("x"))).count == 1)
        #expect(stage.take(.news(.unknown("x"))) == [])
        #expect(stage.take(.news(.unknown("y"))).count == 1)
    }
}
