/// The protocol that is spoken on a connection. Called on the connection's loop only.
package protocol ConnectionHandler: AnyObject {
    /// Bytes arrived; what is not consumed here is gone.
    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection)
    /// The peer sends nothing more. The connection stays open for sending until it is closed.
    func peerFinished(_ connection: TCPConnection)
    /// The connection is gone, by the peer, by an error or because its output grew over the limit. Not called after
    /// `close` or `finish`.
    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason)
    /// How many bytes are held for a peer that does not read before the connection is given up. Any number, by default.
    var outputLimit: Int { get }
    /// How long the peer may take nothing of what waits for it before the connection is given up, at most a quarter of
    /// that late. For ever, by default.
    var stallTime: Duration? { get }
    /// Whether what has arrived is read to its end where the peer is gone and reading is stopped; no, by default.
    var readsWhatIsLeft: Bool { get }
    /// A TLS connection has shaken hands: the peer is who it says, as far as that is verified. Nothing, by default.
    func connectionSecured(_ connection: TCPConnection)
    /// What the kernel did not take at once is with it: there is room for more. With the end of the turn; nothing, by
    /// default.
    func outputDrained(_ connection: TCPConnection)
    /// The kernel has taken some of what waited, or something waits now. In the middle of a send: nothing of the application
    /// may run. Nothing, by default.
    func outputChanged(_ connection: TCPConnection)
}

extension ConnectionHandler {
    package var outputLimit: Int { .max }
    package var stallTime: Duration? { nil }
    package var readsWhatIsLeft: Bool { false }
    package func connectionSecured(_ connection: TCPConnection) {}
    package func outputDrained(_ connection: TCPConnection) {}
    package func outputChanged(_ connection: TCPConnection) {}
}
