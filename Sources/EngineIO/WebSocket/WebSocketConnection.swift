package import NetLoop
package import SocketIOWire

/// Who uses a WebSocket. Called on the connection's loop.
protocol WebSocketDelegate: AnyObject {
    /// Bytes arrived: the messages in them are read with `WebSocketConnection.read`.
    func receive(_ bytes: inout MutableSpan<UInt8>, on webSocket: WebSocketConnection)
    /// The last call: the connection is gone or going, not by `close`.
    func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd)
}

/// How a WebSocket ended.
package enum WebSocketEnd: Sendable {
    /// The peer closed it, with or without a close frame.
    case closedByPeer
    /// The peer broke RFC 6455 or a limit; it was told so.
    case failed(WebSocketFailure)
    /// The connection broke, or its output grew over the limit.
    case broken
}

/// What the WebSockets of a server have in common.
final class WebSocketSettings: Sendable {
    let limits: WebSocketLimits
    /// How long the peer may take to answer a close frame.
    let closeTime: Duration
    /// Unsent bytes at which a connection is given up.
    let outputLimit: Int

    init(limits: WebSocketLimits, closeTime: Duration, outputLimit: Int) {
        self.limits = limits
        self.closeTime = closeTime
        self.outputLimit = outputLimit
    }
}

/// Speaks RFC 6455 on a connection, as the server.
package final class WebSocketConnection: ConnectionHandler {
    private let connection: TCPConnection
    package let loop: EventLoop
    /// Nil while it reads.
    private var reader: WebSocketReader?
    /// Whether neither side has begun to close: what every message asks.
    private var isOpen = true
    /// Made when one side closes.
    private var closing: Closing?
    private var delegate: (any WebSocketDelegate)?
    private let settings: WebSocketSettings

    private final class Closing {
        var machine = WebSocketClosing(role: .server)
    }

    /// Larger messages are sent from where they are, not copied into the loop's output.
    private static let copyLimit = 16 * 1024

    init(_ connection: TCPConnection, settings: WebSocketSettings, delegate: (any WebSocketDelegate)?) {
        self.connection = connection
        loop = connection.loop
        self.settings = settings
        self.delegate = delegate
        reader = WebSocketReader(role: .server, limits: settings.limits)
        connection.handler = self
    }

    package var outputLimit: Int { settings.outputLimit }

    /// Whether everything sent before this turn is with the kernel.
    package var isWritable: Bool { connection.isWritable }

    // MARK: Receiving

    package func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        if let delegate {
            delegate.receive(&bytes, on: self)
        } else {
            // After a close the peer's answer is awaited, and nothing else.
            read(&bytes, text: { _ in }, binary: { _ in })
        }
    }

    /// Reads the messages that are whole with these bytes, until one of the calls closes the connection.
    ///
    /// - Parameter text: Takes a text message, which is UTF-8; the bytes are valid during the call.
    @inline(__always)
    func read(_ bytes: inout MutableSpan<UInt8>, text: (Span<UInt8>) -> Void, binary: ([UInt8]) -> Void) {
        // Taken out for as long as it reads: a local variable needs no tracking of accesses, for each message.
        guard var reader = self.reader.take() else { return }
        defer { self.reader = reader }
        var cursor = 0
        do {
            while cursor < bytes.count {
                if let range = try reader.nextText(&bytes, from: &cursor) {
                    if isOpen { text(bytes.span.extracting(range)) }
                } else if let event = try reader.next(&bytes, from: &cursor) {
                    handle(event, bytes.span, text: text, binary: binary)
                }
                guard connection.isOpen else { return }
            }
        } catch {
            fail(error)
        }
    }

    @inline(never)
    private func handle(
        _ event: WebSocketEvent, _ bytes: Span<UInt8>, text: (Span<UInt8>) -> Void, binary: ([UInt8]) -> Void
    ) {
        guard isOpen else { return handleControl(event, bytes) }
        switch event {
        case .text(.inPlace(let range)): text(bytes.extracting(range))
        case .text(.assembled(let message)): text(message.span)
        case .binary(.inPlace(let range)): binary(Array(bytes.extracting(range)))
        case .binary(.assembled(let message)): binary(message)
        case .ping, .pong, .close: handleControl(event, bytes)
        }
    }

    private func handleControl(_ event: WebSocketEvent, _ bytes: Span<UInt8>) {
        switch event {
        case .ping(let payload):
            guard isOpen else { return }
            switch payload {
            case .inPlace(let range): sendFrame(.pong, bytes.extracting(range))
            case .assembled(let bytes): sendFrame(.pong, bytes.span)
            }
        case .close(let code, reason: _):
            receiveClose(code)
        case .pong, .text, .binary:
            break
        }
    }

    private func receiveClose(_ code: WebSocketCloseCode?) {
        let answer = begunClosing().machine.receiveClose(code, now: loop.now, timeout: settings.closeTime)
        if case .sendClose(let code) = answer {
            sendClose(code)
        }
        // RFC 6455 7.1.1: the server ends the TCP connection first.
        end(because: .closedByPeer)
        connection.finish()
    }

    private func fail(_ failure: WebSocketFailure) {
        let answer = begunClosing().machine.fail(failure, now: loop.now, timeout: settings.closeTime)
        if case .sendClose(let code) = answer {
            sendClose(code)
        }
        end(because: .failed(failure))
        connection.finish()
    }

    package func peerFinished(_ connection: TCPConnection) {
        end(because: .closedByPeer)
        connection.finish()
    }

    package func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        switch reason {
        case .closedByPeer: end(because: .closedByPeer)
        case .failed, .insecure, .outputLimit: end(because: .broken)
        }
    }

    private func begunClosing() -> Closing {
        isOpen = false
        let closing = closing ?? Closing()
        self.closing = closing
        return closing
    }

    private func end(because end: WebSocketEnd) {
        _ = begunClosing().machine.receiveEnd()
        let delegate = delegate
        self.delegate = nil
        delegate?.webSocketEnded(self, because: end)
    }

    // MARK: Sending

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

    package func send(binary: [UInt8]) {
        guard binary.count > Self.copyLimit else { return sendFrame(.binary, binary.span) }
        let start = loop.beginOutput()
        WebSocketWriter.appendHeader(.binary, payloadCount: binary.count, to: loop.output)
        connection.enqueue(start..<loop.output.count)
        connection.send(binary)
    }

    package func send(text: [UInt8]) {
        sendFrame(.text, text.span)
    }

    private func sendFrame(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>) {
        let start = loop.beginOutput()
        WebSocketWriter.appendFrame(opcode, payload, to: loop.output)
        connection.enqueue(start..<loop.output.count)
    }

    private func sendClose(_ code: WebSocketCloseCode?) {
        let start = loop.beginOutput()
        WebSocketWriter.appendClose(code, to: loop.output)
        connection.enqueue(start..<loop.output.count)
    }

    /// Begins the close handshake after what was sent so far. The delegate hears nothing more.
    package func close(_ code: WebSocketCloseCode? = nil) {
        delegate = nil
        let action = begunClosing().machine.close(code, now: loop.now, timeout: settings.closeTime)
        guard case .sendClose(let code) = action else { return }
        sendClose(code)
        // The timer keeps this object alive for as long as the peer may take to answer.
        _ = loop.schedule(self, at: loop.now.advanced(by: settings.closeTime))
    }
}

extension WebSocketConnection: TimerTarget {
    package func timerFired(now: ContinuousClock.Instant) {
        connection.close()
    }
}
