import SocketIO
import Synchronization

struct TokenAtTheDoor: Pattern {
    var tokens = Tokens()

    func install(on io: SocketIOServer) {
        // Stands for a log-in with a password.
        io.http.post("/tokens") { _ in .text(tokens.draw(), status: 201) }

        let members = io.namespace("/members")
        members.use { socket in
            let pass = try? socket.handshake.auth(as: Pass.self)
            guard let pass, tokens.take(pass.token) else { throw ConnectionRefused("A token is wanted.") }
        }
        members.onConnection { socket in socket.emit("welcome", "among members") }
    }
}

struct Pass: Codable, Sendable {
    let token: String
}

/// Tokens that were given out and not used yet: each is good for one connection.
final class Tokens: Sendable {
    /// Over it the oldest are of no use any more.
    static let limit = 1000

    private let tokens = Mutex<[String]>([])

    func draw() -> String {
        var system = SystemRandomNumberGenerator()
        let token = String(system.next() as UInt64, radix: 36) + String(system.next() as UInt64, radix: 36)
        tokens.withLock { tokens in
            if tokens.count == Self.limit { tokens.removeFirst() }
            tokens.append(token)
        }
        return token
    }

    func take(_ token: String) -> Bool {
        tokens.withLock { tokens in
            guard let index = tokens.firstIndex(of: token) else { return false }
            tokens.remove(at: index)
            return true
        }
    }
}
