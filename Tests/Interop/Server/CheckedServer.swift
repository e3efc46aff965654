import SocketIO

/// What `interop-client` checks, as `socketio_server.py` has it too.
struct CheckedServer: Sendable {
    struct Credentials: Codable, Sendable {
        let token: String
        let name: String?
    }

    struct Refusal: Codable, Sendable {
        let code: Int
    }

    let io: SocketIOServer

    func install() {
        io.use { socket in
            guard let credentials = try? socket.handshake.auth(as: Credentials.self), credentials.token == "good" else {
                throw ConnectionRefused("a token is required")  // None at all is a wrong token.
            }
        }
        io.onConnection { socket in
            let name = try? socket.handshake.auth(as: Credentials.self).name  // The middleware has read it.
            let collected = Collected()
            socket.on("who") { () in name ?? "" }
            socket.on("echo") { (value: JSONValue) in value }
            socket.on("collect") { (number: Int) in collected.append(number) }
            socket.on("collected") { () in collected.all }
            socket.on("tell") { () in socket.emit("told", ["list": [1, 2, 3]], [9, 8, 7] as [UInt8]) }
            socket.on("ask") { (event: String, value: JSONValue) async throws -> Void in
                guard let name = EventName(event) else { return }
                socket.emit("answered", try await socket.emitWithAck(name, value) as JSONValue)
            }
        }
        io.namespace("/chat").onConnection { socket in
            socket.on("where") { () in "/chat" }
            socket.on("kick") { () in socket.disconnect() }
        }
        io.namespace("/refused").use { _ in throw ConnectionRefused("no entry", data: Refusal(code: 7)) }
        for name in ["/a", "/b", "/slow"] { installStates(io.namespace(name)) }
        io.namespace("/slow").use { _ in try await Task.sleep(for: .milliseconds(300)) }
        io.namespace("/never").use { _ in try await Task.sleep(for: .seconds(3600)) }
    }

    /// For `StateChecks`.
    private func installStates(_ namespace: Namespace) {
        namespace.onConnection { socket in
            let collected = Collected()
            socket.on("id") { () in socket.id.description }
            socket.on("collect") { (number: Int) in collected.append(number) }
            socket.on("collected") { () in collected.all }
            socket.on("kick") { () in socket.disconnect() }
        }
    }
}
