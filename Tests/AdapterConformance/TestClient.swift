package import SocketIOEvents
internal import SocketIOClient
internal import Synchronization

/// A client that writes down what it hears.
package final class TestClient: Sendable {
    package let name: String
    private let manager: ClientManager
    private let socket: ClientSocket
    private let notes = Notes()

    init(_ name: String, port: Int, namespace: String, auth: some Encodable & Sendable) {
        self.name = name
        manager = ClientManager(url: "http://127.0.0.1:\(port)") { configuration in
            configuration.transports = [.webSocket]
            configuration.reconnection.attempts = 0
        }
        socket = manager.socket(namespace, auth: auth)
        // Described as JSON, without what a server adds whose clients come back: `"1795877959455-0"`.
        socket.onAny { [notes] event, arguments in
            var words = [event] + arguments.map(\.description)
            if words.last?.wholeMatch(of: /"\d+-\d+"/) != nil { words.removeLast() }
            notes.heard.withLock { $0.append(words.joined(separator: " ")) }
        }
        socket.onDisconnect { [notes] _ in notes.isGone.withLock { $0 = true } }
    }

    func connect() async throws {
        try await socket.connect()
    }

    func close() async {
        await manager.close()
    }

    package var id: SocketID { socket.id ?? SocketID("none") }
    package var hasLeft: Bool { notes.isGone.withLock { $0 } }

    func disconnect() { socket.disconnect() }

    /// Answers each event `name` with what `reply` returns.
    package func answer<Reply: Encodable & Sendable>(_ name: EventName, _ reply: @escaping @Sendable (Int) -> Reply) {
        socket.on(name) { (argument: Int) in reply(argument) }
    }

    /// Handles an event, without an answer to it.
    func swallow(_ name: EventName) {
        socket.on(name) { (_: Int, _: Ack<Int>) in }
    }

    /// Calls `body` with the bytes of an event.
    func bytes(_ name: EventName, _ body: @escaping @Sendable ([UInt8]) -> Void) {
        socket.on(name) { (bytes: [UInt8]) in body(bytes) }
    }

    /// Whether an event without arguments was heard, and not forgotten since.
    package func hasHeard(_ event: String) -> Bool { notes.heard.withLock { $0.contains(event) } }

    /// What was heard before the event `last`, which is waited for; all of it is forgotten.
    package func heard(before last: String) async throws -> [String] {
        do {
            try await eventually("\(name) hears '\(last)'") { notes.heard.withLock { $0.contains(last) } }
        } catch {
            throw Unmet(description: "\(error); it has heard \(notes.heard.withLock { $0 })")
        }
        return notes.heard.withLock { lines in
            let place = lines.firstIndex(of: last) ?? 0
            defer { lines.removeFirst(place + 1) }
            return Array(lines.prefix(place))
        }
    }
}

/// What happened to a client.
private final class Notes: Sendable {
    let heard = Mutex<[String]>([])
    let isGone = Mutex(false)
}
