internal import SocketIOWire

/// An event on its way out: encoded, and not sent yet.
struct OutgoingPacket: Sendable {
    /// With the Engine.IO type in front.
    let text: [UInt8]
    let attachments: [[UInt8]]
    /// The acknowledgement that is asked for.
    let ackID: UInt64?

    var byteCount: Int { attachments.reduce(text.count) { $0 + $1.count } }
}
