import SocketIO

extension ScalingOperation {
    private static func namespaceNames(_ count: Int) -> [String] {
        (0..<count).map { "/namespace-\(1_000 + $0)" }
    }

    /// A connection in many namespaces, all of which are there.
    private static func joined(
        _ server: ScalingServer, _ count: Int
    ) throws -> (client: ScalingServer.Client, names: [String]) {
        let names = namespaceNames(count)
        for name in names {
            let namespace = server.io.namespace(name)
            namespace.on("event") { (_: Socket, _: Int) in }
            server.countDisconnects(of: namespace)
        }
        let client = try server.connect(1)[0]
        try client.peer.send(ScalingPeer.frames(names.map { "40\($0)," }))
        try client.peer.expect("40/", count: count)
        return (client, names)
    }

    static func namespaces() -> [ScalingOperation] {
        [
            server("make-namespaces", 64) { server, count in
                let names = namespaceNames(count)
                return {
                    for name in names { _ = server.io.namespace(name) }
                    try server.idle()
                }
            },
            server("find-namespaces", 64) { server, count in
                let names = namespaceNames(count)
                for name in names { _ = server.io.namespace(name) }
                return {
                    for name in names { _ = server.io.namespace(name) }
                    try server.idle()
                }
            },
            server("join-namespaces", 64) { server, count in
                let names = namespaceNames(count)
                for name in names { _ = server.io.namespace(name) }
                let client = try server.connect(1)[0]
                let frames = ScalingPeer.frames(names.map { "40\($0)," })
                return {
                    try client.peer.send(frames)
                    try client.peer.expect("40/", count: count)
                }
            },
            server("events-in-namespaces", 64) { server, count in
                let (client, names) = try joined(server, count)
                let frames = ScalingPeer.frames(names.map { #"42\#($0),["event",1]"# } + [#"421["idle"]"#])
                return {
                    try client.peer.send(frames)
                    try client.peer.expect("431")
                }
            },
            server("emits-in-namespaces", 64) { server, count in
                let (client, names) = try joined(server, count)
                let namespaces = names.map { server.io.namespace($0) }
                return ending([client]) {
                    try server.run { _ in for namespace in namespaces { namespace.emit("event", 1) } }
                }
            },
            server("leave-namespaces", 64) { server, count in
                let (client, names) = try joined(server, count)
                let frames = ScalingPeer.frames(names.indices.shuffled.map { "41\(names[$0])," })
                return ending([client]) { try server.awaitDisconnects(count) { try client.peer.send(frames) } }
            },
            server("close-connection-in-namespaces", 64) { server, count in
                let (client, _) = try joined(server, count)
                return ending([client]) {
                    try server.run { [client = client.socket] _ in client.disconnect(closingConnection: true) }
                }
            },
            server("lose-connection-in-namespaces", 64) { server, count in
                var clients = [try joined(server, count).client]
                return { try server.awaitDisconnects(count) { clients.removeAll() } }
            },
        ]
    }
}
