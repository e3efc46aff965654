import SocketIOClient

/// Whatever an application does while a namespace is joined, left and called back: in the end both sides agree, and no
/// other namespace of the connection has noticed.
///
/// The server has `/a` and `/b`, where `id` answers with what the server calls the socket, `collect` and `collected` keep
/// numbers for it, and `kick` disconnects it; `/slow`, which takes 300 ms to accept; `/never`, which never decides; and
/// `/refused`. It takes messages of 1,000,000 bytes.
struct StateChecks: Sendable {
    typealias Configure = (inout ClientManager.Configuration) -> Void

    let makeManager: @Sendable (Configure) -> ClientManager

    func run() async {
        await leaving()
        await notAnswered()
        await callingBack()
        await reconnecting()
    }

    // MARK: Left while the server has not answered

    private func leaving() async {
        await checkPair("left while its auth is asked for", "/slow") { a, _ in
            let asked = Moment()
            let b = a.manager.socket(
                "/b",
                auth: { () async throws -> [String: String] in
                    asked.come()
                    try await Task.sleep(for: .milliseconds(200))
                    return ["token": "x"]
                })
            b.open()
            await asked.wait()
            b.disconnect()
            try await agree(a)
            try expect(b.isActive, false)
        }
        await checkPair("left while the server decides", "/slow") { a, b in
            b.open()
            try await agree(a)
            b.disconnect()
            try await b.connect()
            try await agree(b)
        }
        await checkPair("given up by the time of connect", "/slow") { a, b in
            do {
                try await b.connect(timeout: .milliseconds(100))
                throw Failed(description: "it did not throw")
            } catch let error as ClientError { try expect(error.code, .timedOut) }
            try expect(b.isActive, false)
            try await agree(a)
            try await b.connect()
            try await agree(b)
        }
        await checkPair("given up with the task of connect", "/slow") { a, b in
            // On a slow machine the server may have decided first.
            for attempt in 1...5 {
                let task = Task { try await b.connect() }
                try await agree(a)
                task.cancel()
                if case .failure = await task.result { break }
                guard attempt < 5 else { throw Failed(description: "it was always connected before it was given up") }
                b.disconnect()
            }
            try expect(b.isActive, false)
            try await b.connect()
            try await agree(b)
        }
        await checkPair("open, disconnect, open", "/slow") { _, b in
            for _ in 0..<3 {
                b.open()
                b.disconnect()
            }
            try await b.connect()
            try await agree(b)
        }
    }

    private func notAnswered() async {
        await check("a namespace that is never answered") {
            try await withManager({ $0.connectTimeout = .milliseconds(400) }) { manager in
                let (a, never) = (manager.socket("/a"), manager.socket("/never"))
                let ends = Moment()
                a.onDisconnect { _ in ends.come() }
                try await a.connect()
                let errors = Moment()
                never.onConnectError { error in if error.code == .timedOut, never.isActive { errors.come() } }
                never.open()
                await errors.wait()
                await errors.wait()
                try await agree(a)
                never.disconnect()
                try await agree(a)
                try expect(ends.hasCome, false)
            }
        }
        await checkPair("a namespace that cannot be named", "/b,c") { a, b in
            do {
                try await b.connect()
                throw Failed(description: "it did not throw")
            } catch let error as ClientError { try expect(error.code, .invalidNamespace) }
            try await agree(a)
        }
    }

    // MARK: Called in the middle of a change

    private func callingBack() async {
        for end in ["disconnect", "kick", "refusal"] {
            await check("opened again in onClose, after \(end)") {
                try await withManager({ _ in }) { manager in
                    let a = manager.socket("/a")
                    let joined = Moment()
                    a.onConnect { joined.come() }
                    manager.onClose { (_: ClientSocket.DisconnectReason) in a.open() }
                    if end == "refusal" {
                        manager.socket("/refused").open()
                    } else {
                        try await a.connect()
                        await joined.wait()
                        if end == "kick" { a.emit("kick") } else { a.disconnect() }
                    }
                    await joined.wait()
                    try await agree(a)
                }
            }
        }
        await check("left and opened again in onOpen") {
            try await withManager({ _ in }) { manager in
                let a = manager.socket("/a")
                let first = Moment()
                manager.onOpen {
                    guard !first.hasCome else { return }
                    first.come()
                    a.disconnect()
                    a.open()
                }
                // Whoever waits in `connect` would hear that it was left.
                a.open()
                await first.wait()
                try await agree(a)
            }
        }
    }

    private func reconnecting() async {
        for usesConnect in [false, true] {
            await check("reconnected in onDisconnect by \(usesConnect ? "connect" : "open"), without reconnection") {
                try await withManager({ $0.reconnection = .off }) { manager in
                    let a = manager.socket("/a")
                    let joined = Moment()
                    a.onConnect { joined.come() }
                    a.onDisconnect { (_: ClientSocket.DisconnectReason) async throws in
                        if usesConnect { try await a.connect() } else { a.open() }
                    }
                    try await a.connect()
                    await joined.wait()
                    drop(a)
                    await joined.wait()
                    try await agree(a)
                }
            }
        }
        await checkPair("emitted on another namespace while the loss is told", "/b", mayLose: true) { a, b in
            try await b.connect()
            let (lost, joined) = (Moment(), Moment())
            a.onDisconnect { (_: ClientSocket.DisconnectReason) in
                for number in 0..<3 { b.emit("collect", number) }
                lost.come()
            }
            b.onConnect { joined.come() }
            drop(a)
            await lost.wait()
            await joined.wait()
            try expect(try await b.emitWithAck("collected") as [Int], [0, 1, 2])
            try await agree(a)
        }
    }

    // MARK: What they share

    /// Loses the connection of all namespaces: the server takes no message of that size.
    private func drop(_ socket: ClientSocket) {
        socket.emit("large", String(repeating: "x", count: 1_100_000))
    }

    /// The server calls the socket what the socket says it is called.
    private func agree(_ socket: ClientSocket) async throws {
        if !socket.isConnected { try await socket.connect() }
        let id: String = try await socket.emitWithAck("id", timeout: .seconds(5))
        try expect(id, socket.id?.description ?? "nobody")
    }

    private func withManager(_ configure: Configure, _ body: (ClientManager) async throws -> Void) async throws {
        let manager = makeManager(configure)
        let result: Result<Void, any Error>
        do {
            try await body(manager)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await manager.close()
        try result.get()
    }

    /// A check with `/a` joined, which must not notice, and another namespace.
    private func checkPair(
        _ name: String, _ other: String, mayLose: Bool = false,
        _ body: (_ a: ClientSocket, _ b: ClientSocket) async throws -> Void
    ) async {
        await check(name) {
            try await withManager({ _ in }) { manager in
                let (a, ends) = (manager.socket("/a"), Moment())
                a.onDisconnect { (_: ClientSocket.DisconnectReason) in ends.come() }
                try await a.connect()
                try await body(a, manager.socket(other))
                if !mayLose { try expect(ends.hasCome, false) }
            }
        }
    }
}
