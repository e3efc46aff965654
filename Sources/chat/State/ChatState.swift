import ChatEvents
import SocketIO

/// Who is here, which rooms there are, and what was said in them: decides everything, and sends nothing.
///
/// A value without a lock, a clock or a socket, so that tests need none either.
struct ChatState: Sendable {
    /// Somebody, with all of their sockets.
    struct Person: Sendable {
        let name: Name
        let secret: String
        fileprivate(set) var sockets: Set<SocketID> = []
        /// How many of the sockets are in each: a person is in a room as long as one of them is.
        fileprivate(set) var rooms: [Name: Int] = [:]
    }

    struct Guest: Sendable {
        let person: Name
        let address: String
        fileprivate(set) var rooms: Set<Name> = []
    }

    private(set) var people: [Name: Person] = [:]
    private(set) var rooms: [Name: ChatRoom] = [:]
    /// Oldest first: the order of the list, and of eviction.
    private(set) var roomOrder: [Name] = []
    private var guests: [SocketID: Guest] = [:]
    private var news = News()
    private var lastNumber: Int

    private var messages: Limiter<Name>
    private var joins = Limiter<Name>(Limits.joins)
    private var typing = Limiter<Name>(Limits.typing)
    private var roomsOfPerson = Limiter<Name>(Limits.newRoomsOfPerson)
    private var roomsOfAddress = Limiter<String>(Limits.newRoomsOfAddress)

    /// - Parameters:
    ///   - firstNumber: Greater than all numbers of an earlier run, so that pages can merge what they have.
    ///   - messageRate: How many messages a second one person may send; twice as many at once.
    init(rooms names: [Name], firstNumber: Int, messageRate: Int) {
        lastNumber = firstNumber
        messages = Limiter(Allowance(atOnce: 2 * messageRate, every: .seconds(1) / messageRate))
        for name in names {
            rooms[name] = ChatRoom(name, isPermanent: true)
            roomOrder.append(name)
        }
    }

    private mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    // MARK: People

    /// Whether somebody with this key may have the name.
    func check(_ name: Name, key: String) throws(Refusal) {
        guard (1...Limits.keyBytes).contains(key.utf8.count) else {
            throw Refusal("The key of a login has 1 to \(Limits.keyBytes) bytes.")
        }
        guard let person = people[name] else { return }
        guard person.secret.isSameSecret(as: key) else {
            let alike = name.shown == person.name.shown ? "" : ", which looks like \(name.shown)"
            throw Refusal("Somebody is called \(person.name.shown) already\(alike).", .nameTaken)
        }
        guard person.sockets.count < Limits.socketsPerPerson else {
            throw Refusal("You are here \(Limits.socketsPerPerson) times already: close a tab.")
        }
    }

    /// Takes the name for a socket: from its first socket to its last it belongs to one key.
    mutating func welcome(
        _ socket: SocketID, as name: Name, key: String, from address: String
    ) throws(Refusal) -> Welcome {
        try check(name, key: key)
        var person = people[name] ?? Person(name: name, secret: key)
        person.sockets.insert(socket)
        people[name] = person
        guests[socket] = Guest(person: person.name, address: address)
        return Welcome(name: person.name.shown, rooms: roomOrder.map(\.shown), number: lastNumber)
    }

    /// The socket is gone, and with its last one the person.
    mutating func dismiss(_ socket: SocketID) {
        guard let guest = guests[socket] else { return }
        for room in guest.rooms { leave(room, with: socket) }
        guests[socket] = nil
        people[guest.person]?.sockets.remove(socket)
        if people[guest.person]?.sockets.isEmpty == true { people[guest.person] = nil }
    }

    // MARK: Rooms

    /// Puts the socket into a room, which is made if need be.
    ///
    /// - Parameter since: The number of what the client has of the room last.
    mutating func enter(
        _ name: Name, since: Int, with socket: SocketID, at now: ContinuousClock.Instant
    ) throws(Refusal) -> JoinReply {
        guard let guest = guests[socket], let person = people[guest.person] else { throw .gone }
        if let wait = joins.take(of: person.name, at: now) { throw .tooSoon(wait, "You change rooms too often") }
        guard person.rooms[name] != nil || person.rooms.count < Limits.roomsPerPerson else {
            throw Refusal("You are in \(Limits.roomsPerPerson) rooms already.")
        }
        if rooms[name] == nil { try make(name, for: guest, at: now) }
        guard let room = rooms[name] else { throw .gone }
        let isNew = guests[socket]?.rooms.insert(room.name).inserted == true
        if isNew {
            people[guest.person]?.rooms[room.name, default: 0] += 1
            if rooms[name]?.people.insert(person.name).inserted == true { news.came(person.name, to: room.name) }
        }
        return JoinReply(
            room: room.name.shown, number: lastNumber, messages: isNew ? room.messages(since: since) : [],
            missesSome: isNew && room.misses(since: since), people: rooms[name]?.people.map(\.shown).sorted() ?? [])
    }

    mutating func leave(_ room: Name, with socket: SocketID) {
        guard let guest = guests[socket], guests[socket]?.rooms.remove(room) != nil,
            let sockets = people[guest.person]?.rooms[room]
        else { return }
        people[guest.person]?.rooms[room] = sockets > 1 ? sockets - 1 : nil
        if sockets == 1, rooms[room]?.people.remove(guest.person) != nil { news.went(guest.person, from: room) }
    }

    /// The room, if the socket is in it.
    private func room(_ name: Name, of socket: SocketID) -> ChatRoom? {
        guests[socket]?.rooms.contains(name) == true ? rooms[name] : nil
    }

    private mutating func make(
        _ name: Name, for guest: Guest, at now: ContinuousClock.Instant
    ) throws(Refusal) {
        // The oldest room that nobody is in makes way, and its history with it.
        let unused = roomOrder.firstIndex { rooms[$0].map { $0.people.isEmpty && !$0.isPermanent } ?? true }
        guard roomOrder.count < Limits.rooms || unused != nil else {
            throw Refusal("There are \(Limits.rooms) rooms already.")
        }
        if let wait = roomsOfPerson.take(of: guest.person, at: now) ?? roomsOfAddress.take(of: guest.address, at: now) {
            throw .tooSoon(wait, "You make rooms too often")
        }
        if roomOrder.count >= Limits.rooms, let unused {
            let old = roomOrder.remove(at: unused)
            rooms[old] = nil
            news.rooms.remove(old.shown)
        }
        rooms[name] = ChatRoom(name)
        roomOrder.append(name)
        news.rooms.add(name.shown)
    }

    // MARK: What is said

    /// A message to a room, which keeps it.
    mutating func say(_ text: String, in room: Name, with socket: SocketID, at moment: Moment) throws(Refusal)
        -> Message
    {
        guard let guest = guests[socket] else { throw .gone }
        guard let room = self.room(room, of: socket) else { throw Refusal("You are not in \(room.shown).") }
        try pay(for: text, by: guest.person, at: moment)
        let message = Message(
            number: nextNumber(), room: room.name.shown, to: nil, from: guest.person.shown, text: text, at: moment.date)
        rooms[room.name]?.keep(message)
        return message
    }

    /// A private message, which nobody keeps.
    mutating func whisper(
        _ text: String, to name: Name, with socket: SocketID, at moment: Moment
    ) throws(Refusal) -> (message: Message, sender: Name) {
        guard let guest = guests[socket] else { throw .gone }
        guard let other = people[name]?.name else { throw Refusal("\(name.shown) is not here any more.") }
        try pay(for: text, by: guest.person, at: moment)
        let message = Message(
            number: nextNumber(), room: nil, to: other.shown, from: guest.person.shown, text: text, at: moment.date)
        return (message, guest.person)
    }

    private mutating func pay(for text: String, by person: Name, at moment: Moment) throws(Refusal) {
        let units = 1 + text.utf8.count / Limits.bytesPerMessage
        if let wait = messages.take(units, of: person, at: moment.clock) { throw .tooSoon(wait, "You write too fast") }
    }

    /// The spelling of the room that somebody types in; nil if others are not to know.
    mutating func startTyping(in room: Name, with socket: SocketID, at now: ContinuousClock.Instant) -> String? {
        guard let guest = guests[socket], let room = self.room(room, of: socket) else { return nil }
        return typing.take(of: guest.person, at: now) == nil ? room.name.shown : nil
    }

    mutating func announce(_ text: String, at moment: Moment) -> Announcement {
        Announcement(number: nextNumber(), text: text, at: moment.date)
    }

    // MARK: What others have to know

    var hasNews: Bool { !news.isEmpty }

    /// What has changed since it was last taken.
    mutating func takeNews() -> (rooms: RoomsChange?, people: [(room: Name, change: PeopleChange)]) {
        defer { news = News() }
        let rooms = news.rooms
        let roomsChange =
            rooms.isEmpty
            ? nil : RoomsChange(number: nextNumber(), added: rooms.added.sorted(), removed: rooms.removed.sorted())
        let people = news.people.map { room, difference in
            let change = PeopleChange(
                number: nextNumber(), room: room.shown, came: difference.added.sorted(),
                went: difference.removed.sorted())
            return (room, change)
        }
        return (roomsChange, people)
    }
}
