import ChatEvents
import Foundation
import SocketIO
import TestSupport
import Testing

@testable import chat

/// A chat with a clock that stands still until it is moved.
private struct Scene {
    var state: ChatState
    var now = ContinuousClock.now

    init(rooms: [String] = ["lobby"], messageRate: Int = 10) throws {
        let names = try rooms.map { try Name($0, of: .room) }
        state = ChatState(rooms: names, firstNumber: 1000, messageRate: messageRate)
    }

    var moment: Moment { Moment(date: Date(timeIntervalSince1970: 0), clock: now) }

    @discardableResult
    mutating func welcome(
        _ socket: String, as name: String, key: String? = nil, from address: String = "1.2.3.4"
    ) throws -> Welcome {
        let name = try Name(name, of: .person)
        return try state.welcome(SocketID(socket), as: name, key: key ?? name.looks, from: address)
    }

    @discardableResult
    mutating func enter(_ room: String, _ socket: String, since: Int = 0) throws -> JoinReply {
        try state.pay(for: .join, with: SocketID(socket), at: now)
        return try state.enter(Name(room, of: .room), since: since, with: SocketID(socket), at: now)
    }

    mutating func leave(_ room: String, _ socket: String) throws {
        state.leave(try Name(room, of: .room), with: SocketID(socket))
    }

    @discardableResult
    mutating func say(_ text: String, in room: String, _ socket: String) throws -> Message {
        try state.pay(for: .message(bytes: text.utf8.count), with: SocketID(socket), at: now)
        return try state.say(text, in: Name(room, of: .room), with: SocketID(socket), at: moment)
    }
}

private func refusal(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return (error as? Refusal)?.words ?? "\(error)"
    }
}

@Suite struct ChatStateTests {
    @Test func `whatever is shown has a number of its own, and they grow`() throws {
        var chat = try Scene()
        try chat.welcome("a", as: "ada")
        try chat.welcome("b", as: "bob")
        try chat.enter("lobby", "a")
        try chat.enter("lobby", "b")
        var numbers = [try chat.say("one", in: "lobby", "b").number]
        for _ in 0..<2 { numbers.append(chat.state.announce("tea", at: chat.moment).number) }
        numbers.append(try chat.say("two", in: "lobby", "b").number)
        numbers.append(
            try chat.state.whisper("psst", to: Name("bob", of: .person), with: SocketID("a"), at: chat.moment).message
                .number)
        numbers += chat.state.takeNews().people.map(\.change.number)
        #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        #expect(numbers.allSatisfy { $0 > 1000 })
    }

    @Test func `a name belongs to one key, and so do those that look like it`() throws {
        var chat = try Scene()
        #expect(try chat.welcome("a", as: "Ada", key: "k").name == "Ada")
        #expect(refusal { try chat.welcome("b", as: "Ada", key: "l") } == "Somebody is called Ada already.")
        #expect(
            refusal { try chat.welcome("b", as: "ADA", key: "l") }
                == "Somebody is called Ada already, which looks like ADA.")
        // Another tab of hers, with the spelling of the first.
        #expect(try chat.welcome("a2", as: "ADA", key: "k").name == "Ada")
        chat.state.dismiss(SocketID("a"))
        #expect(refusal { try chat.welcome("b", as: "ada", key: "l") } != nil)
        chat.state.dismiss(SocketID("a2"))
        #expect(try chat.welcome("b", as: "ada", key: "l").name == "ada")
    }

    @Test func `a key has 1 to 128 bytes, and a person 10 sockets`() throws {
        var chat = try Scene()
        for key in ["", String(repeating: "k", count: 129)] {
            #expect(refusal { try chat.welcome("a", as: "ada", key: key) } == "The key of a login has 1 to 128 bytes.")
        }
        for number in 0..<10 { try chat.welcome("a\(number)", as: "ada") }
        #expect(refusal { try chat.welcome("a10", as: "ada") } == "You are here 10 times already: close a tab.")
    }

    @Test func `a room has the spelling of who made it`() throws {
        var chat = try Scene()
        try chat.welcome("a", as: "ada")
        try chat.welcome("b", as: "bob")
        #expect(try chat.enter("Engines", "a").room == "Engines")
        #expect(try chat.enter(" ENGINES", "b").room == "Engines")
        #expect(try chat.say("hi", in: "engines", "b").room == "Engines")
        try chat.leave("eNgInEs", "b")
        #expect(refusal { try chat.say("hi", in: "Engines", "b") } == "You are not in Engines.")
        #expect(chat.state.roomOrder.map(\.shown) == ["lobby", "Engines"])
    }

    @Test func `history begins behind what the client has, and is not sent to who is in`() throws {
        var chat = try Scene()
        try chat.welcome("a", as: "ada")
        try chat.enter("lobby", "a")
        let numbers = try (0..<5).map { try chat.say("\($0)", in: "lobby", "a").number }
        #expect(try chat.enter("lobby", "a").messages.isEmpty)
        try chat.welcome("b", as: "bob")
        #expect(try chat.enter("lobby", "b").messages.map(\.text) == ["0", "1", "2", "3", "4"])
        try chat.leave("lobby", "b")
        let reply = try chat.enter("lobby", "b", since: numbers[2])
        #expect(reply.messages.map(\.text) == ["3", "4"] && !reply.missesSome)
        try chat.leave("lobby", "b")
        #expect(try chat.enter("lobby", "b", since: .max).messages.isEmpty)
    }

    @Test func `a room keeps 100 messages and 64,000 bytes, and says when something is missing`() throws {
        var chat = try Scene(messageRate: 1000)
        try chat.welcome("a", as: "ada")
        try chat.welcome("b", as: "bob")
        try chat.enter("lobby", "a")
        let numbers = try (0..<101).map { try chat.say("\($0)", in: "lobby", "a").number }
        #expect(try chat.enter("lobby", "b").messages.count == 100)
        try chat.leave("lobby", "b")
        #expect(try chat.enter("lobby", "b", since: numbers[0]).missesSome == false)
        try chat.leave("lobby", "b")
        #expect(try chat.enter("lobby", "b", since: numbers[0] - 1).missesSome)
        try chat.leave("lobby", "b")
        for _ in 0..<20 { try chat.say(String(repeating: "x", count: 8000), in: "lobby", "a") }
        let reply = try chat.enter("lobby", "b")
        #expect(reply.messages.count == 8 && reply.missesSome)
    }

    @Test func `a person is in 20 rooms, whatever the number of their sockets`() throws {
        var chat = try Scene(rooms: (0..<30).map { "room \($0)" })
        for socket in 0..<5 { try chat.welcome("a\(socket)", as: "ada") }
        for number in 0..<20 { try chat.enter("room \(number)", "a\(number % 5)") }
        #expect(refusal { try chat.enter("room 20", "a0") } == "You are in 20 rooms already.")
        // Her own rooms are open to her other tabs.
        try chat.enter("room 0", "a1")
        try chat.leave("room 0", "a0")
        #expect(refusal { try chat.enter("room 20", "a0") } != nil)
        try chat.leave("room 0", "a1")
        try chat.enter("room 20", "a0")
    }

    @Test func `one person makes 5 rooms at once, then one a minute, and one address 20`() throws {
        var chat = try Scene()
        for socket in 0..<5 { try chat.welcome("a\(socket)", as: "ada") }
        var made = 0
        for number in 0..<100 {
            if refusal({ try chat.enter("room \(number)", "a\(number % 5)") }) == nil { made += 1 }
            chat.now += .milliseconds(10)
        }
        #expect(made == 5)
        chat.now += .seconds(60)
        #expect(refusal { try chat.enter("another", "a0") } == nil)
        #expect(
            refusal { try chat.enter("one more", "a0") }?.hasPrefix("You make rooms too often: try again in ") == true)
        for person in 0..<10 {
            try chat.welcome("p\(person)", as: "person \(person)")
            for number in 0..<5 { _ = refusal { try chat.enter("of \(person) \(number)", "p\(person)") } }
        }
        // Hers were 5, one minute ago, and one: 18 are left to her address.
        #expect(chat.state.roomOrder.count == 1 + 6 + 18)
        try chat.welcome("elsewhere", as: "bob", from: "4.3.2.1")
        #expect(refusal { try chat.enter("of bob", "elsewhere") } == nil)
    }

    @Test func `the oldest unused room makes way for a new one, and a room that is used or permanent does not`() throws
    {
        var chat = try Scene()
        for number in 0..<99 {
            try chat.welcome("s\(number)", as: "person \(number)", from: "\(number)")
            try chat.enter("room \(number)", "s\(number)")
        }
        try chat.welcome("a", as: "ada")
        #expect(refusal { try chat.enter("another", "a") } == "There are 100 rooms already.")
        try chat.leave("room 7", "s7")
        try chat.leave("room 5", "s5")
        _ = chat.state.takeNews()
        try chat.enter("another", "a")
        #expect(chat.state.takeNews().rooms?.removed == ["room 5"])
        #expect(chat.state.roomOrder.count == 100)
    }

    @Test func `one person writes 20 messages at once, then 10 a second, and long ones count for more`() throws {
        var chat = try Scene()
        for socket in ["a", "a2"] {
            try chat.welcome(socket, as: "ada")
            try chat.enter("lobby", socket)
        }
        for number in 0..<20 { try chat.say("x", in: "lobby", number.isMultiple(of: 2) ? "a" : "a2") }
        #expect(refusal { try chat.say("x", in: "lobby", "a") } == "You write too fast: try again in 1 s.")
        chat.now += .milliseconds(100)
        try chat.say("x", in: "lobby", "a")
        #expect(refusal { try chat.say("x", in: "lobby", "a2") } != nil)
        chat.now += .seconds(10)
        try chat.say(String(repeating: "x", count: 7600), in: "lobby", "a")
        #expect(refusal { try chat.say("x", in: "lobby", "a") } != nil)
    }

    @Test func `what is told is what changed, collected`() throws {
        var chat = try Scene()
        for (socket, name) in [("a", "ada"), ("b", "bob"), ("c", "cyd")] { try chat.welcome(socket, as: name) }
        try chat.enter("lobby", "a")
        try chat.enter("lobby", "b")
        let first = chat.state.takeNews()
        #expect(first.rooms == nil)
        #expect(first.people.map(\.change.came) == [["ada", "bob"]])
        // Who came and went is told as gone, who went and came as there: each once.
        for _ in 0..<10 {
            try chat.enter("lobby", "c")
            try chat.leave("lobby", "c")
            try chat.leave("lobby", "a")
            try chat.enter("lobby", "a")
        }
        chat.state.dismiss(SocketID("b"))
        let reply = try chat.enter("lobby", "c")
        #expect(reply.people == ["ada", "cyd"])
        let second = chat.state.takeNews().people.map(\.change)
        #expect(second.map(\.came) == [["ada", "cyd"]] && second.map(\.went) == [["bob"]])
        #expect(second[0].number > reply.number)
        #expect(!chat.state.hasNews)
    }

    @Test func `who was shown somebody that went in the same moment is told that they went`() throws {
        var chat = try Scene()
        for (socket, name) in [("a", "ada"), ("b", "bob"), ("c", "cyd")] { try chat.welcome(socket, as: name) }
        try chat.enter("lobby", "b")
        try chat.enter("lobby", "c")
        let reply = try chat.enter("lobby", "a")
        #expect(reply.people.contains("cyd"))
        try chat.leave("lobby", "c")
        let news = chat.state.takeNews().people.map(\.change)
        #expect(news.map(\.went) == [["cyd"]])
        #expect(news[0].number > reply.number)
    }

    @Test func `somebody is in a room until their last socket has left it`() throws {
        var chat = try Scene()
        try chat.welcome("a", as: "ada")
        try chat.welcome("a2", as: "ada")
        try chat.enter("lobby", "a")
        try chat.enter("lobby", "a2")
        #expect(chat.state.takeNews().people.map(\.change.came) == [["ada"]])
        chat.state.dismiss(SocketID("a"))
        #expect(!chat.state.hasNews)
        try chat.leave("lobby", "a2")
        #expect(chat.state.takeNews().people.map(\.change.went) == [["ada"]])
    }

    /// 1,000 people come and go at random, on clients that are told late and asked early.
    @Test func `whoever obeys the numbers knows who is here, whatever crosses`() throws {
        var generator = SeededGenerator(seed: 14)
        var chat = try Scene()
        for person in 0..<20 { try chat.welcome("s\(person)", as: "person \(person)") }
        try chat.welcome("watcher", as: "watcher")
        var isIn = [Bool](repeating: false, count: 20)
        var seen: Set<String> = []
        var number = 0
        var underway: [PeopleChange] = []
        for _ in 0..<5000 {
            chat.now += .seconds(1)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0..<3:
                let person = Int.random(in: 0..<20, using: &generator)
                if isIn[person] { try chat.leave("lobby", "s\(person)") } else { try chat.enter("lobby", "s\(person)") }
                isIn[person].toggle()
            case 3: underway += chat.state.takeNews().people.map(\.change)
            case 4 where !underway.isEmpty:
                let change = underway.removeFirst()
                guard change.number > number else { continue }
                seen.formUnion(change.came)
                seen.subtract(change.went)
            default:
                guard Int.random(in: 0..<20, using: &generator) == 0 else { continue }
                // The answer overtakes what is on its way.
                let reply = try chat.enter("lobby", "watcher")
                seen = Set(reply.people)
                number = reply.number
            }
        }
        underway += chat.state.takeNews().people.map(\.change)
        for change in underway where change.number > number {
            seen.formUnion(change.came)
            seen.subtract(change.went)
        }
        let expected = Set((0..<20).filter { isIn[$0] }.map { "person \($0)" })
        #expect(seen.subtracting(["watcher"]) == expected)
    }

    @Test func `typing is told to a room that one is in, not too often`() throws {
        var chat = try Scene()
        try chat.welcome("a", as: "ada")
        let lobby = try Name("LOBBY", of: .room)
        let socket = SocketID("a")
        #expect(chat.state.typing(in: lobby, with: socket) == nil)
        try chat.enter("lobby", "a")
        #expect(chat.state.typing(in: lobby, with: socket) == "lobby")
        let paid = (0..<100).count { _ in
            refusal { try chat.state.pay(for: .typing, with: socket, at: chat.now) } == nil
        }
        #expect(paid == 5)
    }

    @Test func `news call a room as it is called, however it was left`() throws {
        var chat = try Scene()
        for (socket, name) in [("a", "ada"), ("b", "bob"), ("c", "cyd")] { try chat.welcome(socket, as: name) }
        for socket in ["a", "b"] { try chat.enter("lobby", socket) }
        _ = chat.state.takeNews()
        try chat.leave("LOBBY", "a")
        try chat.enter("Lobby", "c")
        try chat.leave("lObBy", "b")
        let news = chat.state.takeNews().people
        #expect(news.map(\.change.room) == ["lobby"] && news.map(\.room.shown) == ["lobby"])
        #expect(news.map(\.change.came) == [["cyd"]] && news.map(\.change.went) == [["ada", "bob"]])
        #expect(try chat.enter("lobby", "c").people == ["cyd"])
    }

    @Test func `a room that makes way leaves no news to one that gets its name in another spelling`() throws {
        var chat = try Scene()
        for number in 0..<98 {
            try chat.welcome("s\(number)", as: "person \(number)", from: "\(number)")
            try chat.enter("room \(number)", "s\(number)")
        }
        try chat.welcome("a", as: "ada", from: "a")
        try chat.welcome("b", as: "bob", from: "b")
        try chat.enter("Engines", "a")
        _ = chat.state.takeNews()
        // One batch: ada leaves, her room makes way, another is empty by then, and bob makes hers again.
        try chat.leave("Engines", "a")
        try chat.enter("more", "b")
        try chat.leave("more", "b")
        try chat.enter("engines", "b")
        let news = chat.state.takeNews()
        #expect(news.rooms.map { Set($0.removed) } == ["Engines", "more"] && news.rooms?.added == ["engines"])
        #expect(news.people.map(\.change.room) == ["engines"])
        #expect(news.people.map(\.change.came) == [["bob"]] && news.people.map(\.change.went) == [[]])
    }

    @Test(arguments: [1, 5, 10]) func `a message of 8,000 bytes can be sent, at any rate`(_ rate: Int) throws {
        var chat = try Scene(messageRate: rate)
        try chat.welcome("a", as: "ada")
        try chat.enter("lobby", "a")
        let text = String(repeating: "x", count: 8000)
        #expect(try chat.say(text, in: "lobby", "a").text == text)
        #expect(refusal { try chat.say("x", in: "lobby", "a") } == "You write too fast: try again in 1 s.")
        chat.now += .seconds(2)
        #expect(try chat.say(text, in: "lobby", "a").text == text)
    }

    @Test func `a hundred names of one network write and join no more than five`() throws {
        var chat = try Scene()
        var (written, joined, left) = (0, 0, 0)
        for number in 0..<100 {
            let socket = SocketID("s\(number)")
            try chat.welcome("s\(number)", as: "person \(number)", from: "2001:db8:0:1::\(number + 1)")
            for _ in 0..<30
            where refusal({ try chat.state.pay(for: .message(bytes: 1), with: socket, at: chat.now) }) == nil {
                written += 1
            }
            for _ in 0..<50 where refusal({ try chat.state.pay(for: .join, with: socket, at: chat.now) }) == nil {
                joined += 1
            }
            for _ in 0..<50 where refusal({ try chat.state.pay(for: .leave, with: socket, at: chat.now) }) == nil {
                left += 1
            }
        }
        #expect(written == 5 * 20 && joined == 5 * 40 && left == 5 * 40)
        try chat.welcome("elsewhere", as: "bob", from: "2001:db8:0:2::1")
        #expect(refusal { try chat.enter("lobby", "elsewhere") } == nil)
        #expect(refusal { try chat.say("x", in: "lobby", "elsewhere") } == nil)
    }

    @Test func `one network has made 30 rooms at most, and its own make way`() throws {
        var chat = try Scene()
        for person in 0..<16 {
            try chat.welcome("p\(person)", as: "person \(person)", from: "2001:db8::\(person + 1)")
            chat.now += .seconds(60)
            for number in 0..<2 { _ = refusal { try chat.enter("of \(person) \(number)", "p\(person)") } }
        }
        #expect(chat.state.roomOrder.count == 1 + 30)
        chat.now += .seconds(60)
        #expect(
            refusal { try chat.enter("another", "p15") } == "People of your network have made 30 rooms already.")
        try chat.leave("of 3 0", "p3")
        _ = chat.state.takeNews()
        try chat.enter("another", "p15")
        #expect(chat.state.takeNews().rooms?.removed == ["of 3 0"])
        #expect(chat.state.roomOrder.count == 1 + 30)
    }

    @Test func `what is refused to a person costs the network nothing, and the other way round`() throws {
        var chat = try Scene()
        for number in 0..<6 { try chat.welcome("s\(number)", as: "person \(number)") }
        func take(_ socket: Int) -> Bool {
            refusal { try chat.state.pay(for: .message(bytes: 1), with: SocketID("s\(socket)"), at: chat.now) } == nil
        }
        #expect((0..<1000).count { _ in take(0) } == 20)
        for socket in 1..<5 { #expect((0..<1000).count { _ in take(socket) } == 20) }
        #expect((0..<1000).count { _ in take(5) } == 0)
        // What the network gets back first, the sixth may have: nothing was taken from them.
        chat.now += .milliseconds(400)
        #expect((0..<1000).count { _ in take(5) } == 20)
    }

    @Test func `who is gone can do nothing more, and leaves nothing behind`() throws {
        var chat = try Scene()
        try chat.welcome("a", as: "ada")
        try chat.enter("lobby", "a")
        chat.state.dismiss(SocketID("a"))
        chat.state.dismiss(SocketID("a"))
        #expect(refusal { try chat.enter("lobby", "a") } == "You are not here any more.")
        #expect(refusal { try chat.say("x", in: "lobby", "a") } == "You are not here any more.")
        try chat.leave("lobby", "a")
        #expect(chat.state.people.isEmpty)
        #expect(chat.state.rooms.values.allSatisfy { $0.people.isEmpty })
    }
}
