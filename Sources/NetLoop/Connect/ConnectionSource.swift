/// Where the connections of a client come from, instead of the network: for tests.
package protocol ConnectionSource: Sendable {
    /// Starts to connect, on the thread of `loop`; `completion` is called as `Connector` calls it.
    func connect(on loop: EventLoop, completion: @escaping Connector.Completion) -> any PendingConnection
}

/// A connection on its way.
package protocol PendingConnection: AnyObject {
    /// Gives up: the completion is not called.
    func cancel()
}
