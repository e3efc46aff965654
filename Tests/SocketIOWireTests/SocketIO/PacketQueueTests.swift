import SocketIOWire
import Testing

@Suite struct PacketQueueTests {
    private func packet(_ number: Int, attachments: [[UInt8]] = []) throws -> PacketQueue.Packet {
        let text = Array("2[\"\(number)\"]".utf8)
        return try PacketQueue.Packet(
            text: text, head: PacketHead(parsing: text.span, limits: PacketLimits()), attachments: attachments)
    }

    @Test func `packets come out in the order in which they went in, and leave nothing`() throws {
        var queue = PacketQueue()
        var (added, removed) = (0, 0)
        for step in 0..<400 {
            // More come than go, and then more go than come.
            for _ in 0..<(step < 200 ? 3 : 1) {
                queue.append(try packet(added))
                added += 1
            }
            for _ in 0..<(step < 200 ? 1 : 3) where !queue.isEmpty {
                #expect(try queue.removeFirst() == packet(removed))
                removed += 1
            }
            #expect(queue.count == added - removed)
        }
        while queue.removeFirst() != nil { removed += 1 }
        #expect(removed == added && queue.byteCount == 0 && queue.isEmpty)
    }

    @Test func `what is counted is more than the bytes, attachments included`() throws {
        var queue = PacketQueue()
        queue.append(try packet(1))
        #expect(queue.byteCount > 100)
        let plain = queue.byteCount
        queue.append(try packet(1, attachments: [[UInt8](repeating: 0, count: 1_000)]))
        #expect(queue.byteCount > 2 * plain + 1_000)
    }
}
