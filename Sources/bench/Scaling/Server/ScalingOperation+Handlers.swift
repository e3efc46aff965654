import SocketIO
import Synchronization

/// Subscriptions, to be cancelled later.
final class Subscriptions: Sendable {
    private let all = Mutex<[EventSubscription]>([])

    func append(_ subscription: EventSubscription) {
        all.withLock { $0.append(subscription) }
    }

    func cancelAll() {
        let all = all.withLock { $0 }
        for index in all.indices.shuffled { all[index].cancel() }
    }
}

extension ScalingOperation {
    /// Different names, of usual length.
    static func names(_ count: Int) -> [EventName] {
        (0..<count).map { eventName("event \(1_000 + $0)") }
    }

    static func eventName(_ text: String) -> EventName {
        guard let name = EventName(text) else { preconditionFailure("reserved") }
        return name
    }

    /// What is registered on one socket.
    static func handlers() -> [ScalingOperation] {
        [
            server("socket-on-names", 32) { server, count in
                let names = names(count)
                return { try server.run { socket in for name in names { socket.on(name) { (_: Int) in } } } }
            },
            server("socket-on-one-name", 32) { server, count in
                { try server.run { socket in for _ in 0..<count { socket.on("event") { (_: Int) in } } } }
            },
            server("socket-call-handlers", 64) { server, count in
                let client = try server.connect(1)[0]
                try server.run { [client = client.socket] _ in for _ in 0..<count { client.on("event") { (_: Int) in } }
                }
                return {
                    for _ in 0..<16 { try client.peer.send(#"42["event",1]"#) }
                    try client.peer.send(#"421["idle"]"#)
                    try client.peer.expect("431")
                }
            },
            server("socket-off-names", 32) { server, count in
                let names = names(count)
                try server.run { socket in for name in names { socket.on(name) { (_: Int) in } } }
                return { try server.run { socket in for index in names.indices.shuffled { socket.off(names[index]) } } }
            },
            server("socket-cancel-names", 32) { server, count in
                let names = names(count)
                let subscriptions = Subscriptions()
                try server.run { socket in
                    for name in names { subscriptions.append(socket.on(name) { (_: Int) in }) }
                }
                return { try server.run { _ in subscriptions.cancelAll() } }
            },
            server("socket-cancel-one-name", 32) { server, count in
                let subscriptions = Subscriptions()
                try server.run { socket in
                    for _ in 0..<count { subscriptions.append(socket.on("event") { (_: Int) in }) }
                }
                return { try server.run { _ in subscriptions.cancelAll() } }
            },
            server("socket-once-names", 32) { server, count in
                let names = names(count)
                let client = try server.connect(1)[0]
                try server.run { [client = client.socket] _ in for name in names { client.once(name) { (_: Int) in } } }
                return dispatch(names.map(\.description), by: client)
            },
            server("socket-once-one-name", 32) { server, count in
                let client = try server.connect(1)[0]
                try server.run { [client = client.socket] _ in
                    for _ in 0..<count { client.once("event") { (_: Int) in } }
                }
                // The first event calls them all.
                return dispatch(["event"], by: client)
            },
            server("socket-end-with-handlers", 64) { server, count in
                let names = names(count)
                let client = try server.connect(1)[0]
                try server.run { [client = client.socket] _ in for name in names { client.on(name) { (_: Int) in } } }
                return { try server.run { [client = client.socket] _ in client.disconnect() } }
            },
            server("socket-on-disconnect", 128) { server, count in
                { try server.run { socket in for _ in 0..<count { socket.onDisconnect { _ in } } } }
            },
            server("socket-on-any", 128) { server, count in
                { try server.run { socket in for _ in 0..<count { socket.onAny { _, _ in } } } }
            },
            server("socket-values", 128) { server, count in
                let keys = (0..<count).map { SocketKey<Int>("key \($0)") }
                return { try server.run { socket in for key in keys { socket[key] = (socket[key] ?? 0) + 1 } } }
            },
        ]
    }

    /// Sends events and waits until the last one is handled.
    static func dispatch(_ names: [String], by client: ScalingServer.Client) -> () throws -> Void {
        let frames = ScalingPeer.frames(names.map { #"42["\#($0)",1]"# } + [#"421["idle"]"#])
        return {
            try client.peer.send(frames)
            try client.peer.expect("431")
        }
    }

    /// What is registered on a namespace, and how names are found.
    static func namespaceHandlers() -> [ScalingOperation] {
        [
            server("io-on-names", 32) { server, count in
                let names = names(count)
                return {
                    for name in names { server.io.on(name) { (_: Socket, _: Int) in } }
                    try server.idle()
                }
            },
            server("io-on-one-name", 32) { server, count in
                {
                    for _ in 0..<count { server.io.on("event") { (_: Socket, _: Int) in } }
                    try server.idle()
                }
            },
            server("io-off-names", 32) { server, count in
                let names = names(count)
                for name in names { server.io.on(name) { (_: Socket, _: Int) in } }
                try server.idle()
                return {
                    for index in names.indices.shuffled { server.io.off(names[index]) }
                    try server.idle()
                }
            },
            server("io-cancel-names", 32) { server, count in
                let subscriptions = Subscriptions()
                for name in names(count) { subscriptions.append(server.io.on(name) { (_: Socket, _: Int) in }) }
                try server.idle()
                return {
                    subscriptions.cancelAll()
                    try server.idle()
                }
            },
            server("io-cancel-one-name", 32) { server, count in
                let subscriptions = Subscriptions()
                for _ in 0..<count { subscriptions.append(server.io.on("event") { (_: Socket, _: Int) in }) }
                try server.idle()
                return {
                    subscriptions.cancelAll()
                    try server.idle()
                }
            },
            // Many: each takes little, and what one call costs once would show.
            server("io-on-connection", 512) { server, count in
                {
                    for _ in 0..<count { server.io.onConnection { _ in } }
                    try server.idle()
                }
            },
            server("io-use", 512) { server, count in
                {
                    for _ in 0..<count { server.io.use { _ in } }
                    try server.idle()
                }
            },
            lookUp("find-names-by-end") { "notification.in.room.\($0)" },
            lookUp("find-names-of-8-by-end") { "chat:m\($0)" },
            lookUp("find-names-by-start") { "\($0).notification.of.room" },
            lookUp("find-names-by-middle") { "notification.\($0).of.room" },
            lookUp("find-short-names") { "e\($0)" },
        ]
    }

    /// Events of names that differ in two characters only.
    private static func lookUp(_ name: String, _ makeName: @escaping @Sendable (String) -> String) -> ScalingOperation {
        server(name, 32) { server, count in
            let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEF")
            let names = (0..<count).map { makeName("\(letters[$0 / 32])\(letters[$0 % 32])") }
            for name in names { server.io.on(eventName(name)) { (_: Socket, _: Int) in } }
            // Often, so that what each turn of the loop costs does not show.
            return dispatch(Array(repeating: names, count: 8).flatMap { $0 }, by: try server.connect(1)[0])
        }
    }
}
