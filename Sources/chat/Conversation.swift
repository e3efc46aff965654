import ChatEvents
import SocketIO

/// The namespace `/`: what the chat page can do.
struct Conversation: Sendable {
    let io: SocketIOServer
    let rooms: ChatRooms
    let visitors: Visitors

    func install() {
        io.use { socket in
            let login = try socket.handshake.auth(as: Login.self)
            guard let name = Limits.name(login.name), let key = Limits.key(login.key) else {
                throw ConnectionRefused("Choose a name of 1 to 24 characters.")
            }
            guard visitors.isFree(name, for: key) else {
                throw ConnectionRefused("Somebody is called \(name) already.", data: ["reason": "name-taken"])
            }
        }
        io.onConnection { socket in welcome(socket) }
    }

    private func welcome(_ socket: Socket) {
        // Two browsers may have passed the guard with one name; only here is it taken.
        guard let login = try? socket.handshake.auth(as: Login.self),  // The guard has decoded it already.
            let name = Limits.name(login.name), let key = Limits.key(login.key),
            visitors.add(socket, as: name, key: key)
        else {
            socket.disconnect(closingConnection: true)
            return
        }
        socket[.name] = name
        socket.join(Self.privateRoom(of: name))
        socket.emit(.rooms, rooms.names)

        socket.on(.join) { room in join(room, socket) }
        socket.on(.leave) { room in leave(room, socket) }
        socket.on(.say) { room, text in say(text, in: room, socket) }
        socket.on(.sayInPrivate) { other, text in whisper(text, to: other, socket) }
        socket.on(.startTyping) { room in
            guard rooms.contains(socket.id, in: room) else { return }
            socket.to(Self.publicRoom(room)).volatile.emit(.typing, room, name)
        }
        socket.onDisconnect { _ in
            visitors.remove(socket, as: name)
            for room in rooms.leaveAll(as: name, with: socket.id) {
                io.to(Self.publicRoom(room)).emit(.left, room, name)
            }
        }
    }

    private func join(_ requested: String, _ socket: Socket) -> JoinReply {
        guard let name = socket[.name], let room = Limits.roomName(requested) else {
            return JoinReply(error: "A room's name has 1 to 40 characters.")
        }
        do {
            // Into the room before the history is read: what is said in between arrives twice, and the page merges.
            socket.join(Self.publicRoom(room))
            let entry = try rooms.enter(room, as: name, with: socket.id)
            if entry.isNewcomer { socket.to(Self.publicRoom(room)).emit(.joined, room, name) }
            if let names = entry.changedRooms { io.emit(.rooms, names) }
            return JoinReply(room: room, messages: entry.messages, people: entry.people)
        } catch {
            socket.leave(Self.publicRoom(room))
            return JoinReply(error: error.words)
        }
    }

    private func leave(_ room: String, _ socket: Socket) {
        guard let name = socket[.name] else { return }
        socket.leave(Self.publicRoom(room))
        if rooms.leave(room, as: name, with: socket.id) {
            io.to(Self.publicRoom(room)).emit(.left, room, name)
        }
    }

    private func say(_ said: String, in room: String, _ socket: Socket) -> Receipt {
        guard let name = socket[.name], let text = Limits.text(said) else {
            return Receipt(error: "A message has 1 to 2000 characters.")
        }
        guard let message = rooms.say(text, in: room, as: name, with: socket.id) else {
            return Receipt(error: "You are not in \(room).")
        }
        io.to(Self.publicRoom(room)).emit(.message, message)
        return .done
    }

    private func whisper(_ said: String, to other: String, _ socket: Socket) -> Receipt {
        guard let name = socket[.name], let text = Limits.text(said) else {
            return Receipt(error: "A message has 1 to 2000 characters.")
        }
        guard visitors.isPresent(other) else { return Receipt(error: "\(other) is not here any more.") }
        let message = rooms.whisper(text, from: name, to: other)
        io.to(Self.privateRoom(of: name), Self.privateRoom(of: other)).emit(.whisper, message)
        return .done
    }

    // The prefixes keep what visitors name apart from what they must not join: other people's private rooms.
    static func publicRoom(_ name: String) -> Room { "room:\(name)" }
    static func privateRoom(of name: String) -> Room { "person:\(name)" }
}
