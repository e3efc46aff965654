/// What a session on polling has with its client: packets to fetch, open requests, and an upgrade under way.
struct EngineRequests {
    typealias Action = EngineServerSession.Action

    /// Whether a GET waits for something to say.
    var isPolling = false
    /// Whether the body of a POST is arriving.
    var isPosting = false
    var upgrade = EngineUpgrade()
    private var packets: [EnginePacket] = []
    /// What the packets take, as they will be sent and while they wait.
    private(set) var byteCount = 0

    /// Whether nothing waits for the client.
    var isEmpty: Bool { packets.isEmpty }

    /// Keeps a packet, unless there are too many already. True if this changes what is to be done with the turn: the
    /// first packet can be sent, and one over the limit ends the session, but not in the middle of application code.
    mutating func queue(_ packet: EnginePacket, limit: Int) -> Bool {
        guard byteCount <= limit else { return false }
        let isFirst = packets.isEmpty
        packets.append(packet)
        byteCount += packet.payloadByteCount + EnginePacket.queueOverhead
        return isFirst || byteCount > limit
    }

    mutating func takePackets() -> [EnginePacket] {
        defer {
            packets = []
            byteCount = 0
        }
        return packets
    }

    /// Answers an open poll with all that waits, if anything does.
    mutating func flush() -> Action? {
        guard isPolling, !packets.isEmpty else { return nil }
        isPolling = false
        return .answerPoll(takePackets())
    }

    /// Ends an open poll with a noop: the client must be able to go on.
    mutating func releasePoll() -> [Action] {
        answerPoll(.noop)
    }

    /// Ends all that is open: an open poll with the close packet, so that the client sees it at once.
    mutating func abandon() -> [Action] {
        var actions = closeProbe() + answerPoll(.close)
        if isPosting { actions.append(.refusePost) }
        isPosting = false
        return actions
    }

    mutating func closeProbe() -> [Action] {
        guard upgrade.hasProbe else { return [] }
        upgrade.disconnect()
        return [.closeProbe]
    }

    private mutating func answerPoll(_ type: EnginePacketType) -> [Action] {
        guard isPolling else { return [] }
        isPolling = false
        return [.answerPoll([.text(type)])]
    }
}
