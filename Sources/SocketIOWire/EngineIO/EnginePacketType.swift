/// The first byte of a text packet (Protocol.md 2.1).
package enum EnginePacketType: UInt8, Sendable {
    /// Server to client, once: the handshake.
    case open = 0x30
    /// Either way over polling: ends the session.
    case close = 0x31
    /// Server to client: are you there?
    case ping = 0x32
    /// Client to server: yes.
    case pong = 0x33
    /// Either way: what the application sent.
    case message = 0x34
    /// Client to server over a probed WebSocket: from now on this one.
    case upgrade = 0x35
    /// Server to client: ends a poll that has nothing else to say.
    case noop = 0x36
}
