import SocketIOWire

/// Frames, or other pieces, that follow one another in a circle, written out twice: as many as there are lie in a row from any
/// of them on.
struct Ring {
    let bytes: [UInt8]
    /// Bytes of each request, or of each reply. They differ only where they are compressed.
    let blockSizes: [Int]
    /// Bytes of the circle.
    let size: Int

    /// The circle of a client's frames.
    init(masked blocks: [[Message]], _ compressor: Compressor? = nil) {
        self.init(blocks) { $0.appendMasked(to: $1, compressor) }
    }

    /// The circle of a server's frames.
    init(plain blocks: [[Message]], _ compressor: Compressor? = nil) {
        self.init(blocks) { $0.appendPlain(to: $1, compressor) }
    }

    private init(_ blocks: [[Message]], _ append: (Message, ByteWriter) -> Void) {
        self.init(
            blocks.map { block in
                let writer = ByteWriter()
                for message in block { append(message, writer) }
                return writer.array()
            })
    }

    init(_ blocks: [[UInt8]]) {
        blockSizes = blocks.map(\.count)
        let circle = blocks.flatMap(\.self)
        size = circle.count
        bytes = circle + circle
    }

    /// The offset after `count` bytes from `offset` on.
    @inline(__always)
    func offset(_ offset: Int, advancedBy count: Int) -> Int {
        let next = offset &+ count
        return next >= size ? next &- size : next
    }

    /// The block behind the one at `index`.
    @inline(__always)
    func block(after index: Int) -> Int {
        index &+ 1 == blockSizes.count ? 0 : index &+ 1
    }
}

/// What a connection still has to send.
struct Outbox {
    private let ring: Ring
    /// Where the next byte to send is.
    private var offset = 0
    /// The first block that is not due.
    private var block = 0
    /// Bytes that are due and that the kernel did not take yet.
    private(set) var unsent = 0

    init(_ ring: Ring) {
        self.ring = ring
    }

    /// Makes the next requests due.
    mutating func add(_ count: Int) {
        for _ in 0..<count {
            unsent &+= ring.blockSizes[block]
            block = ring.block(after: block)
        }
    }

    /// Sends what the kernel takes; false if the connection is broken.
    mutating func send(to socket: CInt) -> Bool {
        while unsent > 0 {
            let part = min(unsent, ring.size)
            guard let sent = TCP.send(ring.bytes.span.extracting(offset..<offset &+ part), to: socket) else {
                return false
            }
            unsent &-= sent
            offset = ring.offset(offset, advancedBy: sent)
            if sent < part { return true }
        }
        return true
    }
}

/// Compares what arrives with what has to arrive.
struct Inbox {
    private let ring: Ring
    /// Where the next byte to come is.
    private var offset = 0
    /// The next reply, and how many of its bytes have arrived.
    private var block = 0
    private var partial = 0
    /// Bytes of a heartbeat between two replies that have arrived.
    private var pingBytes = 0

    /// The ping of Engine.IO (Protocol.md 3.5).
    private static let ping: [UInt8] = [0x81, 0x01, UInt8(ascii: "2")]

    /// What was in a piece of input.
    struct Content: Equatable {
        var replies = 0
        var pings = 0
    }

    init(_ ring: Ring) {
        self.ring = ring
    }

    /// Takes the first `count` bytes of `buffer`; nil if they are not what was expected.
    mutating func take(_ count: Int, of buffer: ReceiveBuffer) -> Content? {
        if pingBytes == 0, count <= ring.size, isExpected(count, at: 0, of: buffer) {
            return Content(replies: advance(count))
        }
        return takeInParts(count, of: buffer)
    }

    /// Whether the next `count` bytes of the circle are those at `index`.
    @inline(__always)
    private func isExpected(_ count: Int, at index: Int, of buffer: ReceiveBuffer) -> Bool {
        buffer.equals(ring.bytes.span.extracting(offset..<offset &+ count), at: index)
    }

    /// Goes on by `count` bytes; how many replies they complete.
    private mutating func advance(_ count: Int) -> Int {
        offset = ring.offset(offset, advancedBy: count)
        partial &+= count
        var replies = 0
        while partial >= ring.blockSizes[block] {
            partial &-= ring.blockSizes[block]
            block = ring.block(after: block)
            replies &+= 1
        }
        return replies
    }

    /// Where heartbeats stand between the replies, or there are more bytes than the circle has.
    private mutating func takeInParts(_ count: Int, of buffer: ReceiveBuffer) -> Content? {
        var content = Content()
        var index = 0
        while index < count {
            let part = min(ring.blockSizes[block] - partial, count - index)
            if pingBytes == 0, isExpected(part, at: index, of: buffer) {
                content.replies += advance(part)
                index += part
            } else {
                guard beginPing() else { return nil }
                let part = min(Self.ping.count - pingBytes, count - index)
                guard buffer.equals(Self.ping.span.extracting(pingBytes..<pingBytes + part), at: index) else {
                    return nil
                }
                index += part
                pingBytes += part
                guard pingBytes == Self.ping.count else { break }
                pingBytes = 0
                content.pings += 1
            }
        }
        return content
    }

    /// Whether what comes next can belong to a ping: between two replies. A first byte that both have may have been
    /// taken for the reply's.
    private mutating func beginPing() -> Bool {
        guard pingBytes == 0, partial > 0 else { return true }
        let start = partial <= offset ? offset - partial : offset - partial + ring.size
        guard partial < Self.ping.count, ring.bytes[start..<start + partial] == Self.ping[..<partial] else {
            return false
        }
        offset = start
        pingBytes = partial
        partial = 0
        return true
    }
}
