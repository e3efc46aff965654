package import NetLoop
package import SocketIOWire

/// What the WebSockets of a server have in common, or one of its own.
final class WebSocketSettings {
    let limits: WebSocketLimits
    /// How long the peer may take to answer a close frame.
    let closeTime: Duration
    /// How long the peer may take nothing of what waits for it.
    let stallTime: Duration
    /// How bytes are sent.
    let binaryForm: EngineBinaryForm
    /// There if it is agreed with one peer that messages may be compressed.
    let compression: MessageCompression?

    init(
        limits: WebSocketLimits, closeTime: Duration, stallTime: Duration, binaryForm: EngineBinaryForm = .bytes,
        compression: MessageCompression? = nil
    ) {
        self.compression = compression
        self.binaryForm = binaryForm
        self.limits = limits
        self.closeTime = closeTime
        self.stallTime = stallTime
    }

    /// The same, with compression.
    func compressing(_ compression: MessageCompression) -> WebSocketSettings {
        WebSocketSettings(
            limits: limits, closeTime: closeTime, stallTime: stallTime, binaryForm: binaryForm, compression: compression
        )
    }
}

/// Speaks RFC 6455 on a connection, as the server.
package final class WebSocketConnection {
    let connection: TCPConnection
    package let loop: EventLoop
    /// Nil while it reads.
    private var reader: WebSocketReader?
    /// Made when one side closes.
    private var closing: Closing?
    let settings: WebSocketSettings

    private final class Closing {
        var machine = WebSocketClosing(role: .server)
        var timer: TimerID?
        /// In words, of this side.
        var reason = ""
    }

    init(_ connection: TCPConnection, settings: WebSocketSettings, delegate: (any WebSocketDelegate)?) {
        self.connection = connection
        loop = connection.loop
        self.settings = settings
        reader = WebSocketReader(
            role: .server, limits: settings.limits, compresses: settings.compression != nil)
        connection.handler = delegate
    }

    /// Whether everything sent before this turn is with the kernel.
    package var isWritable: Bool { connection.isWritable }

    // MARK: Receiving

    /// Reads the messages that are whole with these bytes, until one of the calls closes the connection. Returns how the
    /// WebSocket ended, if these bytes ended it.
    ///
    /// - Parameter text: Takes a text message, which is UTF-8; the bytes are valid during the call.
    @inline(__always)
    func read(
        _ bytes: inout MutableSpan<UInt8>, text: (Span<UInt8>) -> Void, binary: ([UInt8]) -> Void
    ) -> WebSocketEnd? {
        // Taken out for as long as it reads: a local variable needs no tracking of accesses, for each message.
        guard var reader = self.reader.take() else { return nil }
        defer { self.reader = reader }
        var cursor = 0
        do {
            while cursor < bytes.count {
                if let range = try reader.nextText(&bytes, from: &cursor) {
                    if closing == nil { text(bytes.span.extracting(range)) }
                } else if let event = try reader.next(&bytes, from: &cursor) {
                    if let end = handle(event, bytes.span, text: text, binary: binary) { return end }
                }
                guard connection.isOpen else { return nil }
            }
        } catch {
            return fail(error)
        }
        return nil
    }

    /// Reads up to and with the next message, for whoever takes one at a time. Returns as `read` does.
    ///
    /// - Parameter closed: Takes what the peer says when it closes.
    func readNext(
        _ bytes: inout MutableSpan<UInt8>, from cursor: inout Int, text: (Span<UInt8>) -> Void,
        binary: ([UInt8]) -> Void, closed: (WebSocketCloseCode?, String) -> Void
    ) -> WebSocketEnd? {
        guard var reader = self.reader.take() else { return nil }
        defer { self.reader = reader }
        do {
            while connection.isOpen {
                guard let event = try reader.next(&bytes, from: &cursor) else { return nil }
                switch event {
                case .text, .binary, .compressed: return handle(event, bytes.span, text: text, binary: binary)
                case .ping, .pong: _ = handle(event, bytes.span, text: text, binary: binary)
                case .close(let code, reason: .inPlace(let range)):
                    closed(code, String(repairing: bytes.span.extracting(range)))
                    return receiveClose(code)
                case .close(let code, reason: .assembled(let reason)):
                    closed(code, String(repairing: reason.span))
                    return receiveClose(code)
                }
            }
        } catch {
            return fail(error)
        }
        cursor = bytes.count
        return nil
    }

    @inline(never)
    private func handle(
        _ event: WebSocketEvent, _ bytes: Span<UInt8>, text: (Span<UInt8>) -> Void, binary: ([UInt8]) -> Void
    ) -> WebSocketEnd? {
        if case .close(let code, reason: _) = event { return receiveClose(code) }
        guard closing == nil else { return nil }
        switch event {
        case .text(.inPlace(let range)): text(bytes.extracting(range))
        case .text(.assembled(let message)): text(message.span)
        case .binary(.inPlace(let range)): binary(Array(bytes.extracting(range)))
        case .binary(.assembled(let message)): binary(message)
        case .compressed(let kind, let payload): return inflate(kind, payload, text: text, binary: binary)
        case .ping(.inPlace(let range)): sendFrame(.pong, bytes.extracting(range))
        case .ping(.assembled(let payload)): sendFrame(.pong, payload.span)
        case .pong, .close: break
        }
        return nil
    }

    private func inflate(
        _ kind: WebSocketEvent.CompressedKind, _ payload: [UInt8], text: (Span<UInt8>) -> Void,
        binary: ([UInt8]) -> Void
    ) -> WebSocketEnd? {
        do throws(WebSocketFailure) {
            let message = try settings.compression?.inflate(kind, payload, limit: settings.limits.messageBytes) ?? []
            switch kind {
            case .text: text(message.span)
            case .binary: binary(message)
            }
            return nil
        } catch {
            return fail(error)
        }
    }

    // MARK: Closing

    /// Begins the close handshake after what was sent so far. The delegate hears nothing more.
    package func close(_ code: WebSocketCloseCode? = nil, reason: String = "") {
        guard closing == nil, connection.isOpen else { return }
        let closing = begunClosing()
        closing.reason = reason
        connection.handler = self
        act(on: closing.machine.close(code, now: loop.now, timeout: settings.closeTime))
        // The timer keeps this object alive for as long as the peer may take to answer.
        closing.timer = closing.machine.deadline.map { loop.schedule(self, at: $0) }
    }

    private func receiveClose(_ code: WebSocketCloseCode?) -> WebSocketEnd {
        act(on: begunClosing().machine.receiveClose(code, now: loop.now, timeout: settings.closeTime))
        return .closedByPeer
    }

    private func fail(_ failure: WebSocketFailure) -> WebSocketEnd {
        act(on: begunClosing().machine.fail(failure, now: loop.now, timeout: settings.closeTime))
        return .failed(failure)
    }

    private func begunClosing() -> Closing {
        let closing = closing ?? Closing()
        self.closing = closing
        return closing
    }

    private func act(on actions: [WebSocketClosing.Action]) {
        for action in actions {
            switch action {
            case .sendClose(let code): sendClose(code)
            case .disconnect: finish()
            }
        }
    }

    private func finish() {
        stopTimer()
        connection.finish()
    }

    private func stopTimer() {
        if let timer = closing?.timer { loop.cancel(timer) }
        closing?.timer = nil
    }

    private func sendClose(_ code: WebSocketCloseCode?) {
        let start = loop.beginOutput()
        WebSocketWriter.appendClose(code, reason: closing?.reason ?? "", to: loop.output)
        connection.enqueue(start..<loop.output.count)
    }
}

/// While the close handshake is going on: there is nobody else any more to hear from the peer.
extension WebSocketConnection: ConnectionHandler {
    package var stallTime: Duration? { settings.stallTime }

    package func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        _ = read(&bytes, text: { _ in }, binary: { _ in })
    }

    package func peerFinished(_ connection: TCPConnection) {
        finish()
    }

    package func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        stopTimer()
    }
}

extension WebSocketConnection: TimerTarget {
    package func timerFired(now: ContinuousClock.Instant) {
        closing?.timer = nil
        // What is left is not waited for: the peer had its time.
        if closing?.machine.handleTimeout(now: now).isEmpty == false { connection.close() }
    }
}
