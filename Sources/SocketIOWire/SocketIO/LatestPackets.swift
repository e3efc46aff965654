/// The newest packet of each name, for a peer that cannot take it now: in the order in which their names came first.
package struct LatestPackets {
    private var packets: [EncodedPacket] = []
    private var places: [[UInt8]: Int] = [:]
    /// What they hold, with the overhead of their places.
    package private(set) var byteCount = 0

    package init() {}

    package var isEmpty: Bool { packets.isEmpty }

    /// Keeps `packet` in place of an older one of its name, if together they hold no more than `limit`.
    ///
    /// - Parameter name: As it is written in the packet.
    /// - Returns: Whether it is kept; if not, an older one stays.
    package mutating func keep(_ packet: EncodedPacket, name: [UInt8], limit: Int) -> Bool {
        let place = places[name]
        let more = place.map { packet.byteCount - packets[$0].byteCount } ?? packet.byteCount + Self.byteCount(of: name)
        guard byteCount + more <= limit else { return false }
        byteCount += more
        if let place {
            packets[place] = packet
        } else {
            places[name] = packets.count
            packets.append(packet)
        }
        return true
    }

    /// Takes all of them out.
    package mutating func takeAll() -> [EncodedPacket] {
        defer { self = LatestPackets() }
        return packets
    }

    private static func byteCount(of name: [UInt8]) -> Int { name.count + 128 }
}

extension EncodedPacket {
    /// The name of an EVENT of ours as it is written, which is the same for the same name.
    package var writtenEventName: [UInt8] {
        // A namespace's name may have a `[`, too.
        guard let head = try? PacketHead(parsing: text.span, limits: PacketLimits().forMessagePack) else { return [] }
        let start = head.payloadStart
        var end = start + 2
        while end < text.count, text[end] != UInt8(ascii: "\"") {
            end += text[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return Array(text[min(start + 2, text.count)..<min(end, text.count)])
    }
}
