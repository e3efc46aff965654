extension EngineHandshake {
    /// What a session id may be long: it goes into every request line.
    private static let maxSessionIDBytes = 256
    /// What a timer of the official client takes.
    private static let maxMilliseconds = Double(Int32.max)

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
        guard let interval = Self.duration(value["pingInterval"]), let timeout = Self.duration(value["pingTimeout"])
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
            sessionID: sessionID, upgrades: upgrades, pingInterval: interval, pingTimeout: timeout,
            maxPayload: maxPayload)
    }

    /// A number of milliseconds, whole or not: whatever a timer takes.
    private static func duration(_ value: JSONValue) -> Duration? {
        guard let milliseconds = value.doubleValue, (0...maxMilliseconds).contains(milliseconds) else { return nil }
        return .microseconds(Int64(milliseconds * 1000))
    }
}
