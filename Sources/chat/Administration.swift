import ChatEvents
import SocketIO

/// The namespace `/admin`: behind a password, sees rooms and people, announces and removes.
struct Administration: Sendable {
    struct Credentials: Codable, Sendable {
        let password: String
    }

    struct Overview: Codable, Sendable {
        let rooms: [ChatRooms.Summary]
        let people: [Visitors.Summary]
    }

    let io: SocketIOServer
    let rooms: ChatRooms
    let visitors: Visitors
    let password: String

    func install() {
        let admin = io.namespace("/admin")

        admin.use { socket in
            let credentials = try? socket.handshake.auth(as: Credentials.self)  // None or strange: a wrong password.
            guard let credentials, isRight(credentials.password) else {
                // Slows down who tries one password after the other.
                try await Task.sleep(for: .milliseconds(500))
                throw ConnectionRefused("Wrong password.", data: ["reason": "password"])
            }
        }

        admin.onConnection { socket in
            socket.on("overview") {
                Overview(rooms: rooms.summaries, people: visitors.summaries(in: rooms))
            }
            socket.on("announce") { (text: String) -> Receipt in
                guard let text = Limits.text(text) else { return Receipt(error: "Nothing to announce.") }
                io.emit(.announcement, text)
                return .done
            }
            socket.on("kick") { (name: String) -> Receipt in
                let sockets = visitors.sockets(of: name)
                for socket in sockets { socket.disconnect(closingConnection: true) }
                return sockets.isEmpty ? Receipt(error: "\(name) is not here any more.") : .done
            }
        }
    }

    /// Takes the same time wherever the first difference is.
    private func isRight(_ attempt: String) -> Bool {
        let expected = Array(password.utf8)
        let given = Array(attempt.utf8)
        guard given.count == expected.count else { return false }
        return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
