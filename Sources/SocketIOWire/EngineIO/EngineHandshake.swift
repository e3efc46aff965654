/// What the server tells a client in the open packet (Protocol.md 3.1).
package struct EngineHandshake: Sendable {
    package let sessionID: String
    package let upgrades: [EngineTransport]
    package let pingInterval: Duration
    package let pingTimeout: Duration
    package let maxPayload: Int

    package init(
        sessionID: String, upgrades: [EngineTransport], pingInterval: Duration, pingTimeout: Duration, maxPayload: Int
    ) {
        self.sessionID = sessionID
        self.upgrades = upgrades
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.maxPayload = maxPayload
    }

    /// Writes the open packet, type included; members in the official server's order.
    package func append(to writer: ByteWriter) {
        writer.append("0{\"sid\":")
        writer.append(json: sessionID)
        writer.append(",\"upgrades\":[")
        for (index, upgrade) in upgrades.enumerated() {
            if index > 0 { writer.append(",") }
            writer.append(json: upgrade.rawValue)
        }
        writer.append("],\"pingInterval\":")
        writer.append(decimal: pingInterval.wholeMilliseconds)
        writer.append(",\"pingTimeout\":")
        writer.append(decimal: pingTimeout.wholeMilliseconds)
        writer.append(",\"maxPayload\":")
        writer.append(decimal: maxPayload)
        writer.append("}")
    }
}

extension Duration {
    /// Rounded down.
    package var wholeMilliseconds: Int64 {
        boundedNanoseconds / 1_000_000
    }
}
