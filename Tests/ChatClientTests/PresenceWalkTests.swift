import ChatEvents
import Testing

@testable import chat_client

/// Who is in a room, as a server decides and tells it: collected changes in order, and answers that cross them.
private struct Presence {
    private(set) var here: Set<String> = ["ada"]
    private var touched: Set<String> = []
    private var number = 2

    mutating func toggle(_ name: String) {
        if here.remove(name) == nil { here.insert(name) }
        touched.insert(name)
    }

    mutating func takeChange() -> PeopleChange {
        defer { touched = [] }
        number += 1
        return PeopleChange(
            number: number, room: "lobby", came: touched.intersection(here).sorted(),
            went: touched.subtracting(here).sorted())
    }

    var answer: JoinReply { reply("lobby", number: number, people: here.sorted()) }
}

struct PresenceWalkTests {
    @Test(arguments: 0..<200) func `who is here is right, whatever crosses`(seed: UInt64) {
        var random = SeededRandom(state: seed)
        var (server, stage) = (Presence(), Stage.inRoom())
        var (changes, answer, isAsked) = ([PeopleChange](), JoinReply?.none, false)

        for _ in 0..<200 {
            switch Int.random(in: 0..<9, using: &random) {
            case 0..<3: server.toggle("person \(Int.random(in: 0..<4, using: &random))")
            case 3: changes.append(server.takeChange())
            case 4, 5: if !changes.isEmpty { stage.take(.news(.people(changes.removeFirst()))) }
            case 6:
                guard !isAsked else { continue }
                isAsked = true
                stage.type("/join lobby")
            case 7: if isAsked, answer == nil { answer = server.answer }
            default:
                guard let reply = answer else { continue }
                (answer, isAsked) = (nil, false)
                stage.take(.answer(.entry(reply)))
            }
        }
        changes.append(server.takeChange())
        // What is left arrives in either order.
        let isAnsweredFirst = Bool.random(using: &random)
        if isAnsweredFirst, let answer { stage.take(.answer(.entry(answer))) }
        for change in changes { stage.take(.news(.people(change))) }
        if !isAnsweredFirst, let answer { stage.take(.answer(.entry(answer))) }
        #expect(stage.session.room.people.all == server.here)
    }
}
