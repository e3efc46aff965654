internal import NetLoop

/// A client's manager, and what is between it and the server.
struct ClientLine: Sendable {
    let manager: ClientManager
    let network: LoopBound<ClientNetwork>

    /// What its requests name as the host; nobody resolves it.
    private static let url = "http://localhost"

    init(
        to server: SocketIOServer, from address: SocketAddress, _ configuration: ClientManager.Configuration,
        on loop: EventLoop
    ) {
        network = LoopBound(ClientNetwork(to: server, from: address, on: loop), on: loop)
        manager = ClientManager(url: Self.url, configuration, on: loop, through: NetworkSource(network: network))
    }
}

private struct NetworkSource: ConnectionSource {
    let network: LoopBound<ClientNetwork>

    func connect(on loop: EventLoop, completion: @escaping Connector.Completion) -> any PendingConnection {
        let dial = Dial(completion)
        // With a later turn, so that the caller has the dial before it hears of it.
        loop.post(Dialling(network: network, dial: LoopBound(dial, on: loop)))
        return dial
    }
}

private struct Dialling: LoopMessage {
    let network: LoopBound<ClientNetwork>
    let dial: LoopBound<Dial>

    func deliver(on loop: EventLoop) {
        network.value.connect(dial.value)
    }
}
