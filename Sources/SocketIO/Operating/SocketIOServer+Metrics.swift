public import EngineIO
internal import NetLoop
public import SocketIOEvents

extension SocketIOServer {
    /// What a server has at one moment, and what happened since it began to listen.
    ///
    /// What happened only grows, until the server listens anew. `HTTPRoutes.metrics(_:)` gives all of it to Prometheus.
    public struct Metrics: Equatable, Sendable {
        /// Connected clients, sockets and rooms, as `SocketIOServer.counts` has them.
        public internal(set) var counts = Counts()
        /// Engine.IO sessions, those included that have joined no namespace yet, or wait for their last polls.
        public internal(set) var sessions = 0
        /// Sessions that have begun.
        public internal(set) var openedSessions = 0
        /// Requests of handshakes and sessions that were refused, by why; each is told to `onConnectionError`.
        public internal(set) var refusedRequests: [ConnectionError.Code: Int] = [:]
        /// Sockets that were connected and are not any more, by why.
        public internal(set) var disconnects: [DisconnectReason: Int] = [:]
        /// Events that clients sent, whether anybody handles them or not.
        public internal(set) var receivedEvents = 0
        /// Events that were sent; a broadcast counts once for each socket. Acknowledgements are none.
        public internal(set) var sentEvents = 0
        /// Bytes that came over all connections of the server's port: HTTP, WebSocket's frames and TLS included.
        public internal(set) var receivedBytes = 0
        /// Bytes that the system has taken to be sent, of the same.
        public internal(set) var sentBytes = 0
        /// Bytes that wait for clients which have not taken them yet, with what keeps them.
        public internal(set) var bufferedBytes = 0
        /// Acknowledgements that clients are asked for and have not given yet.
        public internal(set) var pendingAcks = 0
        /// How often limits were met, by their names: those of `configuration.limits` and `configuration.engine.limits`, and
        /// `maxHttpBufferSize`, and the rates that were exceeded; without `handlersInFlight`, over which events only wait. Of one kind, under one name: `inbox` (`inboxEvents`, `inboxBytes` and `inboxBytesTotal`),
        /// `latestBytes` (and `latestBytesTotal`), `packet` (`attachmentsPerPacket`, `attachmentBytes` and `jsonDepth`), and `slowConsumer` (`bufferedBytes` and
        /// `stallTime`, over WebSocket).
        public internal(set) var limitsMet: [String: Int] = [:]
        /// How late each event loop was at most since the metrics were asked for last, in the order of the loops. What
        /// blocks in a handler shows here: a loop that did not answer is as late as it was waited for. It is looked at twice a second, from the first question on, until nobody has asked
        /// for two minutes.
        public internal(set) var loopLag: [Duration] = []
        /// Event loops that did not answer in time: what they have, and what happened there, is missing from all sums, which are
        /// smaller than before.
        public internal(set) var unansweredLoops = 0
        /// Log lines of this process that the default logger did not write, because they came faster than they are read.
        public internal(set) var droppedLogLines = 0
    }

    /// What the server has now, and what happened since it began to listen; nothing while it does not listen.
    ///
    /// All event loops are asked, as for `counts`; one that does not answer within 10 seconds is left out, and counted in
    /// `unansweredLoops`.
    ///
    /// ```swift
    /// let metrics = await io.metrics
    /// print(metrics.receivedEvents, metrics.disconnects[.pingTimeout] ?? 0)
    /// ```
    public var metrics: Metrics {
        get async { await context.metrics() }
    }
}

extension ServerContext {
    /// - Parameter timeout: How long the event loops have to answer.
    func metrics(within timeout: Duration = .seconds(10)) async -> SocketIOServer.Metrics {
        let asking = ContinuousClock.now
        let shards = shards
        let loops = await shards.gather(within: timeout) { $0.metrics(asking: asking) }
        var total = SocketIOServer.Metrics()
        guard !shards.isEmpty else { return total }
        total.counts = SocketIOServer.Counts(of: loops.map(\.counts))
        total.limitsMet = limitsMet
        // Who does not answer is so late at least.
        total.loopLag = Array(repeating: asking.duration(to: .now), count: shards.count)
        for loop in loops { total.add(loop) }
        total.unansweredLoops = shards.count - loops.count
        total.droppedLogLines = LogWriter.standardError.droppedLineCount
        return total
    }
}

/// What one loop has, and what happened there.
private struct LoopMetrics: Sendable {
    let index: Int
    let counts: LoopCounts
    let tally: ServerTally
    let events: EventCounts
    let opened: Int
    let refused: [ConnectionError.Code: Int]
    let excesses: [String: Int]
    let receivedBytes: Int
    let sentBytes: Int
    let bufferedBytes: Int
    let pendingAcks: Int
    let lag: Duration
}

extension ServerShard {
    fileprivate func metrics(asking: ContinuousClock.Instant) -> LoopMetrics {
        LoopMetrics(
            index: loop.index, counts: counts, tally: tally, events: eventCounts, opened: engine.openedCount,
            refused: engine.refusedCounts, excesses: engine.excessCounts,
            receivedBytes: loop.receivedByteCount, sentBytes: loop.sentByteCount,
            bufferedBytes: loop.unsentBytes.count, pendingAcks: pendingAcks, lag: lag.take(asking: asking))
    }
}

extension SocketIOServer.Metrics {
    fileprivate mutating func add(_ loop: LoopMetrics) {
        sessions += loop.counts.sessions
        openedSessions += loop.opened
        refusedRequests.merge(loop.refused, uniquingKeysWith: +)
        limitsMet.merge(loop.excesses, uniquingKeysWith: +)
        disconnects.merge(loop.tally.disconnects, uniquingKeysWith: +)
        receivedEvents += loop.events.received
        sentEvents += loop.events.sent
        receivedBytes += loop.receivedBytes
        sentBytes += loop.sentBytes
        bufferedBytes += loop.bufferedBytes
        pendingAcks += loop.pendingAcks
        if loop.index < loopLag.count { loopLag[loop.index] = loop.lag }
    }
}
