/// What a revision of Engine.IO says differently: one value of a session, so that the rest of it need not ask.
package enum EngineDialect: Sendable {
    /// `EIO=4`.
    case revision4
    /// `EIO=3`, or none: clients of Socket.IO 2 (Protocol.md 9).
    case revision3

    /// Who asks whether the other end is there.
    package enum Pinger: Sendable {
        case server
        case client
    }

    /// The dialect that a handshake's `EIO` asks for; nil for one that is not spoken.
    package init?(version: EngineRequest.Parameter, allowsRevision3: Bool = false) {
        switch version {
        case .once("4"): self = .revision4
        case .once("3") where allowsRevision3, .missing where allowsRevision3: self = .revision3
        case .once, .missing, .repeated: return nil
        }
    }

    /// The one in which this end asks: nothing else that lasts differs.
    init(pinger: Pinger) {
        switch pinger {
        case .server: self = .revision4
        case .client: self = .revision3
        }
    }

    package var pinger: Pinger {
        switch self {
        case .revision4: .server
        case .revision3: .client
        }
    }

    /// Whether a POST may carry packets as bytes, `application/octet-stream`.
    package var hasBinaryPayloads: Bool {
        switch self {
        case .revision4: false
        case .revision3: true
        }
    }

    /// How bytes go out over a WebSocket.
    ///
    /// - Parameter asText: Whether the client has no use for bytes (`b64`).
    package func binaryForm(asText: Bool) -> EngineBinaryForm {
        switch self {
        case .revision4: asText ? .text : .bytes
        case .revision3: asText ? .typedText : .typedBytes
        }
    }

    /// Begins to read the body of a POST.
    ///
    /// - Parameter maxPackets: How many packets it may hold: each costs more than its byte.
    package func payload(of body: Span<UInt8>, maxPackets: Int) throws(ProtocolViolation) -> EnginePayloadReader {
        switch self {
        case .revision4:
            try body.requireText()
            return .revision4(EnginePayload(maxPackets: maxPackets))
        case .revision3:
            return .revision3(try EngineRevision3Payload(of: body, maxPackets: maxPackets))
        }
    }

    /// Writes the body of a response. True if it is bytes.
    ///
    /// - Parameter asText: Whether the client has no use for bytes.
    package func appendPayload(
        _ packets: [EnginePacket], asText: @autoclosure () -> Bool, to writer: ByteWriter
    ) -> Bool {
        switch self {
        case .revision4:
            EnginePayload.append(packets, to: writer)
            return false
        case .revision3:
            return EngineRevision3Payload.append(packets, asText: asText(), to: writer)
        }
    }
}

/// Reads the body of a POST, packet by packet, in the dialect of its session.
package enum EnginePayloadReader: Sendable {
    case revision4(EnginePayload)
    case revision3(EngineRevision3Payload)

    /// The next packet of `body`, which is the same at every call; nil after the last one.
    package mutating func next(in body: Span<UInt8>) throws(ProtocolViolation) -> EnginePayload.Packet? {
        switch self {
        case .revision4(var payload):
            defer { self = .revision4(payload) }
            return try payload.next(in: body)
        case .revision3(var payload):
            defer { self = .revision3(payload) }
            return try payload.next(in: body)
        }
    }
}

extension Span where Element == UInt8 {
    /// What packets of text consist of.
    func requireText() throws(ProtocolViolation) {
        guard (try? UTF8Span(validating: self)) != nil else {
            throw ProtocolViolation(.notUTF8, "a payload that is not UTF-8")
        }
    }
}
