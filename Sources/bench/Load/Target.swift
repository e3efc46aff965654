/// The server that the load goes to.
struct Target: Codable, Equatable {
    struct Address: Codable, Equatable {
        /// A numeric IPv4 address.
        var host: String
        var port: Int
    }

    /// What the server speaks.
    enum Speech: String, Codable {
        /// Socket.IO over Engine.IO over WebSocket.
        case socketIO
        /// The same as clients of Socket.IO 2 do, over Engine.IO 3.
        case version2
        /// WebSocket messages, which come back as they are.
        case raw
    }

    var address: Address
    var path = "/socket.io/"
    var speech = Speech.socketIO
    /// Whether it compresses messages, and takes compressed ones.
    var compresses = false
    /// Whose CPU and memory are measured; nil for a server that is out of sight.
    var process: Int32?
}

extension Target {
    /// Reads `http://127.0.0.1:3000/socket.io/` and the like; nil if the text is no such address.
    init?(url: String) {
        var rest = url[...]
        for scheme in ["http://", "ws://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].split(separator: ":", omittingEmptySubsequences: false)
        guard authority.count == 2, !authority[0].isEmpty, let port = Int(authority[1]), (1...65_535).contains(port)
        else { return nil }
        let host = authority[0] == "localhost" ? "127.0.0.1" : String(authority[0])
        address = Address(host: host, port: port)
        if rest[slash...].count > 1 { path = String(rest[slash...]) }
    }
}
