/// A node of a Redis Cluster did nothing, and says what to do instead (Redis Cluster specification, "Redirection and
/// resharding").
package enum RedisRedirection: Equatable, Sendable {
    /// Another node serves the slot from now on.
    case moved(RedisSlot, to: RedisAddress)
    /// The slot is on its way to another node, and the key is there already: ask there, for this once.
    case ask(at: RedisAddress)
    /// Nobody can do it at the moment.
    case later

    /// Nil for an error of another kind.
    ///
    /// - Parameter teller: Who says so.
    package init?(_ error: RESPError, from teller: RedisAddress) {
        switch error.code {
        case "MOVED", "ASK":
            let words = error.description.split(separator: " ")
            guard words.count >= 3, let slot = Int(words[1]).flatMap(RedisSlot.init(_:)) else { return nil }
            // One who does not know the other's host knows soon.
            guard let address = RedisAddress(words[2], from: teller) else {
                self = .later
                return
            }
            self = error.code == "ASK" ? .ask(at: address) : .moved(slot, to: address)
        default:
            guard error.isPassing else { return nil }
            self = .later
        }
    }
}

extension RESPError {
    /// Whether Redis was not ready, and did nothing.
    package var isPassing: Bool { ["LOADING", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN"].contains(code) }
}
