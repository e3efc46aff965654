internal import EngineIO
internal import SocketIOEvents

extension SocketIOServer.Metrics {
    /// All of it in Prometheus' text format: names that begin with `socketio_`, seconds and bytes. Of namespaces the 100
    /// largest have a series of their own; the rest are together `others`.
    public var prometheusText: String {
        var text = PrometheusText()
        addHoldings(to: &text)
        addTraffic(to: &text)
        addTroubles(to: &text)
        return text.text
    }

    private func addHoldings(to text: inout PrometheusText) {
        let transports: [TransportName] = [.polling, .webSocket]
        text.add(
            "connections", .gauge, "Connected clients by transport.", by: "transport",
            transports.map { ($0.rawValue, counts.connections[$0] ?? 0) })
        text.add("sessions", .gauge, "Engine.IO sessions, closing ones included.", sessions)
        text.add(
            "sockets", .gauge, "Connected sockets by namespace.", by: "namespace",
            PrometheusText.largest(of: counts.sockets))
        text.add(
            "rooms", .gauge, "Rooms that somebody is in, by namespace.", by: "namespace",
            PrometheusText.largest(of: counts.rooms))
        text.add("pending_acks", .gauge, "Acknowledgements that clients have not given yet.", pendingAcks)
        text.add("buffered_bytes", .gauge, "Bytes that clients have not taken yet.", bufferedBytes)
    }

    private func addTraffic(to text: inout PrometheusText) {
        text.add("sessions_opened_total", .counter, "Sessions that have begun.", openedSessions)
        text.add("events_received_total", .counter, "Events from clients.", receivedEvents)
        text.add("events_sent_total", .counter, "Events to clients, one for each that gets it.", sentEvents)
        text.add("received_bytes_total", .counter, "Bytes received over all connections.", receivedBytes)
        text.add("sent_bytes_total", .counter, "Bytes sent over all connections.", sentBytes)
    }

    private func addTroubles(to text: inout PrometheusText) {
        text.add(
            "refused_requests_total", .counter, "Handshakes and requests of sessions that were refused.", by: "reason",
            ConnectionError.Code.all.map { ($0.description, refusedRequests[$0] ?? 0) })
        text.add(
            "disconnects_total", .counter, "Sockets that were connected and are gone.", by: "reason",
            DisconnectReason.allCases.map { ($0.rawValue, disconnects[$0] ?? 0) })
        text.add(
            "limits_met_total", .counter, "How often a limit was met.", by: "limit",
            limitsMet.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        text.add(
            "loop_lag_seconds", .gauge, "How late an event loop was at most since it was asked last.", by: "loop",
            loopLag.enumerated().map { (String($0.offset), $0.element / .seconds(1)) })
        text.add("unanswered_loops", .gauge, "Event loops of which these numbers know nothing.", unansweredLoops)
        text.add("log_lines_dropped_total", .counter, "Log lines that were not written.", droppedLogLines)
    }
}
