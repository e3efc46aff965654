import PatternsEvents
import SocketIOClient

/// Is told what is new.
///
/// Over Socket.IO, which comes back after a lost connection; a plain WebSocket Foundation does not have on every system.
struct Streaming: Way {
    private let socket: ClientSocket

    init(url: String) {
        socket = ClientManager(url: url).socket()
    }

    func read(_ show: @Sendable (Message) -> Void) async throws {
        let (news, continuation) = AsyncStream<[Message]>.makeStream(bufferingPolicy: .bufferingNewest(1000))
        socket.on(.history) { messages in continuation.yield(messages) }
        socket.on(.message) { message in continuation.yield([message]) }
        try await socket.connect()
        // Several loops of the server send, so that a greater number may come first.
        var seen: Set<Int> = []
        for await messages in news {
            for message in messages where seen.insert(message.number).inserted { show(message) }
            if seen.count > 1000, let last = seen.max() { seen = seen.filter { $0 > last - 500 } }
        }
    }

    func say(_ draft: Draft) async throws {
        _ = try await socket.emitWithAck(.say, draft)
    }
}
