import Foundation
import PatternsEvents
import SocketIO

/// One log, and three ways to it. Everybody sees what anybody says, and by its number a message that comes twice is left out.
struct ChatThreeWays: Pattern {
    let log = MessageLog()

    init() {}

    func install(on io: SocketIOServer) {
        installHTTP(on: io)
        installWebSocket(on: io)
        installSocketIO(on: io)
    }

    private func installHTTP(on io: SocketIOServer) {
        io.http.get("/messages") { request in try .json(log.messages(after: request.lastNumber)) }
        io.http.post("/messages") { request in
            try .json(say(try request.json(), over: .http, io), status: 201)
        }
    }

    private func installWebSocket(on io: SocketIOServer) {
        io.http.webSocket("/messages") { socket in
            await withThrowingTaskGroup { group in
                group.addTask {
                    var last = socket.request.lastNumber
                    for await _ in log.news() {
                        for message in log.messages(after: last) {
                            try await socket.send(String(decoding: JSONEncoder().encode(message), as: UTF8.self))
                            last = message.number
                        }
                    }
                }
                for await message in socket {
                    guard let draft = Draft(message) else {
                        socket.close(.policyViolation, reason: "a name and a text are wanted, as JSON")
                        break
                    }
                    _ = say(draft, over: .webSocket, io)
                }
                group.cancelAll()
            }
        }
    }

    private func installSocketIO(on io: SocketIOServer) {
        io.onConnection { socket in
            socket.emit(.history, log.messages())
            socket.on(.say) { draft in say(draft, over: .socketIO, io) }
        }
    }

    private func say(_ draft: Draft, over way: Message.Way, _ io: SocketIOServer) -> Message {
        let message = log.add(draft, over: way)
        // Each node has a log of its own, with numbers of its own.
        io.local.emit(.message, message)
        return message
    }
}

extension HTTPRequest {
    /// The number of the last message that a client has had.
    fileprivate var lastNumber: Int { query["after"].flatMap { Int($0) } ?? 0 }
}

extension Draft {
    fileprivate init?(_ message: WebSocketMessage) {
        guard case .text(let text) = message,
            let draft = try? JSONDecoder().decode(Draft.self, from: Data(text.utf8))
        else { return nil }
        self = draft
    }
}
