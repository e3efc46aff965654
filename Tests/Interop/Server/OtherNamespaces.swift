import SocketIO

/// `/admin`, which refuses most, `/slow`, which takes its time, and `/chat`, which must not hear what is said in `/`.
struct OtherNamespaces: Sendable {
    struct Credentials: Codable, Sendable {
        let token: String
    }

    struct Refusal: Codable, Sendable {
        let code: Int
        let hint: String
    }

    let io: SocketIOServer

    func install() {
        let admin = io.namespace("/admin")
        admin.use { socket in
            // Asynchronous, so that the answer comes later than the packet.
            await Task.yield()
            let credentials = try? socket.handshake.auth(as: Credentials.self)  // None at all is a wrong token.
            guard credentials?.token == "secret" else {
                throw ConnectionRefused("not allowed", data: Refusal(code: 401, hint: "token"))
            }
        }
        admin.onConnection { socket in
            socket.emit("welcome", "admin")
            socket.on("echo") { (value: JSONValue) in value }
        }

        // Takes its time to decide, and says something before it has.
        let slow = io.namespace("/slow")
        slow.use { socket in
            socket.emit("early", socket.id.description)
            try await Task.sleep(for: .milliseconds(200))
        }
        slow.onConnection { socket in
            socket.on("kick") { socket.disconnect() }
            socket.on("echo") { (value: JSONValue) in value }
        }

        let chat = io.namespace("/chat")
        chat.onConnection { socket in
            socket.on("say") { (text: String) in chat.emit("said", text, "/chat") }
            socket.on("join") { (room: String) -> Bool in
                socket.join(Room(room))
                return true
            }
            socket.on("bye") { socket.disconnect() }
        }
    }
}
