internal import NetLoop

/// What is between one client and the server. Lives on the client's loop.
final class ClientNetwork {
    private let server: SocketIOServer
    private let address: SocketAddress
    private let loop: EventLoop
    private var state = TestClient.Network.working
    private var relays: [Relay] = []
    /// Who asked for a connection while nothing got through.
    private var unanswered: [Dial] = []

    init(to server: SocketIOServer, from address: SocketAddress, on loop: EventLoop) {
        self.server = server
        self.address = address
        self.loop = loop
    }

    func connect(_ dial: Dial) {
        switch state {
        case .working: open(dial)
        case .silent: unanswered.append(dial)
        case .down: dial.refuse()
        }
    }

    /// Breaks the connections there are.
    func cut() {
        for relay in relays { relay.cut() }
        relays = []
    }

    func set(_ new: TestClient.Network) {
        state = new
        switch new {
        case .working:
            for relay in relays { relay.setSilent(false) }
            let waiting = unanswered
            unanswered = []
            for dial in waiting { open(dial) }
        case .silent:
            for relay in relays { relay.setSilent(true) }
        case .down:
            cut()
            let waiting = unanswered
            unanswered = []
            for dial in waiting { dial.refuse() }
        }
    }

    private func open(_ dial: Dial) {
        guard dial.isWanted else { return }
        relays.removeAll { !$0.isOpen }
        guard let near = try? DetachedConnection.pair(), let far = try? DetachedConnection.pair(peer: address),
            server.serve(far.1), let client = near.0.adopt(on: loop),
            let relay = Relay(between: near.1, and: far.0, on: loop)
        else {
            // Nobody serves, or the system has no descriptor: the client sees the same.
            return dial.refuse()
        }
        relays.append(relay)
        dial.succeed(with: client)
    }
}
