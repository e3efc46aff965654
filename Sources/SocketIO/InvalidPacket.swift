internal import SocketIOWire

/// A client has sent what is no packet, or one that it may not send (Protocol.md 4.5): what `Socket.onError` hears before the
/// connection is closed.
public struct InvalidPacket: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong with it, for a log; nothing of what the client sent.
    public let description: String

    init(_ violation: ProtocolViolation) {
        description = violation.detail.description
    }
}
