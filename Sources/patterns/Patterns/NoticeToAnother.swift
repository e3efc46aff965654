import SocketIO

struct NoticeToAnother: Pattern {
    func install(on io: SocketIOServer) {
        let people = io.namespace("/people")
        people.use { socket in
            let person = try? socket.handshake.auth(as: Person.self)
            guard let person, !person.name.isEmpty else { throw ConnectionRefused("Who are you?") }
            socket[.person] = person
        }
        people.onConnection { socket in
            guard let me = socket[.person]?.name else { return }
            socket.join("person:\(me)")  // all tabs of one person
            socket.on("notify") { (other: String, text: String) in
                people.to("person:\(other)").emit("notice", me, text)
            }
        }
    }
}

struct Person: Codable, Sendable {
    let name: String
}

extension SocketKey {
    static var person: SocketKey<Person> { .init("person") }
}
