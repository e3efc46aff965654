internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire

/// Finds what a client had that comes back, and what it has missed: one question to Redis after the other.
///
/// The session is taken out, so that it is had once only, after it is known to be good. On the thread of Redis' loop, where
/// the stream is read, too: what was missed and what is handed in from then on meet without a gap.
struct StreamsReturn: Sendable {
    private let key: String
    private let offset: RedisStreamID?
    private let namespace: StreamsNamespace
    private let found: @Sendable (KeptReturn?) -> Void

    /// An answer of more than `RESPLimits.bytes` would end the connection that events are sent over, too.
    private static let pageLength = 25

    init(
        key: String, offset: RedisStreamID?, in namespace: StreamsNamespace,
        _ found: @escaping @Sendable (KeptReturn?) -> Void
    ) {
        self.key = key
        self.offset = offset
        self.namespace = namespace
        self.found = found
    }

    private var client: RedisClient { namespace.channels.client }
    private var stream: String { namespace.stream.name }

    private func ask(_ command: RedisCommand, _ answered: @escaping @Sendable (RESPValue) -> Void) {
        client.ask(command) { [found, namespace] reply in
            switch reply {
            case .success(let value): return answered(value)
            case .failure(.refused(let error)):
                namespace.local.note("clients cannot come back: Redis refuses to say what they had", error.description)
            case .failure(.connectionLost), .failure(.overloaded), .failure(.ended), .failure(.timedOut): break
            }
            found(nil)
        }
    }

    func begin() {
        ask(RedisCommand("GET", key, key: 1)) { value in
            guard let (session, from) = session(in: value) else { return found(nil) }
            checkThere(from, session)
        }
    }

    /// The session that Redis has, and where the client goes on; nil if it cannot.
    private func session(in value: RESPValue) -> (ClusterSession, RedisStreamID)? {
        guard let bytes = value.bytes,
            let session = try? ClusterSession(base64: bytes.span, limits: namespace.limits),
            session.namespace?.hasSameBytes(as: namespace.local.name) ?? true,
            // Of Node's sessions only the client knows.
            let from = session.progress?.place(after: offset) ?? offset
        else { return nil }
        return (session, from)
    }

    /// What was sent since then is there only if that itself is.
    private func checkThere(_ from: RedisStreamID, _ session: ClusterSession) {
        guard from != .zero else { return checkWhole(session) }
        ask(RedisCommand("XRANGE", stream, from.description, from.description, key: 1)) { value in
            guard RedisStreamEntry.list(ofRange: value)?.isEmpty == false else { return found(nil) }
            takeOut()
        }
    }

    /// The client begins in front of all entries, none of which may have been cut off.
    private func checkWhole(_ session: ClusterSession) {
        ask(RedisCommand("XLEN", stream, key: 1)) { value in
            guard let count = value.integer, count < namespace.stream.maxLength else { return found(nil) }
            takeOut()
        }
    }

    private func takeOut() {
        ask(RedisCommand("GETDEL", key, key: 1)) { value in
            // Another has had it meanwhile; or it is a later one, which counts.
            guard let (session, from) = session(in: value) else { return found(nil) }
            let kept = KeptSession(
                id: SocketID(session.socket), pid: SocketID(session.pid), rooms: Set(session.rooms.map { Room($0) }),
                data: session.data.objectValue ?? [:], progress: StreamProgress(upTo: from))
            let isTrusted = session.namespace != nil
            read(
                Page(
                    kept: KeptReturn(
                        session: kept, position: from, isTrusted: isTrusted, load: MissedLoad(of: namespace.returns)),
                    node: session.node, end: session.progress?.end ?? from))
        }
    }

    private struct Page: Sendable {
        var kept: KeptReturn
        /// That had the client, until this entry.
        let node: String?
        let end: RedisStreamID
    }

    /// Reads on until all is read that has been handed in here. Each page with the entry that it is behind: without that, what
    /// followed may be cut off, too.
    private func read(_ page: Page) {
        let place = page.kept.position
        let command = RedisCommand(
            "XRANGE", stream, place.description, "+", "COUNT", "\(Self.pageLength + 1)", key: 1)
        ask(command) { value in
            var page = page
            guard let entries = RedisStreamEntry.list(ofRange: value),
                Self.isGapless(entries, behind: place, readUpTo: client.streamPosition ?? .zero),
                add(entries.dropFirst(place == .zero ? 0 : 1), to: &page)
            else { return found(nil) }
            guard entries.count > Self.pageLength || client.streamPosition ?? .zero > page.kept.position else {
                return found(page.kept)
            }
            read(page)
        }
    }

    /// Whether nothing is cut off between a page and what was before it.
    ///
    /// - Parameter position: Of the last entry that was handed in here: there was one, if it is not zero.
    static func isGapless(
        _ entries: [RedisStreamEntry], behind place: RedisStreamID, readUpTo position: RedisStreamID
    ) -> Bool {
        if place != .zero { return entries.first?.id == place }
        return !entries.isEmpty || position == .zero
    }

    /// - Returns: False if the client has missed too much, or what nobody knows whether it had.
    private func add(_ entries: ArraySlice<RedisStreamEntry>, to page: inout Page) -> Bool {
        for entry in entries {
            page.kept.position = entry.id
            guard let event = event(entry, for: page.kept.session) else { continue }
            // What its node sent at once, without keeping it: those clients that were there have had it.
            if let node = page.node, entry["uid"] == Array(node.utf8) {
                guard entry.id > page.end else { continue }
                return false
            }
            guard page.kept.miss(event) else {
                namespace.local.note("clients begin anew that have missed too much, each of them or all at once")
                return false
            }
        }
        return true
    }

    /// An event that is for the client.
    private func event(_ entry: RedisStreamEntry, for session: KeptSession) -> PlacedEvent? {
        guard entry["nsp"] == Array(namespace.local.name.utf8),
            let message = try? ClusterAdapterMessage(streamFields: entry.fields, limits: namespace.limits),
            case .broadcast(let packet, let selection, request: nil) = message.content, !selection.flags.isVolatile,
            session.isPart(of: selection.parts.audience), let event = ClusterEvent(packet.values)
        else { return nil }
        return PlacedEvent(event, at: entry.id)
    }
}
