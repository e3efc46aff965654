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
        let network: Network
        fileprivate(set) var rooms: Set<Name> = []
    }

    private(set) var people: [Name: Person] = [:]
    private(set) var rooms: [Name: ChatRoom] = [:]
    /// Oldest first: the order of the list, and of eviction.
    private(set) var roomOrder: [Name] = []
    private var guests: [SocketID: Guest] = [:]
    private var news = News()
    private var lastNumber: Int

    private var messages: GuestLimiter
    private var joins = GuestLimiter(Limits.joins)
    private var leaves = GuestLimiter(Limits.leaves)
    private var typing = GuestLimiter(Limits.typing)
    private var newRooms = GuestLimiter(Limits.newRoomsOfPerson, network: Limits.newRoomsOfNetwork)

    /// - Parameters:
    ///   - firstNumber: Greater than all numbers of an earlier run, so that pages can merge what they have.
    ///   - messageRate: How many messages a second one person may send; twice as many at once.
    init(rooms names: [Name], firstNumber: Int, messageRate: Int) {
        lastNumber = firstNumber
        messages = GuestLimiter(Allowance(atOnce: 2 * messageRate, every: .seconds(1) / messageRate))
        for name in names {
            rooms[name] = ChatRoom(name, madeBy: nil)
            roomOrder.append(name)
        }
    }

    private mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    // MARK: What may be done how often

    /// What somebody may do only so often.
    enum Deed {
        case join
        case leave
        case typing
        case message(bytes: Int)
    }

    /// Takes it from what the person, and all of their network, may do. Before all else, so that what comes too often is not
    /// even read.
    mutating func pay(
        for deed: Deed, with socket: SocketID, at now: ContinuousClock.Instant
    ) throws(Refusal) {
        guard let guest = guests[socket] else { throw .gone }
        switch deed {
        case .join:
            if let wait = joins.take(of: guest, at: now) { throw .tooSoon(wait, "You change rooms too often") }
        case .leave:
            if let wait = leaves.take(of: guest, at: now) { throw .tooSoon(wait, "You change rooms too often") }
        case .typing:
            if let wait = typing.take(of: guest, at: now) { throw .tooSoon(wait, "You type too often") }
        case .message(let bytes):
            // One that is too long is refused unread.
            let units = bytes > Limits.textBytes ? 1 : 1 + bytes / Limits.bytesPerMessage
            if let wait = messages.take(units, of: guest, at: now) { throw .tooSoon(wait, "You write too fast") }
        }
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
        guests[socket] = Guest(person: person.name, network: Network(of: address))
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
        guard person.rooms[name] != nil || person.rooms.count < Limits.roomsPerPerson else {
            throw Refusal("You are in \(Limits.roomsPerPerson) rooms already.")
        }
        if rooms[name] == nil { try make(name, for: guest, at: now) }
        // Its own spelling, and not yet the room: held, it would be copied to be changed.
        guard let name = rooms[name]?.name else { throw .gone }
        let isNew = guests[socket]?.rooms.insert(name).inserted == true
        if isNew { people[guest.person]?.rooms[name, default: 0] += 1 }
        let hasCome = isNew && rooms[name]?.people.insert(person.name).inserted == true
        guard let room = rooms[name] else { throw .gone }
        if hasCome { news.came(person.name, to: room) }
        return JoinReply(
            room: name.shown, number: lastNumber, messages: isNew ? room.messages(since: since) : [],
            missesSome: isNew && room.misses(since: since), people: room.people.map(\.shown).sorted())
    }

    mutating func leave(_ name: Name, with socket: SocketID) {
        // What is taken out has the room's own spelling.
        guard let guest = guests[socket], let name = guests[socket]?.rooms.remove(name),
            let sockets = people[guest.person]?.rooms[name]
        else { return }
        people[guest.person]?.rooms[name] = sockets > 1 ? sockets - 1 : nil
        guard sockets == 1, rooms[name]?.people.remove(guest.person) != nil, let room = rooms[name] else { return }
        news.went(guest.person, from: room)
    }

    /// The room's own spelling, if the socket is in it.
    private func spelling(of room: Name, with socket: SocketID) -> Name? {
        guests[socket]?.rooms.contains(room) == true ? rooms[room]?.name : nil
    }

    private mutating func make(
        _ name: Name, for guest: Guest, at now: ContinuousClock.Instant
    ) throws(Refusal) {
        // The oldest room that nobody is in makes way, and its history with it: one of the same network's, if that has as
        // many as it may have.
        let ofNetwork = roomOrder.filter { rooms[$0]?.maker == guest.network }
        let hasTooMany = ofNetwork.count >= Limits.roomsPerNetwork
        var old: Name?
        if hasTooMany || roomOrder.count >= Limits.rooms {
            old = (hasTooMany ? ofNetwork : roomOrder).first { rooms[$0]?.isUnused == true }
            guard old != nil else {
                throw Refusal(
                    hasTooMany
                        ? "People of your network have made \(Limits.roomsPerNetwork) rooms already."
                        : "There are \(Limits.rooms) rooms already.")
            }
        }
        if let wait = newRooms.take(of: guest, at: now) { throw .tooSoon(wait, "You make rooms too often") }
        if let old {
            roomOrder.removeAll { $0 == old }
            rooms[old] = nil
            news.ended(old)
        }
        rooms[name] = ChatRoom(name, madeBy: guest.network)
        roomOrder.append(name)
        news.rooms.add(name.shown)
    }

    // MARK: What is said

    /// A message to a room, which keeps it.
    mutating func say(_ text: String, in room: Name, with socket: SocketID, at moment: Moment) throws(Refusal)
        -> Message
    {
        guard let guest = guests[socket] else { throw .gone }
        guard let name = spelling(of: room, with: socket) else { throw Refusal("You are not in \(room.shown).") }
        let message = Message(
            number: nextNumber(), room: name.shown, to: nil, from: guest.person.shown, text: text, at: moment.date)
        rooms[name]?.keep(message)
        return message
    }

    /// A private message, which nobody keeps.
    mutating func whisper(
        _ text: String, to name: Name, with socket: SocketID, at moment: Moment
    ) throws(Refusal) -> (message: Message, sender: Name) {
        guard let guest = guests[socket] else { throw .gone }
        guard let other = people[name]?.name else { throw Refusal("\(name.shown) is not here any more.") }
        let message = Message(
            number: nextNumber(), room: nil, to: other.shown, from: guest.person.shown, text: text, at: moment.date)
        return (message, guest.person)
    }

    /// The spelling of the room that somebody types in; nil if they are not in it.
    func typing(in room: Name, with socket: SocketID) -> String? {
        spelling(of: room, with: socket)?.shown
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
