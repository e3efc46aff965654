internal import NetLoop
package import SocketIOWire

extension WebSocketConnection {
    /// Larger messages are sent from where they are, not copied into the loop's output.
    private static var copyLimit: Int { 16 * 1024 }

    /// Sends a text message that consists of `prefix` and `text`.
    @inline(__always)
    package func send(text: Span<UInt8>, prefix: UInt8) {
        let start = loop.beginOutput()
        Self.appendText(text, prefix: prefix, to: loop.output)
        connection.enqueue(start..<loop.output.count)
    }

    /// Sends a text message that consists of `prefix` and what the loop's scratch holds from `start` on.
    func send(scratchFrom start: Int, prefix: UInt8) {
        connection.enqueue(Self.appendText(prefix: prefix, scratchFrom: start, on: loop))
    }

    private static func appendText(prefix: UInt8, scratchFrom start: Int, on loop: EventLoop) -> Range<Int> {
        let begin = loop.beginOutput()
        return begin..<WebSocketWriter.appendText(prefix: prefix, loop.scratch, from: start, to: loop.output)
    }

    /// Sends a text message, of about `count` bytes, that consists of `prefix` and what `body` appends.
    func sendText(prefix: UInt8, ofAbout count: Int, _ body: (ByteWriter) -> Void) {
        connection.enqueue(Self.appendText(prefix: prefix, ofAbout: count, on: loop, body))
    }

    @inline(never)
    private static func appendText(
        prefix: UInt8, ofAbout count: Int, on loop: EventLoop, _ body: (ByteWriter) -> Void
    ) -> Range<Int> {
        _ = loop.beginOutput()
        return WebSocketWriter.appendText(prefix: prefix, ofAbout: count, to: loop.output, body)
    }

    /// Writes the frame of a text message, to be sent to several with `enqueue`.
    @inline(__always)
    package static func appendText(_ text: Span<UInt8>, prefix: UInt8, to output: ByteWriter) {
        WebSocketWriter.appendHeader(.text, payloadCount: text.count + 1, to: output)
        output.append(prefix)
        output.append(text)
    }

    /// Sends a message that goes to several.
    func send(_ message: inout SharedMessage) {
        connection.enqueue(message.frame(on: loop))
    }

    /// Sends frames that are in the loop's output already.
    @inline(__always)
    package func enqueue(_ range: Range<Int>) {
        connection.enqueue(range)
    }

    /// Sends bytes, in the form that the peer takes.
    func send(bytes: [UInt8]) {
        switch settings.binaryForm {
        case .bytes: send(binary: bytes)
        case .text: send(asText: bytes, typed: false)
        case .typedBytes: send(typed: bytes)
        case .typedText: send(asText: bytes, typed: true)
        }
    }

    package func send(binary: [UInt8]) {
        guard binary.count > Self.copyLimit else { return sendFrame(.binary, binary.span) }
        let start = loop.beginOutput()
        WebSocketWriter.appendHeader(.binary, payloadCount: binary.count, to: loop.output)
        connection.enqueue(start..<loop.output.count)
        connection.send(binary)
    }

    /// Sends bytes behind the type of their packet (Protocol.md 9.3).
    private func send(typed bytes: [UInt8]) {
        let start = loop.beginOutput()
        WebSocketWriter.appendHeader(.binary, payloadCount: bytes.count + 1, to: loop.output)
        loop.output.append(EngineBinaryForm.messageType)
        let isSmall = bytes.count <= Self.copyLimit
        if isSmall { loop.output.append(bytes) }
        connection.enqueue(start..<loop.output.count)
        if !isSmall { connection.send(bytes) }
    }

    /// Sends bytes as a polling payload has them, in a text message (Protocol.md 2.2).
    private func send(asText bytes: [UInt8], typed: Bool) {
        let scratch = loop.scratch
        let start = scratch.count
        if typed { scratch.append(EnginePacketType.message.rawValue) }
        Base64.encode(bytes.span, into: scratch)
        send(scratchFrom: start, prefix: EnginePayload.binaryMark)
        scratch.truncate(to: start)
    }

    package func send(text: [UInt8]) {
        sendFrame(.text, text.span)
    }

    func sendFrame(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>) {
        let start = loop.beginOutput()
        WebSocketWriter.appendFrame(opcode, payload, to: loop.output)
        connection.enqueue(start..<loop.output.count)
    }
}
