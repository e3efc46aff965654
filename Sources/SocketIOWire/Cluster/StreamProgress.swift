/// How far a client has come in a stream, as the node knows it that had the client.
package struct StreamProgress: Equatable, Sendable {
    /// Nothing up to this entry is for the client.
    package let start: RedisStreamID
    /// The latest entry that the client was sent.
    package let latest: RedisStreamID
    /// It was sent all that was for it up to this entry.
    package let end: RedisStreamID

    package init(start: RedisStreamID, latest: RedisStreamID, end: RedisStreamID) {
        (self.start, self.latest, self.end) = (start, latest, end)
    }

    /// Everything up to one entry, and nothing behind it.
    package init(upTo place: RedisStreamID) {
        self.init(start: place, latest: place, end: place)
    }

    /// Behind which entry the client has missed something that has come so far by its own account.
    ///
    /// - Parameter offset: What it shows; nil if it has had nothing.
    package func place(after offset: RedisStreamID?) -> RedisStreamID {
        let known = max(offset ?? start, start)
        return known >= latest ? max(known, end) : known
    }
}
