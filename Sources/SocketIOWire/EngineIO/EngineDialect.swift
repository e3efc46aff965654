/// What a revision of Engine.IO says differently: one value of a session, so that the rest of it need not ask.
package enum EngineDialect: Sendable {
    /// `EIO=4`.
    case revision4

    /// Who asks whether the other end is there.
    package enum Pinger: Sendable {
        case server
    }

    /// The dialect that a handshake's `EIO` asks for; nil for one that is not spoken.
    package init?(version: EngineRequest.Parameter) {
        guard version == .once("4") else { return nil }
        self = .revision4
    }

    package var pinger: Pinger {
        switch self {
        case .revision4: .server
        }
    }

    /// Whether a POST may carry packets as bytes, `application/octet-stream`.
    package var hasBinaryPayloads: Bool {
        switch self {
        case .revision4: false
        }
    }

    /// Reads the body of a POST.
    package func payload(maxPackets: Int) -> EnginePayload {
        switch self {
        case .revision4: EnginePayload(maxPackets: maxPackets)
        }
    }

    /// Writes the body of a response.
    package func appendPayload(_ packets: [EnginePacket], to writer: ByteWriter) {
        switch self {
        case .revision4: EnginePayload.append(packets, to: writer)
        }
    }
}
