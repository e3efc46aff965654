internal import NetLoop

/// Passes on what either of two connections brings, for as long as something gets through.
///
/// It is why a network can go silent: where the two ends were each other's, each would see the other close.
final class Relay {
    private let near: TCPConnection
    private let far: TCPConnection
    private var isSilent = false

    init?(between near: DetachedConnection, and far: DetachedConnection, on loop: EventLoop) {
        guard let near = near.adopt(on: loop), let far = far.adopt(on: loop) else { return nil }
        self.near = near
        self.far = far
        near.handler = self
        far.handler = self
    }

    var isOpen: Bool { near.isOpen || far.isOpen }

    /// Ends both connections, which both sides see.
    func cut() {
        near.close()
        far.close()
    }

    /// While it is silent nothing is passed on, the end of a connection neither.
    func setSilent(_ isSilent: Bool) {
        self.isSilent = isSilent
        for connection in [near, far] {
            connection.setReading(!isSilent)
            if !isSilent, !connection.isOpen { other(than: connection).finish() }
        }
    }

    private func other(than connection: TCPConnection) -> TCPConnection {
        connection === near ? far : near
    }

    private func end(_ connection: TCPConnection) {
        guard !isSilent else { return }
        other(than: connection).finish()
        connection.close()
    }
}

extension Relay: ConnectionHandler {
    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        let other = other(than: connection)
        other.send(Array(bytes.span))
        if !other.isWritable { connection.setReading(false) }
    }

    func outputDrained(_ connection: TCPConnection) {
        if !isSilent { other(than: connection).setReading(true) }
    }

    func peerFinished(_ connection: TCPConnection) { end(connection) }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) { end(connection) }
}
