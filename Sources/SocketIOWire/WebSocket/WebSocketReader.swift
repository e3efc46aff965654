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
        case payload(PartialPayload)
        /// After a close frame or a failure: everything that follows is discarded (RFC 6455 1.4, 7.1.7).
        case ended
    }

    private struct PartialHeader {
        var bytes = InlineArray<14, UInt8>(repeating: 0)
        var count: UInt8 = 0
    }

    private struct PartialPayload {
        var missing: Int
        /// Rotated so that its highest bits meet the next byte.
        var maskingKey: UInt32
        let opcode: WebSocketOpcode
        let isFinal: Bool
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
            let event: WebSocketEvent?
            switch phase {
            case .betweenFrames:
                guard let header = try header(bytes.span, at: &cursor) else { return nil }
                event = try begin(header, &bytes, at: &cursor)
            case .header(var partial):
                guard let header = try complete(&partial, from: bytes.span, at: &cursor) else {
                    phase = .header(partial)
                    return nil
                }
                phase = .betweenFrames
                event = try begin(header, &bytes, at: &cursor)
            case .payload(let partial):
                event = try collect(partial, from: &bytes, at: &cursor)
            case .ended:
                cursor = bytes.count
                return nil
            }
            if let event { return event }
        }
        return nil
    }

    // MARK: Headers

    /// The header at `cursor`; nil if the chunk ends inside it, which is then kept.
    @inline(__always)
    private mutating func header(
        _ bytes: Span<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketFrameHeader? {
        let available = bytes.count &- cursor
        if available >= 2 {
            let size = try WebSocketFrameHeader.size(
                first: bytes[cursor], second: bytes[cursor &+ 1], receivedBy: role)
            if available >= size {
                let header = try WebSocketFrameHeader(bytes, at: cursor, size: size)
                cursor &+= size
                return header
            }
        }
        var partial = PartialHeader()
        while cursor < bytes.count {
            partial.bytes[Int(partial.count)] = bytes[cursor]
            partial.count &+= 1
            cursor &+= 1
        }
        phase = .header(partial)
        return nil
    }

    /// The header that began in an earlier chunk, or nil if it is still not whole.
    private func complete(
        _ partial: inout PartialHeader, from bytes: Span<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketFrameHeader? {
        while cursor < bytes.count {
            partial.bytes[Int(partial.count)] = bytes[cursor]
            partial.count &+= 1
            cursor &+= 1
            guard partial.count >= 2 else { continue }
            let size = try WebSocketFrameHeader.size(
                first: partial.bytes[0], second: partial.bytes[1], receivedBy: role)
            if partial.count == size { return try WebSocketFrameHeader(partial.bytes.span, at: 0, size: size) }
        }
        return nil
    }

    // MARK: Payloads

    /// Checks the frame against the message in progress and the limits, then reads as much of it as is there.
    @inline(__always)
    private mutating func begin(
        _ header: WebSocketFrameHeader, _ bytes: inout MutableSpan<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        if !header.opcode.isControl { try admit(header) }
        let isWhole = header.isFinal && header.payloadCount <= UInt64(truncatingIfNeeded: bytes.count &- cursor)
        // Admitted, so not above the limits: an `Int`.
        let count = Int(truncatingIfNeeded: header.payloadCount)
        if isWhole, header.opcode != .continuation {
            let range = cursor..<(cursor &+ count)
            cursor = range.upperBound
            if header.maskingKey != 0 { Masking.apply(header.maskingKey, to: &bytes, in: range) }
            return try event(header.opcode, in: range, of: bytes.span)
        }
        if !header.opcode.isControl { try beginFragment(header) }
        let partial = PartialPayload(
            missing: count, maskingKey: header.maskingKey, opcode: header.opcode, isFinal: header.isFinal)
        return try collect(partial, from: &bytes, at: &cursor)
    }

    @inline(__always)
    private func admit(_ header: WebSocketFrameHeader) throws(WebSocketFailure) {
        // RFC 6455 5.4: the fragments of a message follow one another; no other message stands between them.
        switch message {
        case .none:
            guard header.opcode != .continuation else {
                throw WebSocketFailure(.protocolError, "a continuation of no message")
            }
        case .text, .binary:
            guard header.opcode == .continuation else {
                throw WebSocketFailure(.protocolError, "a message began before the last one ended")
            }
        }
        guard header.payloadCount <= UInt64(truncatingIfNeeded: limits.messageBytes &- assembled.count) else {
            throw WebSocketFailure(.messageTooBig, "a message over the limit of bytes")
        }
    }

    /// Enters a frame of a message that is not reported in place.
    private mutating func beginFragment(_ header: WebSocketFrameHeader) throws(WebSocketFailure) {
        switch header.opcode {
        case .text: message = .text
        case .binary: message = .binary
        case .continuation, .close, .ping, .pong: break
        }
        fragments &+= 1
        consecutiveEmptyFragments = header.payloadCount == 0 ? consecutiveEmptyFragments &+ 1 : 0
        guard fragments <= limits.fragments, consecutiveEmptyFragments <= limits.consecutiveEmptyFragments else {
            throw WebSocketFailure(.messageTooBig, "a message over the limit of fragments")
        }
    }

    /// The event of a frame that lies whole and unmasked in the chunk.
    @inline(__always)
    private mutating func event(
        _ opcode: WebSocketOpcode, in range: Range<Int>, of bytes: Span<UInt8>
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        switch opcode {
        case .text:
            guard (try? UTF8Span(validating: bytes.extracting(range))) != nil else { throw .notUTF8 }
            return .text(.inPlace(range))
        case .binary: return .binary(.inPlace(range))
        case .ping: return .ping(.inPlace(range))
        case .pong: return .pong
        case .close:
            let code = try closeCode(bytes.extracting(range))
            end()
            return .close(
                code, reason: .inPlace((code == nil ? range.lowerBound : range.lowerBound &+ 2)..<range.upperBound))
        case .continuation: return nil
        }
    }

    /// Takes the next piece of a payload out of the chunk.
    private mutating func collect(
        _ partial: PartialPayload, from bytes: inout MutableSpan<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        var partial = partial
        let count = min(partial.missing, bytes.count &- cursor)
        let range = cursor..<(cursor &+ count)
        cursor = range.upperBound
        if partial.maskingKey != 0 { Masking.apply(partial.maskingKey, to: &bytes, in: range) }
        let piece = bytes.span.extracting(range)
        if partial.opcode.isControl {
            control.append(piece)
        } else {
            if case .text = message {
                guard utf8.accept(piece) else { throw .notUTF8 }
            }
            makeRoom(for: count, of: partial.missing)
            assembled.append(piece)
        }
        partial.missing &-= count
        if partial.missing > 0 {
            partial.maskingKey = Masking.rotate(partial.maskingKey, by: count)
            phase = .payload(partial)
            return nil
        }
        phase = .betweenFrames
        if partial.opcode.isControl { return try finishControl(partial.opcode) }
        return partial.isFinal ? try finishMessage() : nil
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
        guard (try? UTF8Span(validating: payload.extracting(2..<payload.count))) != nil else { throw .notUTF8 }
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
