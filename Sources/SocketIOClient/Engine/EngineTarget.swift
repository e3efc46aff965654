internal import SocketIOWire

/// The request targets of a session (Protocol.md 1.2).
struct EngineTarget {
    private let prefix: String
    /// Counts the requests: a cache that ignores `no-store` never sees the same URL twice.
    private var count: UInt64

    /// Parameters of the protocol (Protocol.md 1.2), which the client sets itself.
    private static let reserved: Set<String> = ["EIO", "transport", "sid", "t", "j", "b64"]

    static func isReserved(_ parameter: String) -> Bool { reserved.contains(parameter) }

    /// - Parameter query: Pairs of the application, and what the URL had; reserved ones are left out of both.
    init(path: String, query: [(name: String, value: String)], rawQuery: String, stamp: UInt64) {
        let writer = ByteWriter()
        var path = Substring(path)
        while path.last == "/" { path = path.dropLast() }
        if path.first != "/" { writer.append(UInt8(ascii: "/")) }
        writer.append(utf8: String(path))
        writer.append(path.isEmpty ? "?EIO=4" : "/?EIO=4")
        for pair in rawQuery.split(separator: "&") where !Self.isReserved(String(pair.prefix { $0 != "=" })) {
            writer.append("&")
            writer.append(utf8: String(pair))
        }
        for pair in query where !Self.isReserved(pair.name) {
            writer.append("&")
            PercentEncoding.append(pair.name, to: writer)
            writer.append("=")
            PercentEncoding.append(pair.value, to: writer)
        }
        prefix = String(decoding: writer.array(), as: UTF8.self)
        count = stamp
    }

    /// Whether it can be sent: the path is the application's.
    var isValid: Bool { prefix.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") } }

    mutating func next(_ transport: EngineTransport, sessionID: String?) -> String {
        var target = "\(prefix)&transport=\(transport.rawValue)"
        if transport == .polling {
            count &+= 1
            target += "&t=\(String(count, radix: 36))"
        }
        if let sessionID {
            let writer = ByteWriter()
            PercentEncoding.append(sessionID, to: writer)
            target += "&sid=\(String(decoding: writer.array(), as: UTF8.self))"
        }
        return target
    }
}
