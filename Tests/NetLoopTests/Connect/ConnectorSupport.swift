import Testing

@testable import NetLoop

/// A port of this machine on which nobody listens.
func closedPort() throws -> UInt16 {
    try StreamSocket.listen(on: SocketAddress(host: "127.0.0.1", port: 0)!, backlog: 1).address.port
}

/// A port of this machine that does not answer: its queue is full.
final class SilentListener {
    let address: SocketAddress
    private let listening: StreamSocket.Addressed
    private let filler: LoopbackSocket

    init() throws {
        listening = try StreamSocket.listen(on: SocketAddress(host: "127.0.0.1", port: 0)!, backlog: 0)
        address = listening.address
        filler = try LoopbackSocket(to: address)
    }
}

extension Resolver {
    convenience init(answering addresses: [SocketAddress]) {
        self.init(maxThreads: 1, maxWaiting: 1) { _, _ in .addresses(addresses) }
    }
}

struct Run: LoopMessage {
    let body: @Sendable (EventLoop) -> Void

    func deliver(on loop: EventLoop) {
        body(loop)
    }
}

/// A connector that a test may cancel; whether somebody keeps it can be asked.
struct Pending: Sendable {
    private final class Box {
        weak var connector: Connector?
    }
    private let box: LoopBound<Box>

    init(_ connector: Connector) {
        box = LoopBound(Box(), on: connector.loop)
        box.value.connector = connector
    }

    var value: Connector? { box.value.connector }

    func isGone() async -> Bool {
        await eventually { await box.loop.call { _ in box.value.connector == nil } }
    }
}

extension EventLoop {
    /// Connects, with a handler that listens.
    func connect(
        to host: String, port: UInt16, tls: TLSContext? = nil, timeout: Duration = .seconds(20),
        resolver: Resolver = .shared
    ) async -> Result<Accepted, ConnectError> {
        await withCheckedContinuation { continuation in
            post(
                Run { loop in
                    Connector(to: host, port: port, on: loop, tls: tls, timeout: timeout, resolver: resolver) {
                        result in
                        continuation.resume(returning: result.map(Accepted.init(adopting:)))
                    }
                })
        }
    }

    /// Begins to connect to a host that must not answer.
    func connector(
        to host: String, port: UInt16, tls: TLSContext? = nil, resolver: Resolver = .shared
    ) async -> Pending {
        await call { loop in
            let connector = Connector(to: host, port: port, on: loop, tls: tls, resolver: resolver) { result in
                Issue.record("it ended: \(result)")
            }
            return Pending(connector)
        }
    }
}

extension Accepted {
    init(adopting connection: TCPConnection) {
        let handler = ListeningHandler()
        connection.handler = handler
        self.init(
            connection: LoopBound(connection, on: connection.loop), handler: LoopBound(handler, on: connection.loop),
            heard: handler.heard)
    }
}

extension Result {
    var failure: Failure? {
        switch self {
        case .success: nil
        case .failure(let error): error
        }
    }
}
