extension PacketHead {
    /// The payload of a CONNECT, `text`: an object, or nothing (Protocol.md 5.1).
    package func connectPayload(
        of text: Span<UInt8>, limits: PacketLimits
    ) throws(ProtocolViolation) -> [UInt8] {
        guard payloadStart < text.count else { return [] }
        let payload = text.extracting(payloadStart..<text.count)
        do {
            try JSONScanner.validate(payload, maximumDepth: limits.jsonDepth)
        } catch {
            throw ProtocolViolation(.malformed, "a CONNECT whose payload is not JSON")
        }
        let first = JSONScanner.skipWhitespace(payload, at: 0)
        guard payload[first] == UInt8(ascii: "{") else {
            throw ProtocolViolation(.malformed, "a CONNECT whose payload is not an object")
        }
        return Array(payload)
    }
}
