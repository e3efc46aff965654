import SocketIOWire

/// One client over long-polling (Protocol.md 3.3): a GET is always open, a POST carries what it has to say.
final class PollingSession {
    enum Channel {
        case poll, post
    }

    private enum State {
        /// Waits for the `open` packet.
        case opening
        /// Has sent CONNECT, waits for the reply.
        case connecting
        case open
    }

    let poll: HTTPChannel
    let post: HTTPChannel
    private let plan: LoadPlan
    private let meter: Meter
    /// Two batches, sent in turn.
    private let packets: [[UInt8]]
    private var state = State.opening
    private var target: String
    /// The packets that are still to come, in order.
    private var expected: ArraySlice<[UInt8]> = []
    /// Where the next batch begins in `packets`.
    private var next = 0
    private var askedAt: UInt64 = 0
    private var isPosting = false
    /// A heartbeat is to be answered with the next batch.
    private var pongDue = false
    private var mayAsk = true

    private static let separator: UInt8 = 0x1E

    init(_ plan: LoadPlan, index: Int, meter: Meter) throws {
        self.plan = plan
        self.meter = meter
        poll = try HTTPChannel(plan.target)
        post = try HTTPChannel(plan.target)
        target = plan.target.path + "?EIO=4&transport=polling"
        packets = Exchange(plan, connection: index).requests.map { $0[0].bytes }
    }

    var isOpen: Bool {
        switch state {
        case .opening, .connecting: false
        case .open: true
        }
    }

    /// Whether everything that was asked is answered.
    var isFinished: Bool { !mayAsk && expected.isEmpty && !isPosting }

    func begin() throws(LoadFailure) {
        try poll.get(target)
    }

    /// Sends the next batch.
    func ask() throws(LoadFailure) {
        guard mayAsk else { return }
        expected = packets[next..<next + plan.inFlight]
        next = next == 0 ? plan.inFlight : 0
        var body: [UInt8] = []
        if pongDue { body = [UInt8(ascii: "3"), Self.separator] }
        pongDue = false
        body += expected.joined(separator: [Self.separator])
        askedAt = Clock.now
        try send(body)
    }

    /// Sends no more from now on.
    func stop() {
        mayAsk = false
    }

    /// Takes what has arrived on one of the connections.
    func receive(_ channel: Channel, into buffer: ReceiveBuffer) throws {
        switch channel {
        case .poll:
            guard let body = try poll.receive(into: buffer) else { return }
            try take(body)
            try poll.get(target)
        case .post:
            guard let body = try post.receive(into: buffer) else { return }
            guard body.elementsEqual("ok".utf8) else { throw unexpected(body) }
            isPosting = false
        }
        if case .open = state, expected.isEmpty, !isPosting, askedAt > 0 { try ask() }
    }

    private func take(_ body: [UInt8]) throws(LoadFailure) {
        for packet in body.split(separator: Self.separator) {
            switch state {
            case .opening:
                let text = String(decoding: packet, as: UTF8.self)
                guard text.hasPrefix(#"0{"sid":""#) else { throw unexpected(body) }
                target += "&sid=" + (text.split(separator: "\"").dropFirst(3).first ?? "")
                state = .connecting
                try send(Array("40".utf8))
            case .connecting:
                guard packet.starts(with: Array("40{".utf8)) else { throw unexpected(body) }
                state = .open
            case .open:
                if packet.elementsEqual(expected.first ?? []) {
                    expected.removeFirst()
                    meter.record(latency: Clock.now &- askedAt)
                } else if packet.elementsEqual("2".utf8) {
                    pongDue = true
                } else {
                    throw unexpected(body)
                }
            }
        }
    }

    private func send(_ body: [UInt8]) throws(LoadFailure) {
        isPosting = true
        try post.post(target, body)
    }

    private func unexpected(_ body: [UInt8]) -> LoadFailure {
        LoadFailure(
            "the server answers something else than expected: \(String(decoding: body.prefix(200), as: UTF8.self))")
    }
}
