internal import NetLoop

/// A connection that a client has asked for and does not have yet.
final class Dial: PendingConnection {
    /// Nil once it was called, or is not to be called any more.
    private var completion: Connector.Completion?

    init(_ completion: @escaping Connector.Completion) {
        self.completion = completion
    }

    var isWanted: Bool { completion != nil }

    func cancel() { completion = nil }

    func succeed(with connection: TCPConnection) { complete(.success(connection)) }

    func refuse() { complete(.failure(ConnectError(host: "localhost", port: 80, reason: .refused))) }

    private func complete(_ result: Result<TCPConnection, ConnectError>) {
        let completion = completion
        self.completion = nil
        completion?(result)
    }
}
