/// Turns received bytes into WebSocket messages (RFC 6455 5 and 6.2).
///
/// A frame that lies whole in the chunk is unmasked where it is and reported as a range of the chunk: no copy and no
/// allocation. Anything else is collected in the reader, so a chunk is always used up and its memory can be reused.
/// Every idle connection holds one of these, hence the compact fields.
package struct WebSocketReader {
    private enum Phase {
        /// Between two frames.
        case betweenFrames
        /// The chunk ended inside a header.
        case header(PartialHeader)
        /// The chunk ended inside a payload.
        case payload(Frame)
        /// After a close frame or a failure: everything that follows is discarded (RFC 6455 1.4, 7.1.7).
        case ended
    }

    private struct PartialHeader {
        var bytes = InlineArray<14, UInt8>(repeating: 0)
        var count: UInt8 = 0
    }

    /// A frame, or what has not arrived of it.
    private struct Frame {
        /// Bytes of payload.
        var missing: Int
        /// Rotated so that its highest bits meet the next byte.
        var maskingKey: UInt32
        let opcode: WebSocketOpcode
        let isFinal: Bool

        @inline(__always)
        init(_ header: WebSocketFrameHeader, _ bytes: Span<UInt8>, at offset: Int) throws(WebSocketFailure) {
            missing = try header.payloadCount(bytes, at: offset)
            maskingKey = header.maskingKey(bytes, at: offset)
            opcode = header.opcode
            isFinal = header.isFinal
        }
    }

    /// The data message of which some, but not all, has arrived.
    private enum Message {
        case none
        case text
        case binary
    }

    private var phase = Phase.betweenFrames
    private var message = Message.none
    private let role: WebSocketRole
    private var utf8 = UTF8Progress()
    private var consecutiveEmptyFragments: UInt16 = 0
    private var fragments: UInt32 = 0
    private let limits: WebSocketLimits
    /// The payload of `message` so far, unmasked.
    private var assembled: [UInt8] = []
    /// The payload so far of a control frame that did not arrive at once: at most 125 bytes.
    private var control: [UInt8] = []

    package init(role: WebSocketRole, limits: WebSocketLimits = WebSocketLimits()) {
        self.role = role
        self.limits = limits
    }

    /// The next event in `bytes` at or after `cursor`, or nil when the chunk is used up.
    ///
    /// Call it until it returns nil, and then with the next chunk from zero.
    package mutating func next(
        _ bytes: inout MutableSpan<UInt8>, from cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        do {
            return try advance(&bytes, from: &cursor)
        } catch {
            end()
            cursor = bytes.count
            throw error
        }
    }

    @inline(__always)
    private mutating func advance(
        _ bytes: inout MutableSpan<UInt8>, from cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        while cursor < bytes.count {
            switch phase {
            case .betweenFrames:
                let available = bytes.count &- cursor
                guard available >= 2 else {
                    keepHeader(from: bytes.span, at: &cursor)
                    return nil
                }
                let header = try WebSocketFrameHeader(
                    first: bytes[cursor], second: bytes[cursor &+ 1], receivedBy: role)
                guard available >= header.size else {
                    keepHeader(from: bytes.span, at: &cursor)
                    return nil
                }
                let frame = try Frame(header, bytes.span, at: cursor)
                cursor &+= header.size
                try admit(frame)
                if frame.isFinal, frame.missing <= bytes.count &- cursor, frame.opcode != .continuation {
                    return try event(frame, in: &bytes, at: &cursor)
                }
                if let event = try collectFirst(frame, from: &bytes, at: &cursor) { return event }
            case .header(var partial):
                guard let frame = try complete(&partial, from: bytes.span, at: &cursor) else {
                    phase = .header(partial)
                    return nil
                }
                phase = .betweenFrames
                try admit(frame)
                if let event = try collectFirst(frame, from: &bytes, at: &cursor) { return event }
            case .payload(let frame):
                if let event = try collect(frame, from: &bytes, at: &cursor) { return event }
            case .ended:
                cursor = bytes.count
            }
        }
        return nil
    }

    // MARK: Headers

    /// Keeps the header that begins at `cursor` and is cut off by the end of the chunk.
    private mutating func keepHeader(from bytes: Span<UInt8>, at cursor: inout Int) {
        var partial = PartialHeader()
        while cursor < bytes.count {
            partial.bytes[Int(partial.count)] = bytes[cursor]
            partial.count &+= 1
            cursor &+= 1
        }
        phase = .header(partial)
    }

    /// The frame whose header began in an earlier chunk, or nil if the header is still not whole.
    private func complete(
        _ partial: inout PartialHeader, from bytes: Span<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> Frame? {
        while cursor < bytes.count {
            partial.bytes[Int(partial.count)] = bytes[cursor]
            partial.count &+= 1
            cursor &+= 1
            guard partial.count >= 2 else { continue }
            let header = try WebSocketFrameHeader(
                first: partial.bytes[0], second: partial.bytes[1], receivedBy: role)
            if partial.count == header.size { return try Frame(header, partial.bytes.span, at: 0) }
        }
        return nil
    }

    /// Checks the frame against the message in progress and the limit of bytes.
    @inline(__always)
    private func admit(_ frame: Frame) throws(WebSocketFailure) {
        guard !frame.opcode.isControl else { return }
        // RFC 6455 5.4: the fragments of a message follow one another; no other message stands between them.
        switch message {
        case .none:
            guard frame.opcode != .continuation else {
                throw WebSocketFailure(.protocolError, "a continuation of no message")
            }
        case .text, .binary:
            guard frame.opcode == .continuation else {
                throw WebSocketFailure(.protocolError, "a message began before the last one ended")
            }
        }
        guard frame.missing <= limits.messageBytes &- assembled.count else {
            throw WebSocketFailure(.messageTooBig, "a message over the limit of bytes")
        }
    }

    /// Enters a frame of a message that cannot be reported in place.
    private mutating func beginFragment(_ frame: Frame) throws(WebSocketFailure) {
        switch frame.opcode {
        case .text: message = .text
        case .binary: message = .binary
        case .continuation: break
        case .close, .ping, .pong: return
        }
        fragments &+= 1
        consecutiveEmptyFragments = frame.missing == 0 ? consecutiveEmptyFragments &+ 1 : 0
        guard fragments <= limits.fragments, consecutiveEmptyFragments <= limits.consecutiveEmptyFragments else {
            throw WebSocketFailure(.messageTooBig, "a message over the limit of fragments")
        }
    }

    // MARK: Payloads

    /// The event of a frame that lies whole in the chunk.
    @inline(__always)
    private mutating func event(
        _ frame: Frame, in bytes: inout MutableSpan<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        let range = cursor..<(cursor &+ frame.missing)
        cursor = range.upperBound
        let isASCII = Masking.apply(frame.maskingKey, to: &bytes, in: range)
        switch frame.opcode {
        case .text:
            guard isASCII || bytes.span.isUTF8(in: range) else { throw .notUTF8 }
            return .text(.inPlace(range))
        case .binary: return .binary(.inPlace(range))
        case .ping: return .ping(.inPlace(range))
        case .pong: return .pong
        case .close:
            let code = try closeCode(bytes.span.extracting(range))
            end()
            let reason = (code == nil ? range.upperBound : range.lowerBound &+ 2)..<range.upperBound
            return .close(code, reason: .inPlace(reason))
        case .continuation: return nil
        }
    }

    private mutating func collectFirst(
        _ frame: Frame, from bytes: inout MutableSpan<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        try beginFragment(frame)
        return try collect(frame, from: &bytes, at: &cursor)
    }

    /// Takes the next piece of a payload out of the chunk.
    private mutating func collect(
        _ frame: Frame, from bytes: inout MutableSpan<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        let count = min(frame.missing, bytes.count &- cursor)
        let range = cursor..<(cursor &+ count)
        cursor = range.upperBound
        let isASCII = Masking.apply(frame.maskingKey, to: &bytes, in: range)
        let piece = bytes.span.extracting(range)
        if frame.opcode.isControl {
            control.append(piece)
        } else {
            if case .text = message, !(isASCII && utf8.isComplete) {
                guard utf8.accept(piece) else { throw .notUTF8 }
            }
            makeRoom(for: count, of: frame.missing)
            assembled.append(piece)
        }
        guard count == frame.missing else {
            var rest = frame
            rest.missing &-= count
            rest.maskingKey = Masking.rotate(frame.maskingKey, by: count)
            phase = .payload(rest)
            return nil
        }
        phase = .betweenFrames
        if frame.opcode.isControl { return try finishControl(frame.opcode) }
        return frame.isFinal ? try finishMessage() : nil
    }

    /// Grows `assembled` in few steps, but by what has arrived: the length a peer claims reserves nothing.
    private mutating func makeRoom(for count: Int, of missing: Int) {
        let needed = assembled.count &+ count
        guard assembled.capacity < needed else { return }
        assembled.reserveCapacity(max(min(needed &* 4, assembled.count &+ missing), assembled.capacity &* 2))
    }

    private mutating func finishMessage() throws(WebSocketFailure) -> WebSocketEvent? {
        guard utf8.isComplete else { throw .notUTF8 }
        let finished = message
        let payload = WebSocketPayload.assembled(assembled)
        message = .none
        assembled = []
        fragments = 0
        consecutiveEmptyFragments = 0
        switch finished {
        case .none: return nil
        case .text: return .text(payload)
        case .binary: return .binary(payload)
        }
    }

    private mutating func finishControl(_ opcode: WebSocketOpcode) throws(WebSocketFailure) -> WebSocketEvent? {
        let payload = control
        control = []
        switch opcode {
        case .ping: return .ping(.assembled(payload))
        case .pong: return .pong
        case .close:
            let code = try closeCode(payload.span)
            end()
            return .close(code, reason: .assembled(Array(payload.dropFirst(2))))
        case .continuation, .text, .binary: return nil
        }
    }

    // MARK: The end

    /// The code of a close frame, whose payload is checked (RFC 6455 5.5.1 and 7.4).
    private func closeCode(_ payload: Span<UInt8>) throws(WebSocketFailure) -> WebSocketCloseCode? {
        guard payload.count > 0 else { return nil }
        guard payload.count >= 2 else { throw WebSocketFailure(.protocolError, "half a close code") }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.maySend else { throw WebSocketFailure(.protocolError, "a close code that may not be sent") }
        guard payload.isUTF8(in: 2..<payload.count) else { throw .notUTF8 }
        return code
    }

    private mutating func end() {
        phase = .ended
        assembled = []
        control = []
    }
}

extension WebSocketFailure {
    fileprivate static let notUTF8 = WebSocketFailure(.invalidPayload, "a text that is not UTF-8")
}
