/// Whole packets in the order received, and what they hold in memory.
package struct PacketQueue: Sendable {
    package typealias Packet = AttachmentCollector.Complete

    /// Nil where one was removed.
    private var packets: [Packet?] = []
    private var first = 0
    /// Of all of them, with their overhead.
    package private(set) var byteCount = 0

    package init() {}

    package var count: Int { packets.count - first }
    package var isEmpty: Bool { count == 0 }

    package mutating func append(_ packet: Packet) {
        packets.append(packet)
        byteCount += packet.byteCount
    }

    package mutating func removeFirst() -> Packet? {
        guard first < packets.count, let packet = packets[first].take() else { return nil }
        first += 1
        byteCount -= packet.byteCount
        if first * 2 >= packets.count {
            packets.removeFirst(first)
            first = 0
        }
        return packet
    }
}

extension AttachmentCollector.Complete {
    /// What it holds in memory, with the overhead of its arrays and of its place in a list.
    package var byteCount: Int {
        attachments.reduce(text.count + 2 * Self.overhead) { $0 + $1.count + Self.overhead }
    }

    private static var overhead: Int { 128 }
}
