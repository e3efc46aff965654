import ChatEvents
import SocketIO
import Synchronization

/// The namespace `/admin`: behind a password, sees rooms and people, announces and removes.
struct Administration: Sendable {
    struct Credentials: Codable, Sendable {
        let password: String
    }

    struct Overview: Codable, Sendable {
        struct Room: Codable, Sendable {
            let name: String
            let people: Int
            let messages: Int
        }

        struct Person: Codable, Sendable {
            let name: String
            let sockets: Int
            let rooms: [String]
        }

        let rooms: [Room]
        let people: [Person]
    }

    private let io: SocketIOServer
    private let chat: Chat
    private let password: String
    private let attempts = Attempts()

    init(io: SocketIOServer, chat: Chat, password: String) {
        self.io = io
        self.chat = chat
        self.password = password
    }

    func install() {
        let admin = io.namespace("/admin")

        admin.use { socket in
            if let wait = attempts.take(from: Network(of: socket.handshake.address), at: .now) {
                throw ConnectionRefused(.tooSoon(wait, "Too many attempts"))
            }
            let credentials = try? socket.handshake.auth(as: Credentials.self)  // None or strange: a wrong password.
            guard let credentials, password.isSameSecret(as: credentials.password) else {
                throw ConnectionRefused(Refusal("Wrong password.", .password))
            }
        }

        admin.onConnection { socket in
            socket.on("overview") { chat.change { Overview($0) } }
            socket.on("announce") { (text: String) in announce(text) }
            socket.on("kick") { (name: String) in remove(name) }
        }
    }

    private func announce(_ text: String) -> Receipt {
        do throws(Refusal) {
            let text = try Text.checked(text)
            io.emit(.announcement, chat.change { $0.announce(text, at: .now) })
            return .done
        } catch {
            return Receipt(error)
        }
    }

    private func remove(_ name: String) -> Receipt {
        guard let name = try? Name(name, of: .person),  // Nobody has a name that cannot be.
            chat.change({ $0.people[name] }) != nil
        else { return Receipt(error: "\(name) is not here any more.") }
        io.to(.person(name)).emit(.removed, "The administrator has removed you.")
        io.to(.person(name)).disconnectSockets(closingConnection: true)
        return .done
    }
}

extension Administration.Overview {
    init(_ state: ChatState) {
        rooms = state.roomOrder.compactMap { state.rooms[$0] }.map {
            Room(name: $0.name.shown, people: $0.people.count, messages: $0.messages.count)
        }
        people = state.people.values.map {
            Person(name: $0.name.shown, sockets: $0.sockets.count, rooms: $0.rooms.keys.map(\.shown).sorted())
        }
        .sorted { $0.name < $1.name }
    }
}

/// Limits guesses at the password: for one network, and for all together.
///
/// For the whole server, since whoever guesses opens as many connections as they like. While strangers guess from many
/// networks an administrator waits with them; those who are in stay in.
final class Attempts: Sendable {
    enum Everybody: Hashable, Sendable {
        case everybody
    }

    struct State {
        var ofNetwork = Limiter<Network>(Limits.attemptsOfNetwork)
        var ofAll = Limiter<Everybody>(Limits.attemptsOfAll)
    }

    private let state = Mutex(State())

    /// Counts an attempt, right or wrong; returns how long to wait if there were too many.
    func take(from network: Network, at now: ContinuousClock.Instant) -> Duration? {
        state.withLock { state in
            // The network first, so that one that has no more attempts takes none from all.
            state.ofNetwork.take(of: network, at: now) ?? state.ofAll.take(of: .everybody, at: now)
        }
    }
}
