/// Whole packets in the order received, and what they hold in memory.
package struct PacketQueue {
    package typealias Packet = AttachmentCollector.Complete

    private var packets = DepartureQueue<Packet>()
    /// Of all of them, with their overhead.
    package private(set) var byteCount = 0

    package init() {}

    package var count: Int { packets.count }
    package var isEmpty: Bool { packets.isEmpty }

    package mutating func append(_ packet: Packet) {
        packets.append(packet, id: nil)
        byteCount += packet.byteCount
    }

    package mutating func removeFirst() -> Packet? {
        guard let packet = packets.removeFirst() else { return nil }
        byteCount -= packet.byteCount
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
