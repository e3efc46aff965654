/// How bytes travel over a WebSocket (Protocol.md 2.2 and 9.3).
package enum EngineBinaryForm: Int, CaseIterable, Sendable {
    /// As a binary message.
    case bytes
    /// As base64 behind `b`, in a text message.
    case text
    /// As a binary message behind the type of their packet.
    case typedBytes
    /// As base64 behind `b4`, in a text message.
    case typedText

    /// The type of a packet of bytes, where it has one: that of a message, as a number.
    package static let messageType: UInt8 = 4

    /// The bytes of a binary message of Engine.IO 3; nil for a packet of another type, or of none.
    package static func untyped(_ message: Span<UInt8>) -> [UInt8]? {
        guard message.count > 0, message[0] == messageType else { return nil }
        return Array(message.extracting(1..<message.count))
    }
}
