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

    /// What has arrived of a message, and of a control frame between its fragments.
    ///
    /// Elsewhere, because most messages arrive at once and most connections are idle.
    private final class Collection {
        /// The payload of `message` so far, unmasked.
        var assembled: [UInt8] = []
        /// The payload so far of a control frame that did not arrive at once: at most 125 bytes.
        var control: [UInt8] = []
        var fragments = 0
        var consecutiveEmptyFragments = 0

        /// Grows `assembled` in few steps, but by what has arrived: the length a peer claims reserves nothing.
        func makeRoom(for count: Int, of missing: Int) {
            let needed = assembled.count &+ count
            guard assembled.capacity < needed else { return }
            assembled.reserveCapacity(max(min(needed &* 4, assembled.count &+ missing), assembled.capacity &* 2))
        }
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
    private let limits: WebSocketLimits
    /// Nil unless something has arrived in part.
    private var collection: Collection?

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
            while cursor < bytes.count {
                if let event = try wholeFrame(in: &bytes, at: &cursor) { return event }
                if let event = try step(&bytes, from: &cursor) { return event }
            }
            return nil
        } catch {
            end()
            cursor = bytes.count
            throw error
        }
    }

    /// The common case: the event of a frame that lies whole in the chunk; nil, with nothing changed, otherwise.
    @inline(__always)
    private mutating func wholeFrame(
        in bytes: inout MutableSpan<UInt8>, at cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        let available = bytes.count &- cursor
        guard case .betweenFrames = phase, available >= 2 else { return nil }
        let header = try WebSocketFrameHeader(first: bytes[cursor], second: bytes[cursor &+ 1], receivedBy: role)
        let size = header.size
        guard header.isFinal, available >= size, header.opcode != .continuation else { return nil }
        let frame = try Frame(header, bytes.span, at: cursor)
        guard frame.missing <= available &- size else { return nil }
        try admit(frame)
        let start = cursor &+ size
        let range = start..<(start &+ frame.missing)
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
            let code = try WebSocketCloseCode(payload: bytes.span.extracting(range))
            end()
            let reason = (code == nil ? range.upperBound : range.lowerBound &+ 2)..<range.upperBound
            return .close(code, reason: .inPlace(reason))
        case .continuation: return nil
        }
    }

    /// Takes one step of any other case.
    @inline(never)
    private mutating func step(
        _ bytes: inout MutableSpan<UInt8>, from cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        switch phase {
        case .betweenFrames: return try beginFrame(PartialHeader(), &bytes, from: &cursor)
        case .header(let partial): return try beginFrame(partial, &bytes, from: &cursor)
        case .payload(let frame): return try collect(frame, from: &bytes, at: &cursor)
        case .ended:
            cursor = bytes.count
            return nil
        }
    }

    // MARK: Headers

    /// Reads the header of which `partial` has arrived, then as much of the payload as is there.
    private mutating func beginFrame(
        _ partial: PartialHeader, _ bytes: inout MutableSpan<UInt8>, from cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        var partial = partial
        guard let frame = try complete(&partial, from: bytes.span, at: &cursor) else {
            phase = .header(partial)
            return nil
        }
        phase = .betweenFrames
        try admit(frame)
        try beginFragment(frame)
        return try collect(frame, from: &bytes, at: &cursor)
    }

    /// The frame whose header `partial` becomes, or nil if the chunk ends before it is whole.
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
        guard frame.missing <= limits.messageBytes &- (collection?.assembled.count ?? 0) else {
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
        let collection = begunCollection()
        collection.fragments &+= 1
        collection.consecutiveEmptyFragments = frame.missing == 0 ? collection.consecutiveEmptyFragments &+ 1 : 0
        guard collection.fragments <= limits.fragments,
            collection.consecutiveEmptyFragments <= limits.consecutiveEmptyFragments
        else {
            throw WebSocketFailure(.messageTooBig, "a message over the limit of fragments")
        }
    }

    // MARK: Payloads

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
            begunCollection().control.append(piece)
        } else {
            if case .text = message, !(isASCII && utf8.isComplete) {
                guard utf8.accept(piece) else { throw .notUTF8 }
            }
            let collection = begunCollection()
            collection.makeRoom(for: count, of: frame.missing)
            collection.assembled.append(piece)
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

    private mutating func begunCollection() -> Collection {
        let collection = collection ?? Collection()
        self.collection = collection
        return collection
    }

    private mutating func finishMessage() throws(WebSocketFailure) -> WebSocketEvent? {
        guard utf8.isComplete else { throw .notUTF8 }
        let finished = message
        let payload = WebSocketPayload.assembled(collection?.assembled ?? [])
        message = .none
        collection = nil
        switch finished {
        case .none: return nil
        case .text: return .text(payload)
        case .binary: return .binary(payload)
        }
    }

    private mutating func finishControl(_ opcode: WebSocketOpcode) throws(WebSocketFailure) -> WebSocketEvent? {
        let payload = collection?.control ?? []
        collection?.control = []
        switch opcode {
        case .ping: return .ping(.assembled(payload))
        case .pong: return .pong
        case .close:
            let code = try WebSocketCloseCode(payload: payload.span)
            end()
            return .close(code, reason: .assembled(Array(payload.dropFirst(2))))
        case .continuation, .text, .binary: return nil
        }
    }

    // MARK: The end

    private mutating func end() {
        phase = .ended
        collection = nil
    }
}
