internal import NetLoop
internal import SocketIOWire

/// What a manager's settings are to its connections.
struct Address {
    let endpoint: Endpoint
    let target: EngineTarget
}

/// Where a manager's connections go, and what goes with each request.
struct Endpoint {
    let origin: HTTPOrigin
    /// For https and wss.
    let tls: TLSContext?
    let fields: HTTPFieldLines
    /// The application's cookies, which go into one line with the server's.
    let cookie: String?
    let connectTimeout: Duration
    let messageBytes: Int
    let unsentBytes: Int
    /// How long the server may take to answer a close frame and to close the connection, or to take the last POSTs.
    let closeTime: Duration
    let connections: ConnectionCount
    /// Nil if no messages are compressed.
    let compression: ClientCompression.Settings?
    /// Nil for the network.
    let source: (any ConnectionSource)?

    /// Starts to connect; the connection is counted.
    func connect(
        on loop: EventLoop, completion: @escaping (Result<TCPConnection, ClientError>) -> Void
    ) -> any PendingConnection {
        let connected: Connector.Completion = { [connections] result in
            switch result {
            case .success(let connection):
                connections.add(connection)
                completion(.success(connection))
            case .failure(let error):
                completion(.failure(ClientError(error)))
            }
        }
        if let source { return source.connect(on: loop, completion: connected) }
        return Connector(
            to: origin.host, port: origin.port, on: loop, tls: tls, timeout: connectTimeout, completion: connected)
    }
}
