import SocketIO

/// Bytes at several depths: one attachment each on the wire.
struct Parcel: Codable, Sendable {
    struct Inner: Codable, Sendable {
        var deep: [UInt8]
    }

    var name: String
    var parts: [[UInt8]]
    var more: Inner
}

/// The namespace `/`.
struct RootNamespace: Sendable {
    struct Hello: Codable, Sendable {
        let id: String
        let auth: JSONValue
        let query: String?
        let address: String
    }

    struct Received: Codable, Sendable {
        let n: Int
        let got: [UInt8]
    }

    struct Poll: Codable, Sendable {
        let votes: [Int]
        let missing: Int
    }

    struct Deliberate: Error {}

    let io: SocketIOServer
    let record: Record

    func install() {
        io.on("namespace-level") { (socket: Socket, value: Int) in socket.emit("namespace-level", value + 1) }
        io.onConnection { socket in
            record.connected()
            socket.onDisconnecting { _ in record.disconnecting(socket.id, from: socket.rooms) }
            socket.onDisconnect { reason in record.disconnected(socket.id, reason) }
            addEvents(socket)
            addBinary(socket)
            addAcks(socket)
            addRooms(socket)
            Values(socket: socket).install()
            // No auth is no error here: the client sees null.
            let auth = (try? socket.handshake.auth(as: JSONValue.self)) ?? .null
            socket.emit(
                "hello",
                Hello(
                    id: "\(socket.id)", auth: auth, query: socket.handshake.query["x"],
                    address: socket.handshake.address))
        }
    }

    private func addEvents(_ socket: Socket) {
        socket.onAny { name, arguments in
            if name == "any" { socket.emit("any", arguments) }
        }
        socket.on("message") { (text: String) in socket.send("you said \(text)") }
        socket.on("error") { (text: String) in socket.emit("error-seen", text) }
        socket.once("once") { (value: Int) in socket.emit("once", value) }
        socket.on("off") { (name: String) -> Bool in
            guard let name = EventName(name) else { return false }
            socket.off(name)
            return true
        }
        socket.on("burst") { (count: Int) in
            for index in 0..<count { socket.emit("tick", index) }
        }
        socket.on("volatile") { (count: Int) in
            for index in 0..<count { socket.volatile.emit("maybe", index) }
            socket.emit("volatile-done", count)
        }
        socket.on("bye") { socket.disconnect() }
        socket.on("bye-bye") { socket.disconnect(closingConnection: true) }
    }

    private func addBinary(_ socket: Socket) {
        socket.on("bin") { (bytes: [UInt8]) in socket.emit("bin", Received(n: bytes.count, got: bytes)) }
        socket.on("parcel") { (parcel: Parcel) -> Parcel in
            Parcel(
                name: parcel.name, parts: parcel.parts.reversed(),
                more: Parcel.Inner(deep: parcel.more.deep.reversed()))
        }
        socket.on("two") { (first: [UInt8], text: String, second: [UInt8]) in
            socket.emit("two", second, text, first)
        }
        socket.on("ask-binary") { () async throws -> [UInt8] in
            try await socket.emitWithAck("question-binary", [1, 2, 3] as [UInt8], timeout: .seconds(5))
        }
    }

    private func addAcks(_ socket: Socket) {
        socket.on("echo") { (value: JSONValue) in value }
        socket.on("sum") { (a: Int, b: Int) in a + b }
        socket.on("silent") { (_: Int) in }
        socket.on("counted") { (_: String) in count("counted", of: socket) }
        socket.on("counted later") { (_: String) in
            await Task.yield()
            count("counted later", of: socket)
        }
        socket.on("count of") { (name: String) in socket[.counts]?[name] ?? 0 }
        socket.on("throwing") { (_: Int) throws -> Int in throw Deliberate() }
        socket.on("slow") { (value: Int) async throws -> Int in
            try await Task.sleep(for: .milliseconds(50))
            return value
        }
        socket.on("very slow") { (value: Int) async throws -> Int in
            try await Task.sleep(for: .seconds(1))
            return value
        }
        socket.on("ask") { (value: Int) async throws -> Int in
            try await socket.emitWithAck("question", value, timeout: .seconds(5))
        }
        socket.on("ask-in-vain") { () async -> String in
            do {
                let _: Int = try await socket.emitWithAck("unanswered", timeout: .milliseconds(100))
                return "answered"
            } catch {
                return "timed out"
            }
        }
        socket.on("poll") { (room: String) async -> Poll in
            let replies: BroadcastReplies<Int> = await io.to(Room(room)).emitWithAck(
                "vote", room, timeout: .milliseconds(500))
            return Poll(votes: replies.replies.values.sorted(), missing: replies.missing.count)
        }
    }

    private func count(_ name: String, of socket: Socket) {
        var counts = socket[.counts] ?? [:]
        counts[name, default: 0] += 1
        socket[.counts] = counts
    }

    private func addRooms(_ socket: Socket) {
        socket.on("join") { (room: String) -> Bool in
            socket.join(Room(room))
            return true
        }
        socket.on("leave") { (room: String) -> Bool in
            socket.leave(Room(room))
            return true
        }
        socket.on("rooms") { socket.rooms.map { "\($0)" }.sorted() }
        socket.on("say") { (room: String, text: String) in socket.to(Room(room)).emit("said", text, room) }
        socket.on("say-to-all") { (room: String, text: String) in io.to(Room(room)).emit("said", text, room) }
        socket.on("say-to-two") { (first: String, second: String, text: String) in
            io.to(Room(first), Room(second)).emit("said", text, "\(first)+\(second)")
        }
        socket.on("say-except") { (room: String, except: String, text: String) in
            io.to(Room(room)).except(Room(except)).emit("said", text, room)
        }
        socket.on("say-binary") { (room: String, bytes: [UInt8]) in io.to(Room(room)).emit("said", bytes, room) }
        socket.on("say-to-socket") { (id: String, text: String) in io.to(Room(id)).emit("said", text, id) }
        socket.on("broadcast") { (text: String) in socket.broadcast.emit("said", text, "others") }
        socket.on("everyone") { (text: String) in io.emit("said", text, "everyone") }
    }
}

extension SocketKey {
    fileprivate static var counts: SocketKey<[String: Int]> { .init("counts") }
}
