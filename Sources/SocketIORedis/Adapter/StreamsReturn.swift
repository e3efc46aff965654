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

    /// Who has missed more begins anew.
    private static let maxMissed = 10_000
    private static let maxMissedBytes = 16 * 1024 * 1024
    private static let pageLength = 100

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

    private func ask(_ command: RedisCommand, _ answered: @escaping @Sendable (RESPValue) -> Void) {
        client.ask(command) { [found] reply in
            switch reply {
            case .success(let value): answered(value)
            case .failure: found(nil)
            }
        }
    }

    func begin() {
        ask(RedisCommand("GET", key)) { value in
            guard let bytes = value.bytes,
                let session = try? ClusterSession(base64: bytes.span, limits: namespace.limits),
                session.namespace?.hasSameBytes(as: namespace.local.name) ?? true,
                let from = [offset, session.start].compactMap(\.self).max()
            else { return found(nil) }
            checkThere(from, session)
        }
    }

    /// What was sent since then is there only if that itself is.
    private func checkThere(_ from: RedisStreamID, _ session: ClusterSession) {
        ask(RedisCommand("XRANGE", namespace.stream.name, from.description, from.description)) { value in
            guard RedisStreamEntry.list(ofRange: value)?.isEmpty == false else { return found(nil) }
            takeOut(session, from)
        }
    }

    private func takeOut(_ session: ClusterSession, _ from: RedisStreamID) {
        ask(RedisCommand("GETDEL", key)) { value in
            // Another has had it meanwhile.
            guard value.bytes != nil else { return found(nil) }
            let kept = KeptSession(
                id: SocketID(session.socket), pid: SocketID(session.pid), rooms: Set(session.rooms.map { Room($0) }),
                data: session.data.objectValue ?? [:], start: from)
            let isTrusted = session.namespace != nil
            read(
                Page(
                    kept: KeptReturn(session: kept, missed: [], position: from, isTrusted: isTrusted),
                    node: session.node))
        }
    }

    private struct Page: Sendable {
        let kept: KeptReturn
        /// That had the client.
        let node: String?
        var byteCount = 0
    }

    /// Reads on until all is read that has been handed in here.
    private func read(_ page: Page) {
        let command = RedisCommand(
            "XRANGE", namespace.stream.name, page.kept.position.next.description, "+", "COUNT",
            "\(Self.pageLength)")
        ask(command) { value in
            guard let entries = RedisStreamEntry.list(ofRange: value) else { return found(nil) }
            var byteCount = page.byteCount
            var missed = page.kept.missed
            for entry in entries {
                guard let event = event(entry, for: page.kept.session, of: page.node) else { continue }
                missed.append(event)
                byteCount += entry.fields.reduce(0) { $0 + $1.count }
            }
            guard missed.count <= Self.maxMissed, byteCount <= Self.maxMissedBytes else { return found(nil) }
            let kept = KeptReturn(
                session: page.kept.session, missed: missed, position: entries.last?.id ?? page.kept.position,
                isTrusted: page.kept.isTrusted)
            if entries.count < Self.pageLength, client.streamPosition ?? .zero <= kept.position { return found(kept) }
            read(Page(kept: kept, node: page.node, byteCount: byteCount))
        }
    }

    /// An event that the client was to get, and has not had.
    private func event(_ entry: RedisStreamEntry, for session: KeptSession, of node: String?) -> PlacedEvent? {
        guard entry["nsp"] == Array(namespace.local.name.utf8),
            // What a node carried out at once, its clients have had.
            node == nil || entry["uid"] != node.map({ Array($0.utf8) }),
            let message = try? ClusterAdapterMessage(streamFields: entry.fields, limits: namespace.limits),
            case .broadcast(let packet, let selection, request: nil) = message.content, !selection.flags.isVolatile,
            session.isPart(of: selection.parts.audience), let event = ClusterEvent(packet.values)
        else { return nil }
        return PlacedEvent(event, at: entry.id)
    }
}
