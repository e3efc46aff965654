// The upgrade to WebSocket (Protocol.md 3.6).

extension EngineServerSession {
    /// A WebSocket that names the session is open.
    package mutating func probeConnected(now: Instant, rules: Rules) -> [Action] {
        switch state {
        case .polling(let polling): connectProbe(&polling.requests, now: now, rules: rules)
        case .draining(let draining): connectProbe(&draining.requests, now: now, rules: rules)
        case .webSocket, .closed: [.refuseProbe]
        }
    }

    private func connectProbe(_ requests: inout EngineRequests, now: Instant, rules: Rules) -> [Action] {
        [requests.upgrade.connect(now: now, timeout: rules.upgradeTimeout) ? .keepProbe : .refuseProbe]
    }

    /// A packet arrived on the probe.
    package mutating func receiveProbe(_ packet: EngineUpgrade.Packet, now: Instant) -> [Action] {
        switch state {
        case .polling(let polling): perform(polling.requests.upgrade.receive(packet, now: now), &polling.requests)
        case .draining(let draining): perform(draining.requests.upgrade.receive(packet, now: now), &draining.requests)
        case .webSocket, .closed: []
        }
    }

    /// The probe closed, or broke.
    package mutating func probeEnded() {
        switch state {
        case .polling(let polling): polling.requests.upgrade.disconnect()
        case .draining(let draining): draining.requests.upgrade.disconnect()
        case .webSocket, .closed: break
        }
    }

    mutating func advanceUpgrade(_ requests: inout EngineRequests, now: Instant) -> [Action] {
        guard let action = requests.upgrade.handleTimeout(now: now) else { return [] }
        return perform(action, &requests)
    }

    private mutating func perform(_ action: EngineUpgrade.Action, _ requests: inout EngineRequests) -> [Action] {
        switch action {
        case .answerProbe: return [.answerProbe] + requests.releasePoll()
        case .releasePoll: return requests.releasePoll()
        case .abandon: return [.closeProbe]
        case .switchTransport: return requests.releasePoll() + switchTransport(with: requests.takePackets())
        }
    }

    private mutating func switchTransport(with packets: [EnginePacket]) -> [Action] {
        switch state {
        case .polling(let polling):
            state = .webSocket(polling.heartbeat)
            return [.switchTransport(packets)]
        case .draining(let draining):
            // That was what the client had to fetch.
            state = .closed(draining.reason, draining.dialect)
            return [.switchTransport(packets), .closeWebSocket(.normal), .retire]
        case .webSocket, .closed:
            return []
        }
    }
}
