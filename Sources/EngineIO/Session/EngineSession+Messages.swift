package import NetLoop
package import SocketIOWire

// The message path of a session: from the bytes of a WebSocket to the handler, and from there into frames. What comes and
// goes by polling is in `EngineSession+Polling`; what it is to fetch is queued here.

extension EngineSession {
    // MARK: Receiving

    @inline(__always)
    package func webSocket(on connection: TCPConnection) -> WebSocketConnection? {
        if let webSocket, webSocket.connection === connection { return webSocket }
        if let probe = polling?.probe, probe.connection === connection { return probe }
        return nil
    }

    package func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        guard let webSocket = webSocket(on: connection) else { return }
        var isTransport = webSocket === self.webSocket
        // Held for all messages of the turn, unless one of them passes the session on. Whatever ends the session closes
        // the WebSocket, which stops reading.
        var handler = handler
        handlerChanged = false
        let end = webSocket.read(&bytes) { text in
            guard isTransport else {
                receiveProbing(text.equals("2probe") ? .probe : text.equals("5") ? .upgrade : .other)
                isTransport = webSocket === self.webSocket
                return
            }
            if handlerChanged {
                handler = self.handler
                handlerChanged = false
            }
            if text.count > 0, text[0] == EnginePacketType.message.rawValue {
                handler?.received(text: text.extracting(1..<text.count))
            } else {
                receiveOther(text)
            }
        } binary: { message in
            if isTransport {
                receiveBinary(message)
            } else {
                receiveProbing(.other)
            }
        }
        if let end { webSocketEnded(webSocket, because: end) }
    }

    /// A packet over the WebSocket that is to become the transport.
    @inline(never)
    private func receiveProbing(_ packet: EngineUpgrade.Packet) {
        advance { [now = shard.now] in $0.receiveProbe(packet, now: now) }
    }

    /// A text over the WebSocket that the session uses, and that is no text message.
    @inline(never)
    private func receiveOther(_ text: Span<UInt8>) {
        if text.count > 0, text[0] == EnginePayload.binaryMark {
            // Protocol.md 2.2: a client may write bytes as over polling.
            receive(bytesAsText: text)
        } else if text.count > 0, let type = EnginePacketType(rawValue: text[0]) {
            receive(type)
        } else {
            violate("a message that is no packet", because: .parseError)
        }
    }

    private func receive(bytesAsText text: Span<UInt8>) {
        switch dialect {
        case .revision4: handler?.received(binary: Base64.decodeForgiving(text.extracting(1..<text.count)))
        case .revision3:
            guard let bytes = EngineRevision3Payload.bytes(ofText: text) else {
                return violate("bytes that are no message", because: .parseError)
            }
            handler?.received(binary: bytes)
        }
    }

    private func receiveBinary(_ message: [UInt8]) {
        switch dialect {
        case .revision4: handler?.received(binary: message)
        case .revision3:
            // Other types mean nothing as bytes, and the official server ignores them.
            if let bytes = EngineBinaryForm.untyped(message.span) { handler?.received(binary: bytes) }
        }
    }

    // MARK: Sending

    /// Sends a text message.
    @inline(__always)
    package func send(text: Span<UInt8>) {
        if let webSocket {
            webSocket.send(text: text, prefix: EnginePacketType.message.rawValue)
        } else {
            queue(.text(.message, Array(text)))
        }
    }

    /// Sends as a text message what the loop's scratch holds from `start` on.
    package func send(scratchFrom start: Int) {
        // Moved out and back: to hold it once more would cost each message two atomic operations.
        if let webSocket = webSocket.take() {
            webSocket.send(scratchFrom: start, prefix: EnginePacketType.message.rawValue)
            self.webSocket = webSocket
        } else {
            let scratch = loop.scratch
            queue(.text(.message, scratch.array(in: start..<scratch.count)))
        }
    }

    /// Sends a text message of about `count` bytes that `body` appends to the loop's output, without a copy; false if
    /// there is no WebSocket: polling's messages go through the scratch.
    ///
    /// - Parameter body: Runs no code of the application, which could send something itself.
    package func sendMessage(ofAbout count: Int, _ body: (ByteWriter) -> Void) -> Bool {
        guard let webSocket = webSocket.take() else { return false }
        webSocket.sendText(prefix: EnginePacketType.message.rawValue, ofAbout: count, body)
        self.webSocket = webSocket
        return true
    }

    /// Sends a text message that goes to several sessions of this loop.
    package func send(_ message: inout SharedMessage) {
        if let webSocket = webSocket.take() {
            webSocket.send(&message)
            self.webSocket = webSocket
        } else {
            queue(.text(.message, message.text))
        }
    }

    package func send(binary: [UInt8]) {
        if let webSocket {
            webSocket.send(bytes: binary)
        } else {
            queue(.binary(binary))
        }
    }

    /// Keeps a packet for the client to fetch, with the end of this turn at the earliest.
    private func queue(_ packet: EnginePacket) {
        if machine.queue(packet, rules: shard.sessionRules) { shard.noteUnsent(self) }
        polling?.held.set(machine.heldByteCount)
        publish(unsent: machine.heldByteCount)
    }
}
