/// Turns received bytes into WebSocket messages (RFC 6455 5 and 6.2).
///
/// A frame that lies whole in the chunk is unmasked where it is and reported as a range of the chunk: no copy and no
/// allocation. Anything else is collected in the reader, so a chunk is always used up and its memory can be reused.
/// Every idle connection holds one of these, hence the compact fields: what is under way lies elsewhere.
package struct WebSocketReader {
    private enum Phase {
        /// Between two frames.
        case betweenFrames
        /// The chunk ended inside a header.
        case header(PartialHeader)
        /// The chunk ended inside a payload.
        case payload(Frame)
    }

    private struct PartialHeader {
        var bytes = InlineArray<14, UInt8>(repeating: 0)
        var count: UInt8 = 0
    }

    /// What has arrived of a message, and of a frame between its fragments: most messages arrive at once.
    private final class Progress {
        var phase = Phase.betweenFrames
        var message = Message.none
        var utf8 = UTF8Progress()
        /// The payload of `message` so far, unmasked.
        var assembled: [UInt8] = []
        /// The payload so far of a control frame that did not arrive at once: at most 125 bytes.
        var control: [UInt8] = []
        var fragments = 0
        var consecutiveEmptyFragments = 0

        /// Grows `assembled` in few steps, but by what has arrived: the length a peer claims reserves nothing.
        ///
        /// - Parameter isLast: Whether no frame follows that adds to it.
        func makeRoom(for count: Int, of missing: Int, isLast: Bool) {
            let needed = assembled.count &+ count
            guard assembled.capacity < needed else { return }
            let all = assembled.count &+ missing
            let room = max(min(needed &* 4, all), assembled.capacity &* 2)
            assembled.reserveCapacity(isLast ? min(room, all) : room)
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
        case compressedText
        case compressedBinary
    }

    /// Nil unless something has arrived in part.
    private var progress: Progress?
    private let limits: WebSocketLimits
    private let role: WebSocketRole
    /// After a close frame or a failure everything that follows is discarded (RFC 6455 1.4, 7.1.7).
    private var isEnded = false
    /// Whether messages may be compressed.
    private let compresses: Bool

    /// - Parameter compresses: Whether messages may be compressed (RFC 7692); they are reported as they are, collected up to
    ///   the same limit.
    package init(role: WebSocketRole, limits: WebSocketLimits = WebSocketLimits(), compresses: Bool = false) {
        self.role = role
        self.limits = limits
        self.compresses = compresses
    }

    /// Where the text message is, known to be UTF-8, that lies whole in `bytes` at `cursor`; nil, with nothing changed,
    /// says nothing about what is there: then ask `next`.
    ///
    /// What clients send most, on its own: a masked frame of 2 bytes up to 64 KiB, within the limits.
    package mutating func nextText(
        _ bytes: inout MutableSpan<UInt8>, from cursor: inout Int
    ) throws(WebSocketFailure) -> Range<Int>? {
        guard progress == nil, !isEnded, case .server = role,
            let (payload, key) = WebSocketFrameHeader.maskedText(in: bytes.span, at: cursor),
            payload.count <= limits.messageBytes
        else { return nil }
        guard Masking.apply(key, to: &bytes, in: payload) || bytes.span.isUTF8(in: payload) else {
            end()
            cursor = bytes.count
            throw .notUTF8
        }
        cursor = payload.upperBound
        return payload
    }

    /// The next event in `bytes` at or after `cursor`, or nil when the chunk is used up.
    ///
    /// Call it until it returns nil, and then with the next chunk from zero.
    package mutating func next(
        _ bytes: inout MutableSpan<UInt8>, from cursor: inout Int
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        do {
            while cursor < bytes.count {
                if let (frame, range) = try wholeFrame(in: bytes.span, at: cursor) {
                    let payload = try take(frame, range, of: &bytes, &cursor)
                    return try event(frame.opcode, bytes.span, payload)
                }
                if let event = try step(&bytes, from: &cursor) { return event }
            }
            return nil
        } catch {
            end()
            cursor = bytes.count
            throw error
        }
    }

    /// A frame that is a message or a control frame and lies whole in the chunk, and its payload.
    @inline(always)
    private func wholeFrame(
        in bytes: Span<UInt8>, at cursor: Int
    ) throws(WebSocketFailure) -> (Frame, payload: Range<Int>)? {
        let available = bytes.count &- cursor
        guard !isEnded, available >= 2 else { return nil }
        if let progress {
            guard case .betweenFrames = progress.phase else { return nil }
        }
        let header = try WebSocketFrameHeader(
            first: bytes[cursor], second: bytes[cursor &+ 1], receivedBy: role, compresses: compresses)
        let size = header.size
        guard header.isWholeAndPlain, available >= size, header.opcode != .continuation else { return nil }
        let frame = try Frame(header, bytes, at: cursor)
        guard frame.missing <= available &- size else { return nil }
        let start = cursor &+ size
        return (frame, start..<(start &+ frame.missing))
    }

    /// Unmasks a whole frame, and moves the cursor behind it.
    @inline(always)
    private func take(
        _ frame: Frame, _ payload: Range<Int>, of bytes: inout MutableSpan<UInt8>, _ cursor: inout Int
    ) throws(WebSocketFailure) -> Range<Int> {
        try admit(frame)
        cursor = payload.upperBound
        let isASCII = Masking.apply(frame.maskingKey, to: &bytes, in: payload)
        guard isASCII || frame.opcode != .text || bytes.span.isUTF8(in: payload) else { throw .notUTF8 }
        return payload
    }

    /// The event of a whole frame.
    private mutating func event(
        _ opcode: WebSocketOpcode, _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        switch opcode {
        case .text: return .text(.inPlace(range))
        case .binary: return .binary(.inPlace(range))
        case .ping: return .ping(.inPlace(range))
        case .pong: return .pong
        case .close:
            let code = try WebSocketCloseCode(payload: bytes.extracting(range))
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
        guard !isEnded else {
            cursor = bytes.count
            return nil
        }
        let progress = progress ?? Progress()
        self.progress = progress
        switch progress.phase {
        case .betweenFrames: return try beginFrame(PartialHeader(), &bytes, from: &cursor, progress)
        case .header(let partial): return try beginFrame(partial, &bytes, from: &cursor, progress)
        case .payload(let frame): return try collect(frame, from: &bytes, at: &cursor, progress)
        }
    }

    // MARK: Headers

    /// Reads the header of which `partial` has arrived, then as much of the payload as is there.
    private mutating func beginFrame(
        _ partial: PartialHeader, _ bytes: inout MutableSpan<UInt8>, from cursor: inout Int, _ progress: Progress
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        var partial = partial
        guard let frame = try complete(&partial, from: bytes.span, at: &cursor) else {
            progress.phase = .header(partial)
            return nil
        }
        progress.phase = .betweenFrames
        try admit(frame)
        let isCompressed = partial.bytes[0] & WebSocketFrameHeader.compressedBit != 0
        try beginFragment(frame, isCompressed, progress)
        return try collect(frame, from: &bytes, at: &cursor, progress)
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
                first: partial.bytes[0], second: partial.bytes[1], receivedBy: role, compresses: compresses)
            if partial.count == header.size { return try Frame(header, partial.bytes.span, at: 0) }
        }
        return nil
    }

    /// Checks the frame against the message in progress and the limit of bytes.
    @inline(__always)
    private func admit(_ frame: Frame) throws(WebSocketFailure) {
        guard !frame.opcode.isControl else { return }
        // RFC 6455 5.4: the fragments of a message follow one another; no other message stands between them.
        switch progress?.message ?? .none {
        case .none:
            guard frame.opcode != .continuation else {
                throw WebSocketFailure(.protocolError, "a continuation of no message")
            }
        case .text, .binary, .compressedText, .compressedBinary:
            guard frame.opcode == .continuation else {
                throw WebSocketFailure(.protocolError, "a message began before the last one ended")
            }
        }
        guard frame.missing <= limits.messageBytes &- (progress?.assembled.count ?? 0) else {
            throw WebSocketFailure(.messageTooBig, "a message over the limit of bytes")
        }
    }

    /// Enters a frame of a message that cannot be reported in place.
    private func beginFragment(
        _ frame: Frame, _ isCompressed: Bool, _ progress: Progress
    ) throws(WebSocketFailure) {
        switch frame.opcode {
        case .text: progress.message = isCompressed ? .compressedText : .text
        case .binary: progress.message = isCompressed ? .compressedBinary : .binary
        case .continuation: break
        case .close, .ping, .pong: return
        }
        progress.fragments &+= 1
        progress.consecutiveEmptyFragments = frame.missing == 0 ? progress.consecutiveEmptyFragments &+ 1 : 0
        guard progress.fragments <= limits.fragments,
            progress.consecutiveEmptyFragments <= limits.consecutiveEmptyFragments
        else {
            throw WebSocketFailure(.messageTooBig, "a message over the limit of fragments")
        }
    }

    // MARK: Payloads

    /// Takes the next piece of a payload out of the chunk.
    private mutating func collect(
        _ frame: Frame, from bytes: inout MutableSpan<UInt8>, at cursor: inout Int, _ progress: Progress
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        let count = min(frame.missing, bytes.count &- cursor)
        let range = cursor..<(cursor &+ count)
        cursor = range.upperBound
        let isASCII = Masking.apply(frame.maskingKey, to: &bytes, in: range)
        let piece = bytes.span.extracting(range)
        if frame.opcode.isControl {
            progress.control.append(piece)
        } else {
            if case .text = progress.message, !(isASCII && progress.utf8.isComplete) {
                guard progress.utf8.accept(piece) else { throw .notUTF8 }
            }
            progress.makeRoom(for: count, of: frame.missing, isLast: frame.isFinal)
            progress.assembled.append(piece)
        }
        guard count == frame.missing else {
            var rest = frame
            rest.missing &-= count
            rest.maskingKey = Masking.rotate(frame.maskingKey, by: count)
            progress.phase = .payload(rest)
            return nil
        }
        progress.phase = .betweenFrames
        if frame.opcode.isControl { return try finishControl(frame.opcode, progress) }
        return frame.isFinal ? try finishMessage(progress) : nil
    }

    private mutating func finishMessage(_ progress: Progress) throws(WebSocketFailure) -> WebSocketEvent? {
        guard progress.utf8.isComplete else { throw .notUTF8 }
        let payload = progress.assembled
        self.progress = nil
        switch progress.message {
        case .none: return nil
        case .text: return .text(.assembled(payload))
        case .binary: return .binary(.assembled(payload))
        case .compressedText: return .compressed(.text, payload)
        case .compressedBinary: return .compressed(.binary, payload)
        }
    }

    private mutating func finishControl(
        _ opcode: WebSocketOpcode, _ progress: Progress
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        let payload = progress.control
        progress.control = []
        if case .none = progress.message { self.progress = nil }
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
        isEnded = true
        progress = nil
    }
}
