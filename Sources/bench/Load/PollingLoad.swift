import SocketIOWire

/// Sessions over long-polling, each with a connection for its polls and one for its posts.
final class PollingLoad {
    private let sessions: [PollingSession]
    private let meter: Meter
    private let epoll: Epoll
    private let buffer = ReceiveBuffer()

    private static let patience: UInt64 = 10_000_000_000

    init(_ plan: LoadPlan, meter: Meter) throws {
        self.meter = meter
        let epoll = try Epoll()
        sessions = try (0..<plan.connections).map { index in
            let session = try PollingSession(plan, index: index, meter: meter)
            try epoll.add(session.poll.socket, token: index * 2)
            try epoll.add(session.post.socket, token: index * 2 + 1)
            return session
        }
        self.epoll = epoll
    }

    /// Opens the sessions.
    func open() throws {
        for session in sessions { try session.begin() }
        try run { !sessions.allSatisfy(\.isOpen) }
    }

    /// Runs the load to its end: until the last message is back.
    func run() throws {
        meter.start()
        for session in sessions { try session.ask() }
        try run {
            meter.advance(to: Clock.now)
            if meter.result != nil { for session in sessions { session.stop() } }
            return !sessions.allSatisfy(\.isFinished)
        }
    }

    private func run(while goesOn: () -> Bool) throws {
        var lastEvent = Clock.now
        while goesOn() {
            let ready = epoll.wait(milliseconds: 100)
            for index in 0..<ready {
                let token = epoll.event(at: index).token
                try sessions[token / 2].receive(token % 2 == 0 ? .poll : .post, into: buffer)
            }
            let now = Clock.now
            if ready > 0 { lastEvent = now }
            guard now &- lastEvent < Self.patience else {
                throw LoadFailure("messages are not answered, and the server has fallen silent")
            }
        }
    }
}
