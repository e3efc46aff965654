/// A connection to a socket of this machine (`unix(7)`) on its way: with the next turn it is there, or an error is.
///
/// Everything on the loop's thread. Nobody needs to hold it.
package final class LocalConnector: PendingConnection {
    private let loop: EventLoop
    private let path: String
    /// Nil once it was called, or is not to be called any more.
    private var completion: Connector.Completion?

    /// Starts to connect; `completion` is called as `Connector` calls it.
    ///
    /// - Parameter path: Of the socket.
    @discardableResult
    package init(to path: String, on loop: EventLoop, completion: @escaping Connector.Completion) {
        self.path = path
        self.loop = loop
        self.completion = completion
        // With the next turn, so that the caller has the connector before it hears of it.
        loop.post(Begin(connector: LoopBound(self, on: loop)))
    }

    package func cancel() {
        completion = nil
    }

    fileprivate func begin() {
        guard let completion = completion.take() else { return }
        do throws(SystemError) {
            let connection = try TCPConnection(
                adopting: StreamSocket.connect(toPath: path), peer: .unknown, on: loop)
            completion(.success(connection))
        } catch {
            completion(.failure(ConnectError(path: path, reason: ConnectError.Reason(error))))
        }
    }
}

private struct Begin: LoopMessage {
    let connector: LoopBound<LocalConnector>

    func deliver(on loop: EventLoop) {
        connector.value.begin()
    }
}
