import ChatEvents
import SocketIO

/// The namespace `/`: what people can do.
struct Conversation: Sendable {
    let io: SocketIOServer
    let chat: Chat

    func install() {
        io.use { socket in
            do throws(Refusal) {
                guard let login = try? socket.handshake.auth(as: Login.self) else {
                    throw Refusal("`auth` has to have a name and a key.")
                }
                let name = try Name(login.name, of: .person)
                try chat.request { state throws(Refusal) in try state.check(name, key: login.key) }
            } catch {
                throw ConnectionRefused(error)
            }
        }
        io.onConnection { socket in
            do throws(Refusal) {
                try welcome(socket)
            } catch {
                socket.emit(.removed, error.words)
                socket.disconnect(closingConnection: true)
            }
        }
    }

    /// Two browsers may have passed the check with one name: only here is it taken.
    private func welcome(_ socket: Socket) throws(Refusal) {
        guard let login = try? socket.handshake.auth(as: Login.self) else { throw .gone }  // The check has decoded it.
        let name = try Name(login.name, of: .person)
        let welcome = try chat.request { state throws(Refusal) in
            try state.welcome(socket.id, as: name, key: login.key, from: socket.handshake.address)
        }
        socket.join(.person(name))
        socket.emit(.welcome, welcome)

        socket.on(.join) { room, since in join(room, since, socket) }
        socket.on(.leave) { room in leave(room, socket) }
        socket.on(.say) { room, text in say(text, in: room, socket) }
        socket.on(.sayInPrivate) { other, text in whisper(text, to: other, socket) }
        socket.on(.startTyping) { room in startTyping(in: room, socket, welcome.name) }
        socket.onDisconnect { _ in chat.change { $0.dismiss(socket.id) } }
    }

    private func join(_ room: String, _ since: Int, _ socket: Socket) -> JoinReply {
        do throws(Refusal) {
            try pay(for: .join, socket)
            let room = try Name(room, of: .room)
            let reply = try chat.request { state throws(Refusal) in
                try state.enter(room, since: since, with: socket.id, at: .now)
            }
            // No message is between the two: those that others send from now on are posted to this loop, and wait until
            // this handler has ended.
            socket.join(.all(in: room))
            return reply
        } catch {
            return JoinReply(error)
        }
    }

    private func leave(_ room: String, _ socket: Socket) {
        // Nobody is in a room that cannot be, and nobody leaves more often than they join.
        guard (try? pay(for: .leave, socket)) != nil, let room = try? Name(room, of: .room) else { return }
        socket.leave(.all(in: room))
        chat.change { $0.leave(room, with: socket.id) }
    }

    private func say(_ text: String, in room: String, _ socket: Socket) -> Receipt {
        receipt { () throws(Refusal) in
            try pay(for: .message(bytes: text.utf8.count), socket)
            let room = try Name(room, of: .room)
            let text = try Text.checked(text)
            let message = try chat.request { state throws(Refusal) in
                try state.say(text, in: room, with: socket.id, at: .now)
            }
            io.to(.all(in: room)).emit(.message, message)
        }
    }

    private func whisper(_ text: String, to other: String, _ socket: Socket) -> Receipt {
        receipt { () throws(Refusal) in
            try pay(for: .message(bytes: text.utf8.count), socket)
            let other = try Name(other, of: .person)
            let text = try Text.checked(text)
            let (message, me) = try chat.request { state throws(Refusal) in
                try state.whisper(text, to: other, with: socket.id, at: .now)
            }
            io.to(.person(me), .person(other)).emit(.whisper, message)
        }
    }

    private func startTyping(in room: String, _ socket: Socket, _ name: String) {
        guard (try? pay(for: .typing, socket)) != nil, let room = try? Name(room, of: .room),  // As in `leave`.
            let shown = chat.change({ $0.typing(in: room, with: socket.id) })
        else { return }
        // Volatile: news that is worthless when late is dropped instead of kept.
        socket.to(.all(in: room)).volatile.emit(.typing, shown, name)
    }

    /// First of all: reading a name or a text is work, too.
    private func pay(for deed: ChatState.Deed, _ socket: Socket) throws(Refusal) {
        try chat.request { state throws(Refusal) in try state.pay(for: deed, with: socket.id, at: .now) }
    }

    private func receipt(_ request: () throws(Refusal) -> Void) -> Receipt {
        do throws(Refusal) {
            try request()
            return .done
        } catch {
            return Receipt(error)
        }
    }
}
