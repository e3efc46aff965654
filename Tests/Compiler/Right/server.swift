import SocketIO

// Lines that must stay right, whatever stands beside them to explain wrong ones.

struct Message: Codable, Sendable { var text = "" }
struct User: Sendable { var name = "" }

extension Event {
    static var message: Event<Message> { Event<Message>("message") }
    static var moved: Event<Int, Int> { Event<Int, Int>("moved") }
    static var bare: Event<> { .init("bare") }
}
extension Request {
    static var history: Request<Int, [Message]> { Request<Int, [Message]>("history", replying: [Message].self) }
}
extension SocketKey {
    static var user: SocketKey<User> { .init("user") }
}

func save(_ text: String) async throws {}
@discardableResult func note(_ text: String) -> Int { 1 }
@Sendable func welcome(_ socket: Socket) {}

func server(io: SocketIOServer, name: String) {
    io.use { socket in print(socket.id) }
    io.use { socket in try await save(socket.id.description) }
    io.onConnection { socket in socket.join("lobby") }
    io.onConnection(welcome)
    io.on("ping") { (socket: Socket) in socket.emit("pong") }
    io.on("ping") { (socket: Socket) in
        socket.emit("pong")
        print("pong")
    }
    io.on("ping") { (_: Socket) in 7 }
    io.on("ping") { (_: Socket) in try await save("x") }
    io.on("say") { (socket: Socket, text: String) in socket.emit("said", text) }
    io.on("say") { (socket, text: String) in socket.emit("said", text) }
    io.on("say") { (socket: Socket, text: String) in try await save(text) }
    io.on("add") { (_: Socket, a: Int, b: Int) in a + b }
    io.on("order") { (_: Socket, id: Int, ack: Ack<Message>) in ack(Message(text: "\(id)")) }
    io.on("order") { (socket: Socket, id: Int, ack: Ack<Message, Int>) in
        try await save("x")
        ack(Message(), id)
    }
    io.on(.history) { _, count, ack in ack([Message(text: "\(count)")]) }
    io.on(.message) { socket, message in socket.emit(.message, message) }
    io.on(.bare) { socket in socket.emit("x") }
    io.on(.history) { _, count in Array(repeating: Message(), count: count) }
    io.on(name) { (socket: Socket, text: String) in socket.emit("said", text) }
    io.emit("x", ["a": 1])
    io.emit(name, ["a": 1])
    io.to("a").to(name).except("b", "c").emit("x", 1, "two", Message())
    io.to("user:\(name)").emit(name)
    io.to([name]).emit("x")
    io.socketsJoin(name)
    io.serverSideEmit("x", 1, Message())
    io.serverSideEmit(name)
    io.onServerSideEmit("x") { (count: Int, message: Message) in print(count, message) }
    io.onServerSideEmit("x") { (count: Int) in count + 1 }
    io.onServerSideEmit("x") { (count: Int) in try await save("\(count)") }
    io.onServerSideEmit("x") { print("x") }
    io.onServerSideEmit(.message) { message in print(message) }
    io.onServerSideEmit(.history) { count in Array(repeating: Message(), count: count) }
    io.onConnection { socket in
        socket.data.user = "ada"
        socket.data.user = name
        socket.data["user"] = 7
        socket.data.message = Message()
        socket.data.user = nil
        let user: String? = socket.data.user
        print(socket.data.user ?? "nobody", user ?? "nobody", try socket.data(as: Message.self))
        socket.on("a") { (text: String) in print(text) }
        socket.on("a") { (text: String) in text }
        socket.on("a") { (text: String) in try await save(text) }
        socket.on("a") { (text: String) in
            try await save(text)
            return 1
        }
        socket.on("a") { print("x") }
        socket.on("a") {}
        socket.on("a") { 7 }
        socket.on("a") { (a: Int, b: Int) in a + b }
        socket.on("a") { (_: Int, _: Int) in note("x") }
        socket.on("a") { (arguments: EventArguments) in print(arguments.count) }
        socket.on("a") { (value: JSONValue) in print(value) }
        socket.on("a") { (a: Int) -> Int? in a > 1 ? a : nil }
        socket.on("a") { (a: Int) -> JSONValue in
            if a > 1 { return 1 }
            return "x"
        }
        socket.once("a") { (text: String) in print(text) }
        socket.on(.message) { message in print(message.text) }
        socket.on(.bare) { print("x") }
        socket.on(.moved) { x, y in print(x, y) }
        socket.on(.history) { count in [Message(text: "\(count)")] }
        socket.on(.history) { count in
            try await save("x")
            return [Message(text: "\(count)")]
        }
        socket.on("a") { (id: Int, ack: Ack<Message>) in ack(Message(text: "\(id)")) }
        socket.on("a") { (id: Int, ack: Ack<Message, Int>) in ack(Message(), id) }
        socket.on("a") { (ack: Ack<>) in ack() }
        socket.on("a") { (id: Int, ack: Ack<Message>) in
            print(id)
            ack(Message())
        }
        socket.on("a") { (id: Int, ack: Ack<Message>) in
            try await save("x")
            ack(Message(text: "\(id)"))
        }
        socket.on(name) { (id: Int, ack: Ack<Int>) in ack(id) }
        socket.on(.history) { count, ack in ack([Message(text: "\(count)")]) }
        socket.on(.history) { count, ack in
            try await save("x")
            ack([Message(text: "\(count)")])
        }
        socket.on(name) { (text: String) in print(text) }
        socket.on(name) { print("x") }
        socket.on(name) { (text: String) in text }
        socket.on("room:\(name)") { (text: String) in print(text) }
        socket.emit("x")
        socket.emit("x", 1)
        socket.emit("x", 1, "a", Message())
        socket.emit("x", ["a": 1, "b": 2])
        socket.emit("x", ["a": 1, "b": 2.5])
        socket.emit("x", ["a": 1, "b": "two"] as JSONValue)
        socket.emit("x", ["a", 1, nil] as JSONValue)
        socket.emit("x", ["a", "b"])
        socket.emit("x", [Message()], ["c": ["d": 1]])
        socket.emit("x", [] as [Int])
        socket.emit("x", Optional<Int>.none)
        socket.emit(.message, Message())
        socket.emit(.moved, 3, 4)
        socket.emit(name, 1)
        socket.emit(name)
        socket.volatile.emit("x", ["a": 1])
        socket.compress(false).volatile.emit("x", ["a": 1])
        socket.join(name)
        socket.join("a", name)
        socket.leave(name)
        socket.to(name).emit("x")
        print(socket.rooms.contains(name), socket.rooms.contains("a"))
        socket[.user] = User(name: name)
        print(socket[.user]?.name ?? "")
        socket.disconnect(closingConnection: true)
    }
}

func replies(socket: Socket, io: SocketIOServer, name: String) async throws {
    let a: Int = try await socket.emitWithAck("x", 1)
    let b = try await socket.emitWithAck("x", 1) as Int
    let c = try await socket.emitWithAck(.history, 1)
    let d: String? = try? await socket.emitWithAck("x", timeout: .seconds(2))
    let e: Int = try await socket.emitWithAck(name, 1)
    let f = await io.emitWithAck(name, replying: Int.self)
    print(a, b, c, d ?? "", e, f)
}
