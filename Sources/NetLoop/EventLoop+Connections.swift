internal import SocketIOWire

// What the loop does for its connections, and their output.

extension EventLoop {
    // Each a call on the object that holds what it needs, which takes no references.

    func receive(from socket: CInt) -> ReceiveRegion.Received {
        receiveRegion.receive(from: socket)
    }

    /// `connection` has noted a part of the output.
    func mark(_ connection: TCPConnection, token: UInt64) {
        sending.mark(connection, token: token)
    }

    /// The handlers of the connection that is being served have returned.
    func sendServed(_ connection: TCPConnection) {
        sending.sendServed(connection)
    }

    /// Gives the `count` bytes that were received to `handler`.
    func deliver(_ count: Int, to handler: any ConnectionHandler, on connection: TCPConnection) {
        receiveRegion.withBytes(count) { bytes in handler.receive(&bytes, on: connection) }
    }

    /// The connections that the loop serves.
    package var tcpConnections: [TCPConnection] { connections.all.compactMap { $0 as? TCPConnection } }

    /// Closes every connection and listener of the loop; their handlers hear nothing.
    package func closeAll() {
        for connection in connections.all { connection.close() }
    }

    /// What its connections have received from the kernel, and the kernel has taken from them: TLS and HTTP included.
    package var receivedByteCount: Int { receiveRegion.receivedByteCount }
    package var sentByteCount: Int { unsentBytes.takenCount }

    /// How many descriptors the loop watches.
    package var connectionCount: Int { connections.count }

    /// How often `output` has started afresh: offsets noted under another number mean nothing any more.
    package var outputGeneration: Int { sending.generation }

    /// Several connections are about to enqueue `range`: what they cannot send yet is held once for all.
    @inline(__always)
    package func noteShared(_ range: Range<Int>) { sending.noteShared(range) }

    /// Begins a piece of output: everything appended to `output` after this is at the offsets it will be sent from.
    @inline(__always)
    package func beginOutput() -> Int {
        if sending.isFull { sendOutput() }
        return output.count
    }

    /// Has everybody send what there is so far in this turn.
    package func sendOutput() {
        sending.sendAll { connections[$0] as? TCPConnection }
    }
}
