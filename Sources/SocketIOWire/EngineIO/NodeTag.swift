/// The name of a node in the ids of its sessions: their first six characters (Protocol.md 3.9).
package struct NodeTag: Hashable, Sendable, CustomStringConvertible {
    static let length = 6

    /// The characters, which are those of ids.
    package let description: String

    /// A new one: 36 random bits.
    package init(using generator: inout some RandomNumberGenerator) {
        description = String(EngineSessionID.random(using: &generator).prefix(Self.length))
    }

    /// That of the node which made a session's id; nil if no node can have made it.
    package init?(ofSession id: String) {
        let bytes = id.utf8
        let tag = bytes.prefix(Self.length)
        guard bytes.count > Self.length, tag.allSatisfy({ Base64.urlSafeValue(of: $0) != nil }) else { return nil }
        description = String(decoding: tag, as: UTF8.self)
    }
}
