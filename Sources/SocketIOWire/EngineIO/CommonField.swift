/// The fields that handshakes consist of, so that a `KeptRequest` need not hold their names, nor the values that clients
/// and proxies mostly give them.
enum CommonField {
    private struct Entry {
        let name: [UInt8]
        let values: [[UInt8]]

        init(_ name: String, _ values: String...) {
            self.name = Array(name.utf8)
            self.values = values.map { Array($0.utf8) }
        }
    }

    /// At most 63 with at most 128 values in all: their places are written in one byte, with bits for something else.
    private static let entries = [
        Entry(":scheme", "https"),
        Entry(":method", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH"),
        Entry(":address", "127.0.0.1", "::1"),
        Entry(":authority"),
        Entry(":path", "/socket.io/"),
        Entry(":query", "EIO=4&transport=websocket"),
        Entry("host"),
        Entry("connection", "Upgrade", "keep-alive", "keep-alive, Upgrade", "upgrade"),
        Entry("upgrade", "websocket"),
        Entry("sec-websocket-key"),
        Entry("sec-websocket-version", "13"),
        Entry("sec-websocket-extensions", "permessage-deflate; client_max_window_bits", "permessage-deflate"),
        Entry("sec-websocket-protocol"),
        Entry("origin"),
        Entry("user-agent"),
        Entry("accept", "*/*"),
        Entry("accept-encoding", "gzip, deflate, br, zstd", "gzip, deflate, br", "gzip, deflate"),
        Entry("accept-language"),
        Entry("cache-control", "no-cache"),
        Entry("pragma", "no-cache"),
        Entry("cookie"),
        Entry("authorization"),
        Entry("referer"),
        Entry("sec-fetch-dest", "websocket", "empty"),
        Entry("sec-fetch-mode", "websocket", "cors"),
        Entry("sec-fetch-site", "same-origin", "same-site", "cross-site"),
        Entry("x-forwarded-for"),
        Entry("x-forwarded-host"),
        Entry("x-forwarded-port", "443", "80"),
        Entry("x-forwarded-proto", "https", "http"),
        Entry("x-real-ip"),
        Entry("forwarded"),
        Entry("via"),
    ]

    /// The place of `name`, in any case, among the common names.
    static func place(of name: Span<UInt8>) -> Int? {
        entries.firstIndex { $0.name.span.equalsIgnoringCase(name) }
    }

    static func name(at place: Int) -> [UInt8] { entries[place].name }

    /// The common values of all names, one after another.
    private static let pairs = entries.indices.flatMap { place in
        entries[place].values.map { (namePlace: place, value: $0) }
    }
    /// Where in `pairs` those of each name begin.
    private static let firstPairs = entries.indices.map { place in
        entries[..<place].reduce(0) { $0 + $1.values.count }
    }

    /// The place of the name at `place` with `value` among all common fields, if it is one.
    static func pair(ofNameAt place: Int, _ value: Span<UInt8>) -> Int? {
        entries[place].values.firstIndex { $0.span.equals(value) }.map { firstPairs[place] + $0 }
    }

    /// What is at a place that `pair(ofNameAt:_:)` gave.
    static func pair(at index: Int) -> (namePlace: Int, value: [UInt8]) { pairs[index] }
}
