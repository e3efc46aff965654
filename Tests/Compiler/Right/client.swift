import SocketIOClient

// As in server.swift: lines of a client that must stay right.

struct Message: Codable, Sendable { var text = "" }

extension Event {
    static var message: Event<Message> { Event<Message>("message") }
    static var bare: Event<> { .init("bare") }
}
extension Request {
    static var history: Request<Int, [Message]> { Request<Int, [Message]>("history", replying: [Message].self) }
}

func save(_ text: String) async throws {}

func client(manager: ClientManager, name: String) async throws {
    let socket = manager.socket()
    socket.onConnect { print("connected") }
    socket.onConnectError { error in print(error) }
    socket.onDisconnect { reason in print(reason) }
    socket.onDisconnect { reason, error in print(reason, error as Any) }
    socket.on("a") { (text: String) in print(text) }
    socket.on("a") { (text: String) in text }
    socket.on("a") { (text: String) in try await save(text) }
    socket.on("a") { (a: Int, b: Int) in a + b }
    socket.on("a") { print("x") }
    socket.on("a") { 7 }
    socket.on(name) { (text: String) in print(text) }
    socket.once("a") { (text: String) in print(text) }
    socket.on(.message) { message in print(message.text) }
    socket.on(.bare) { print("x") }
    socket.on(.history) { count in [Message(text: "\(count)")] }
    socket.on("a") { (id: Int, ack: Ack<Int>) in ack(id) }
    socket.on(.history) { count, ack in ack([Message(text: "\(count)")]) }
    try await socket.connect()
    socket.emit("x")
    socket.emit("x", 1, "two", Message())
    socket.emit("x", ["a": 1])
    socket.emit("x", ["a": 1, "b": "two"] as JSONValue)
    socket.emit(.message, Message())
    socket.emit(name, 1)
    socket.volatile.emit("x", 1)
    let a: Int = try await socket.emitWithAck("x", 1)
    let b = try await socket.emitWithAck(.history, 1)
    let c: Int = try await socket.emitWithAck(name, 1)
    print(a, b, c)
    for await text in socket.events(name, String.self) { print(text) }
}
