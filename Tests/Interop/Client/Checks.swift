import SocketIOClient

/// What a client needs of any server, one check after the other.
struct Checks: Sendable {
    let manager: ClientManager

    private struct Item: Codable, Equatable {
        var name: String
        var blob: [UInt8]
        var sizes: [Double]
    }

    func run() async {
        let socket = manager.socket(auth: ["token": "good", "name": "grüße"])
        socket.on("question") { (text: String) in "answer to \(text)" }
        socket.on("binary question") { (bytes: [UInt8]) in Array(bytes.reversed()) }
        let told = socket.events("told", JSONValue.self, JSONValue.self)
        let answers = socket.events("answered", JSONValue.self)
        await check("connect") { try await socket.connect() }
        await check("auth") {
            try expect(try await socket.emitWithAck("who") as String, "grüße")
        }
        await check("acknowledgement") {
            try expect(try await socket.emitWithAck("echo", "x") as String, "x")
        }
        await check("unicode") {
            let text = "ünï 漢字 👩‍👩‍👧 \u{0} \u{2028} \"\\\n"
            try expect(try await socket.emitWithAck("echo", text) as String, text)
        }
        await check("binary both ways") {
            let item = Item(name: "file", blob: [0, 1, 254, 255], sizes: [1, 2.5, -3e10])
            try expect(try await socket.emitWithAck("echo", item) as Item, item)
        }
        await check("large payload") {
            let text = String(repeating: "0123456789", count: 50_000)
            try expect(try await socket.emitWithAck("echo", text) as String, text)
            let bytes = [UInt8](repeating: 0xA5, count: 300_000)
            try expect(try await socket.emitWithAck("echo", bytes) as [UInt8], bytes)
        }
        await check("many in order") {
            for number in 0..<500 { socket.emit("collect", number) }
            try expect(try await socket.emitWithAck("collected") as [Int], Array(0..<500))
        }
        await check("event with binary from the server") {
            socket.emit("tell")
            for await (first, second) in told {
                try expect(first, ["list": [1, 2, 3]])
                try expect(second, .binary([9, 8, 7]))
                break
            }
        }
        await check("acknowledgement to the server") {
            var iterator = answers.makeAsyncIterator()
            socket.emit("ask", "question", "me")
            try expect(await iterator.next(), "answer to me")
            socket.emit("ask", "binary question", [UInt8]([1, 2, 3]))
            try expect(await iterator.next(), .binary([3, 2, 1]))
        }
        await check("namespace") {
            let chat = manager.socket("/chat")
            try await chat.connect()
            try expect(try await chat.emitWithAck("where") as String, "/chat")
            chat.disconnect()
        }
        await check("refusal with data") {
            let refused = manager.socket("/refused")
            do {
                try await refused.connect()
                throw Failed(description: "it was not refused")
            } catch let error as ClientError {
                try expect(error.code == .refused, true)
                try expect(error.message, "no entry")
                try expect(try error.data(as: [String: Int].self), ["code": 7])
            }
        }
        await check("disconnected by the server") {
            let kicked = manager.socket("/chat")
            let (ends, continuation) = AsyncStream<ClientSocket.DisconnectReason>.makeStream()
            kicked.onDisconnect { reason in continuation.yield(reason) }
            try await kicked.connect()
            kicked.emit("kick")
            var iterator = ends.makeAsyncIterator()
            try expect(await iterator.next(), .serverDisconnect)
            try expect(kicked.isActive, false)
        }
    }
}
