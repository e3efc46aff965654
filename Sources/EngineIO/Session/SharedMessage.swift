package import NetLoop
internal import SocketIOWire

/// A text message for several sessions of one loop, framed once.
///
/// Valid until the caller returns to the loop: the frame lies in this turn's output.
package struct SharedMessage {
    let text: [UInt8]
    let frame: Range<Int>

    package init(_ text: [UInt8], on loop: EventLoop) {
        self.text = text
        let start = loop.beginOutput()
        WebSocketConnection.appendText(text.span, prefix: EnginePacketType.message.rawValue, to: loop.output)
        frame = start..<loop.output.count
    }
}
