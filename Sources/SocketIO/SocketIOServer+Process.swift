internal import EngineIO
package import NetLoop

/// A server without a port, for tests.
extension SocketIOServer {
    /// Serves the connections that `serve(_:)` is given, in loops whose time is `time`.
    package func serve(in time: ManualTime) async throws(ListenError) {
        transports.configuration = configuration.served
        try await transports.serve(in: time)
    }

    /// Serves a connection that nobody listened for; false if the server does not run.
    package func serve(_ connection: DetachedConnection) -> Bool {
        transports.serve(connection)
    }

    /// The loops of a server that runs.
    package var loops: [EventLoop] { transports.shards.map(\.loop) }
}
