/// What was sent lately, in order: for clients that lost their connection and come back (Protocol.md 5.6).
///
/// Each packet has a position, one more than the one before. A client knows the position of the latest that it got as an
/// *offset*, a text.
package struct RecoveryLog<Audience> {
    package struct Entry {
        package let packet: EncodedPacket
        /// Who was to get it.
        package let audience: Audience
        /// What other logs have it under; nil for what stands in this one only.
        package let number: UInt64?
        fileprivate let sent: ContinuousClock.Instant
        fileprivate let byteCount: Int
    }

    package struct Limits {
        package var packets: Int
        /// Of the packets, with their overhead.
        package var bytes: Int
        package var age: Duration

        package init(packets: Int, bytes: Int, age: Duration) {
            (self.packets, self.bytes, self.age) = (packets, bytes, age)
        }
    }

    /// What the offsets of this log begin with: no other log's do.
    private let name: String
    private let limits: Limits
    /// From `head` on; those before it are gone.
    private var entries: [Entry?] = []
    private var head = 0
    /// Of the latest packet; zero before there was any.
    package private(set) var lastPosition = 0
    package private(set) var byteCount = 0

    package init(name: String, limits: Limits) {
        self.name = name
        self.limits = limits
    }

    package var count: Int { entries.count - head }

    /// Adds a packet; the oldest ones go where there are too many.
    ///
    /// - Parameter audienceBytes: What `audience` holds in memory.
    package mutating func append(
        _ packet: EncodedPacket, to audience: Audience, audienceBytes: Int = 0, number: UInt64?,
        now: ContinuousClock.Instant
    ) {
        let bytes = packet.byteCount + audienceBytes + MemoryLayout<Entry?>.stride
        entries.append(Entry(packet: packet, audience: audience, number: number, sent: now, byteCount: bytes))
        lastPosition += 1
        byteCount += bytes
        while count > limits.packets || byteCount > limits.bytes, count > 0 { removeFirst() }
    }

    /// Forgets what is too old.
    package mutating func expire(now: ContinuousClock.Instant) {
        while count > 0, let first = entries[head], first.sent.advanced(by: limits.age) <= now { removeFirst() }
    }

    /// Nobody will ask for any of them. The positions go on.
    package mutating func removeAll() {
        entries = []
        head = 0
        byteCount = 0
    }

    private mutating func removeFirst() {
        guard let first = entries[head] else { return }
        byteCount -= first.byteCount
        entries[head] = nil
        head += 1
        // Of so many that are gone each pays for its part of this.
        if head > 16, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }

    // MARK: Positions

    /// Whether all that came after `position` is there.
    package func isComplete(after position: Int) -> Bool {
        (lastPosition - count...lastPosition).contains(position)
    }

    /// Calls `body` with what came after `position`, as far as it is there.
    package func forEach(after position: Int, _ body: (_ position: Int, _ entry: Entry) -> Void) {
        let first = lastPosition - count + 1
        let start = max(position + 1, first)
        guard start <= lastPosition else { return }
        for position in start...lastPosition {
            if let entry = entries[head + position - first] { body(position, entry) }
        }
    }

    package func offset(of position: Int) -> String { "\(name).\(position)" }

    /// The position that `offset` names; nil if it is none of this log's.
    package func position(of offset: String) -> Int? {
        let head = name.utf8.count + 1
        // As many digits as a position can have.
        guard (head + 1...head + 19).contains(offset.utf8.count), offset.utf8.starts(with: "\(name).".utf8),
            case let digits = offset.utf8.dropFirst(head), digits.first != UInt8(ascii: "0") || digits.count == 1,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let position = Int(Substring(digits)), position <= lastPosition
        else { return nil }
        return position
    }
}

extension EncodedPacket {
    /// The text of an EVENT with one more argument.
    package func text(adding argument: String) -> [UInt8] {
        var text = text
        text.removeLast()
        text += #","\#(argument)"]"#.utf8
        return text
    }

    /// Whether it is an EVENT, and no ACK.
    package var isEvent: Bool { text.first.flatMap(PacketType.init)?.isEvent ?? false }

    /// Whether an EVENT's last value is a text.
    package var endsWithText: Bool { text.suffix(2).elementsEqual("\"]".utf8) }
}
