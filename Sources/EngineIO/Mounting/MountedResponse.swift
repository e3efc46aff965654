internal import SocketIOWire

/// What a client of another HTTP server is to be answered: see `EngineIOServer.respond(to:body:)`.
public struct MountedResponse: Sendable {
    /// What follows the head.
    public enum Content: Sendable {
        /// The body, empty where there is none, as to `HEAD`.
        case body(MountedBytes)
        /// The status is 101: once the head is sent, the connection carries a WebSocket.
        case upgrade(MountedConnection)
    }

    /// The status code.
    public let status: Int
    /// In order. Where the length of the body is known, `Content-Length` is among them; where it is not, the other server says
    /// in its own way where the body ends. `Connection` and `Upgrade` are there with 101 alone.
    public let headers: [(name: String, value: String)]
    /// What follows the head.
    public let content: Content

    /// An answer without the engine.
    init(_ words: String, status: Int) {
        let body = Array(words.utf8)
        self.status = status
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "\(body.count)")]
        content = .body(MountedBytes(.given(body)))
    }

    init(_ head: HTTPResponseHead, over link: MountedLink) {
        status = head.status
        let isUpgrade = head.status == 101
        headers = head.fields.all.filter { name, _ in
            !name.hasSameLetters(as: "transfer-encoding") && (isUpgrade || !name.hasSameLetters(as: "connection"))
        }
        let bytes = MountedBytes(.arriving(link))
        content = isUpgrade ? .upgrade(MountedConnection(output: bytes, link)) : .body(bytes)
    }
}
