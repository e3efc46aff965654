import NetLoop
import SocketIO
import SocketIOWire

extension ScalingOperation {
    /// Connections and sessions come and go.
    static func connections() -> [ScalingOperation] {
        [
            server("connect", 32) { server, count in
                { _ = try server.connect(count) }
            },
            server("lose-connections", 32) { server, count in
                var clients = try server.connect(count)
                server.countDisconnects(of: server.io)
                return { try server.awaitDisconnects(count) { clients.removeAll() } }
            },
            server("open-polling-sessions", 32) { server, count in
                { _ = try PollingClients(server.target).open(count) }
            },
            server("close-polling-sessions", 32) { server, count in
                let clients = try PollingClients(server.target)
                let targets = try clients.open(count)
                return { for index in targets.indices.shuffled { try clients.post("1", to: targets[index]) } }
            },
            server("post-packets", 128) { server, count in
                let clients = try PollingClients(server.target)
                let target = try clients.open(1)[0]
                let body = (Array(repeating: #"42["event",1]"#, count: count) + [#"421["idle"]"#]).joined(
                    separator: "\u{1E}")
                return {
                    try clients.post(body, to: target)
                    _ = try clients.get(target)
                }
            },
            server("poll-packets", 128) { server, count in
                let clients = try PollingClients(server.target)
                let target = try clients.open(1)[0]
                server.io.socketsJoin("room")
                try server.idle()
                try server.run { socket in
                    for number in 0..<count { socket.to("room").emit("event", number) }
                }
                return { _ = try clients.get(target) }
            },
            server("http-routes", 64) { server, count in
                { for number in 0..<count { server.io.http.get("/route/\(number)") { _ in HTTPResponse() } } }
            },
            server("http-routes-asked", 64) { server, count in
                for number in 0..<count {
                    server.io.http.get("/route/\(number)/:id") { .text($0.parameters["id"] ?? "") }
                    server.io.http.get("/:any/\(number)/*path") { _ in HTTPResponse() }
                }
                let clients = try PollingClients(server.target)
                return {
                    for number in 0..<count {
                        guard try clients.get("/route/\(number)/\(number)") == "\(number)" else {
                            throw LoadFailure("another route")
                        }
                    }
                }
            },
            server("http-path-segments", 256) { server, count in
                server.io.http.get("/*path") { .text($0.parameters["path"] ?? "") }
                server.io.http.get("/:a/:b/:c") { _ in HTTPResponse() }
                let clients = try PollingClients(server.target)
                let target = String(repeating: "/x", count: count)
                return { for _ in 0..<20 { _ = try clients.get(target) } }
            },
        ]
    }
}

/// Long-polling clients that share a connection and take turns.
private final class PollingClients {
    private let channel: HTTPChannel
    private let base: String
    private let epoll: Epoll
    private let buffer = ReceiveBuffer(capacity: 1 << 16)

    init(_ target: Target) throws {
        channel = try HTTPChannel(target)
        base = target.path + "?EIO=4&transport=polling"
        epoll = try Epoll()
        try epoll.add(channel.socket, token: 0)
    }

    /// Connects `count` sessions, and returns what to ask for each.
    func open(_ count: Int) throws -> [String] {
        try (0..<count).map { _ in
            let text = try get(base)
            let words = text.split(separator: "\"")
            guard text.hasPrefix(#"0{"sid":""#), words.count > 3 else {
                throw LoadFailure("not an open packet: \(text)")
            }
            let target = "\(base)&sid=\(words[3])"
            try post("40", to: target)
            guard try get(target).hasPrefix("40{") else { throw LoadFailure("not connected") }
            return target
        }
    }

    func get(_ target: String) throws -> String {
        try channel.get(target)
        return try body()
    }

    func post(_ text: String, to target: String) throws {
        try channel.post(target, Array(text.utf8))
        guard try body() == "ok" else { throw LoadFailure("not taken: \(text.prefix(100))") }
    }

    private func body() throws -> String {
        while true {
            guard epoll.wait(milliseconds: 60_000) == 1 else { throw LoadFailure("the server has fallen silent") }
            if let body = try channel.receive(into: buffer) { return String(decoding: body, as: UTF8.self) }
        }
    }
}
