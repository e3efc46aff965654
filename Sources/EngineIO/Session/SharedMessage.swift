package import NetLoop
internal import SocketIOWire

/// A text message for several sessions of one loop, framed once.
///
/// Valid until the caller returns to the loop: the frame lies in this turn's output.
package struct SharedMessage {
    let text: [UInt8]
    private var frame: Range<Int>
    private var generation: Int

    package init(_ text: [UInt8], on loop: EventLoop) {
        self.text = text
        frame = Self.append(text, on: loop)
        generation = loop.outputGeneration
    }

    /// Where the frame lies; it is written again if the loop sent its output meanwhile, because there was so much.
    mutating func frame(on loop: EventLoop) -> Range<Int> {
        if generation != loop.outputGeneration {
            frame = Self.append(text, on: loop)
            generation = loop.outputGeneration
        }
        return frame
    }

    private static func append(_ text: [UInt8], on loop: EventLoop) -> Range<Int> {
        let start = loop.beginOutput()
        WebSocketConnection.appendText(text.span, prefix: EnginePacketType.message.rawValue, to: loop.output)
        let frame = start..<loop.output.count
        loop.noteShared(frame)
        return frame
    }
}
