import SocketIO

extension ScalingOperation {
    /// Many acknowledgements awaited from one client.
    static func acks() -> [ScalingOperation] {
        [
            ack("acks-in-order") { client, ids in try client.answer(ids) },
            ack("acks-in-reverse") { client, ids in try client.answer(ids.reversed()) },
            ack("acks-in-any-order") { client, ids in try client.answer(ids.indices.shuffled.map { ids[$0] }) },
            ack("acks-that-time-out", timeout: .milliseconds(300)) { _, _ in },
            server("acks-of-a-lost-client", 128) { server, count in
                let client = try server.connect(1)[0]
                return {
                    try server.run(
                        long: { [client = client.socket] _ in await askOften(client, count, timeout: .seconds(60)) },
                        meanwhile: {
                            _ = try client.peer.questions(count)
                            client.socket.disconnect()
                        })
                }
            },
            server("questions-answered", 128) { server, count in
                server.io.on("question") { (_: Socket, number: Int) in number }
                let client = try server.connect(1)[0]
                let frames = ScalingPeer.frames((0..<count).map { #"42\#($0)["question",1]"# })
                return {
                    try client.peer.send(frames)
                    try client.peer.expect("43", count: count)
                }
            },
            server("questions-answered-later", 128) { server, count in
                server.io.on("question") { (_: Socket, number: Int) async in
                    await Task.yield()
                    return number
                }
                let client = try server.connect(1)[0]
                let frames = ScalingPeer.frames((0..<count).map { #"42\#($0)["question",1]"# })
                return {
                    try client.peer.send(frames)
                    try client.peer.expect("43", count: count)
                }
            },
        ]
    }

    private static func ack(
        _ name: String, timeout: Duration = .seconds(60),
        _ answer: @escaping @Sendable (ScalingPeer, [String]) throws -> Void
    ) -> ScalingOperation {
        server(name, 128) { server, count in
            let client = try server.connect(1)[0]
            return {
                try server.run(
                    long: { [client = client.socket] _ in await askOften(client, count, timeout: timeout) },
                    meanwhile: { try answer(client.peer, try client.peer.questions(count)) })
            }
        }
    }

    private static func askOften(_ socket: Socket, _ count: Int, timeout: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    // No answer is one that is waited for.
                    _ = try? await socket.emitWithAck("question", timeout: timeout) as Int
                }
            }
        }
    }
}

extension ScalingPeer {
    fileprivate func answer(_ ids: [String]) throws {
        try send(Self.frames(ids.map { "43\($0)[1]" }))
    }
}
