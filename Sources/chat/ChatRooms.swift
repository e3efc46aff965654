import ChatEvents
import SocketIO
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The rooms: who is in each, and what was said last. Handlers of every loop come here, so it has a lock.
final class ChatRooms: Sendable {
    /// What `enter` changed, for the caller to tell others.
    struct Entry: Sendable {
        let messages: [Message]
        let people: [String]
        /// The person was in the room with no other socket.
        let isNewcomer: Bool
        /// All names, if the list of rooms has changed.
        let changedRooms: [String]?
    }

    struct Summary: Codable, Sendable {
        let name: String
        let people: Int
        let messages: Int
    }

    fileprivate struct ChatRoom {
        var messages: [Message] = []
        /// The sockets of each person: a name is in a room as long as one of its sockets is.
        var people: [String: Set<SocketID>] = [:]
        var isPermanent = false
    }

    fileprivate struct State {
        var rooms: [String: ChatRoom] = [:]
        /// Oldest first: the order of the list, and of eviction.
        var names: [String] = []
        var roomsOfSocket: [SocketID: Set<String>] = [:]
        // Starts at the time of day in milliseconds, so that ids grow over a restart and pages can merge what they have.
        var lastID = Int(Date().timeIntervalSince1970 * 1000)
    }

    private let state: Mutex<State>

    init(permanent names: [String] = ["lobby", "swift", "random"]) {
        var state = State()
        for name in names {
            state.rooms[name] = ChatRoom(isPermanent: true)
            state.names.append(name)
        }
        self.state = Mutex(state)
    }

    var names: [String] { state.withLock { $0.names } }

    /// Puts the socket into a room, which is made if need be, or says why not.
    func enter(_ room: String, as person: String, with socket: SocketID) throws(ChatError) -> Entry {
        try state.withLock { state throws(ChatError) in
            let alreadyIn = state.roomsOfSocket[socket, default: []]
            guard alreadyIn.contains(room) || alreadyIn.count < Limits.roomsPerSocket else {
                throw ChatError("You are in \(Limits.roomsPerSocket) rooms already.")
            }
            let isNewRoom = state.rooms[room] == nil
            if isNewRoom {
                try state.makeSpace()
                state.names.append(room)
            }
            var entered = state.rooms[room] ?? ChatRoom()
            let isNewcomer = entered.people[person] == nil
            entered.people[person, default: []].insert(socket)
            state.rooms[room] = entered
            state.roomsOfSocket[socket, default: []].insert(room)
            return Entry(
                messages: entered.messages, people: Array(entered.people.keys), isNewcomer: isNewcomer,
                changedRooms: isNewRoom ? state.names : nil)
        }
    }

    /// True if the person has left with the last of their sockets.
    func leave(_ room: String, as person: String, with socket: SocketID) -> Bool {
        state.withLock { $0.leave(room, as: person, with: socket) }
    }

    /// Takes the socket out of all its rooms; returns those which the person has left.
    func leaveAll(as person: String, with socket: SocketID) -> [String] {
        state.withLock { state in
            let rooms = state.roomsOfSocket[socket] ?? []
            return rooms.filter { state.leave($0, as: person, with: socket) }
        }
    }

    func contains(_ socket: SocketID, in room: String) -> Bool {
        state.withLock { $0.roomsOfSocket[socket]?.contains(room) ?? false }
    }

    /// A message to `room`, kept in its history, or nil if the socket is not there.
    func say(_ text: String, in room: String, as person: String, with socket: SocketID) -> Message? {
        state.withLock { state in
            guard state.roomsOfSocket[socket]?.contains(room) == true else { return nil }
            let message = Message(
                id: state.nextID(), room: room, to: nil, from: person, text: text, at: Date())
            state.rooms[room]?.messages.append(message)
            if let count = state.rooms[room]?.messages.count, count > Limits.messagesPerRoom {
                state.rooms[room]?.messages.removeFirst()
            }
            return message
        }
    }

    /// A private message. No history keeps it.
    func whisper(_ text: String, from person: String, to other: String) -> Message {
        state.withLock { state in
            Message(id: state.nextID(), room: nil, to: other, from: person, text: text, at: Date())
        }
    }

    var summaries: [Summary] {
        state.withLock { state in
            state.names.map { name in
                let room = state.rooms[name]
                return Summary(name: name, people: room?.people.count ?? 0, messages: room?.messages.count ?? 0)
            }
        }
    }

    func rooms(of sockets: some Sequence<SocketID>) -> Set<String> {
        state.withLock { state in
            sockets.reduce(into: []) { $0.formUnion(state.roomsOfSocket[$1] ?? []) }
        }
    }
}

extension ChatRooms.State {
    fileprivate mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    fileprivate mutating func leave(_ room: String, as person: String, with socket: SocketID) -> Bool {
        roomsOfSocket[socket]?.remove(room)
        if roomsOfSocket[socket]?.isEmpty == true { roomsOfSocket[socket] = nil }
        guard rooms[room]?.people[person]?.remove(socket) != nil else { return false }
        guard rooms[room]?.people[person]?.isEmpty == true else { return false }
        rooms[room]?.people[person] = nil
        return true
    }

    /// With all places taken, the oldest room that nobody is in makes way, and its history with it.
    fileprivate mutating func makeSpace() throws(ChatError) {
        guard names.count >= Limits.rooms else { return }
        let unused = names.firstIndex { name in
            guard let room = rooms[name] else { return true }
            return room.people.isEmpty && !room.isPermanent
        }
        guard let unused else { throw ChatError("There are \(Limits.rooms) rooms already.") }
        rooms[names.remove(at: unused)] = nil
    }
}

/// Why something was not done, in words for the visitor.
struct ChatError: Error {
    let words: String

    init(_ words: String) {
        self.words = words
    }
}
