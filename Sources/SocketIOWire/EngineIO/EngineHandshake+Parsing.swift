extension EngineHandshake {
    /// What a session id may be long: it goes into every request line.
    private static let maxSessionIDBytes = 256
    /// A day: beyond it a heartbeat says nothing, and sums of durations stay far from overflow.
    private static let maxMilliseconds = 86_400_000

    /// Reads the open packet, without its type (Protocol.md 3.1).
    ///
    /// Upgrades that are not known are left out; a server that names no `maxPayload` has none.
    package init(parsing content: Span<UInt8>) throws(ProtocolViolation) {
        guard let value = try? JSONCoding.decode(JSONValue.self, from: content, attachments: []) else {
            throw ProtocolViolation(.malformed, "an open packet that is not JSON")
        }
        guard let sessionID = value["sid"].stringValue, !sessionID.isEmpty,
            sessionID.utf8.count <= Self.maxSessionIDBytes
        else { throw ProtocolViolation(.malformed, "an open packet without a session id") }
        guard let interval = value["pingInterval"].intValue, (1...Self.maxMilliseconds).contains(interval),
            let timeout = value["pingTimeout"].intValue, (1...Self.maxMilliseconds).contains(timeout)
        else { throw ProtocolViolation(.malformed, "an open packet without a heartbeat") }
        let maxPayload: Int
        switch value["maxPayload"] {
        case .null: maxPayload = .max
        case let limit:
            guard let limit = limit.intValue, limit > 0 else {
                throw ProtocolViolation(.malformed, "an open packet whose maxPayload is no size")
            }
            maxPayload = limit
        }
        let upgrades = (value["upgrades"].arrayValue ?? []).compactMap { name in
            name.stringValue.flatMap { EngineTransport(rawValue: $0) }
        }
        self.init(
            sessionID: sessionID, upgrades: upgrades, pingInterval: .milliseconds(interval),
            pingTimeout: .milliseconds(timeout), maxPayload: maxPayload)
    }
}
