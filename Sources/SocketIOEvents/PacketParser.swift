/// How the packets of Socket.IO are written: a server and all of its clients have to use the same.
public enum PacketParser: Sendable, Hashable {
    /// Text with JSON in it, and bytes beside it: what everybody speaks unless told otherwise.
    case json
    /// One binary message for each packet, as `socket.io-msgpack-parser` and python-socketio's `serializer="msgpack"` write
    /// it (Protocol.md 4.6). Bytes stand where they belong, in up to 9 999 places.
    ///
    /// It costs more than JSON does, which is what handlers get and give in any case. Dates of JavaScript arrive as the
    /// texts that JSON has for them.
    case msgpack
}
