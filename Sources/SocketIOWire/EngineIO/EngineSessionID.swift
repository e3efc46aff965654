/// Ids of sessions (Protocol.md 3.8): 15 random bytes as 20 URL-safe characters.
package enum EngineSessionID {
    /// The loop, among `count`, that a session with this id lives on: a function of the id alone, so that any loop can
    /// send a request to where its session is.
    package static func homeLoop(of id: String, count: Int) -> Int {
        // FNV-1a: the ids are random, or the application's.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        // The last bytes of an id reach only the low half: numbered ids would share a loop without it.
        return Int((hash >> 32 ^ hash & 0xFFFF_FFFF) % UInt64(max(count, 1)))
    }

    /// A new id whose home is `loop`: ids are drawn until one is, which keeps log2(count) of 120 bits from chance.
    ///
    /// - Parameter node: Whose name the id begins with, in place of 36 bits.
    package static func random(
        homeLoop loop: Int, count: Int, of node: NodeTag? = nil, using generator: inout some RandomNumberGenerator
    ) -> String {
        while true {
            let drawn = random(using: &generator)
            let id = node.map { $0.description + drawn.dropFirst(NodeTag.length) } ?? drawn
            // A loop that is none of them is nobody's home.
            if loop >= count || homeLoop(of: id, count: count) == loop { return id }
        }
    }

    /// 120 bits from `generator`, as 20 characters; also the form of socket ids.
    package static func random(using generator: inout some RandomNumberGenerator) -> String {
        let words: InlineArray<2, UInt64> = [generator.next(), generator.next()]
        let bytes = InlineArray<15, UInt8> { index in
            UInt8(truncatingIfNeeded: words[index / 8] >> UInt64(index % 8 * 8))
        }
        return Base64.urlSafeText(bytes.span)
    }
}
