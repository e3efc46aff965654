internal import Synchronization

/// A connection on its way from one loop to another.
///
/// `@unchecked Sendable`: it is built on one thread and adopted, once, on another; the mailbox between them orders the
/// two.
package final class DetachedConnection: @unchecked Sendable {
    private var descriptor: OwnedDescriptor?
    private let peer: SocketAddress
    private var queue: OutputQueue?
    /// Whether the peer sends nothing more, which the next handler is not told again.
    private let isPeerFinished: Bool
    private let isSecureElsewhere: Bool
    private let counter: ConnectionCount?
    /// What arrived before the hand-over and was not consumed.
    package let unread: [UInt8]

    init(
        _ descriptor: consuming OwnedDescriptor, peer: SocketAddress, unread: [UInt8] = [],
        queue: OutputQueue? = nil, isPeerFinished: Bool = false, isSecureElsewhere: Bool = false,
        counter: ConnectionCount? = nil
    ) {
        self.descriptor = consume descriptor
        self.peer = peer
        self.unread = unread
        self.queue = queue
        self.isPeerFinished = isPeerFinished
        self.isSecureElsewhere = isSecureElsewhere
        self.counter = counter
    }

    /// Two ends of one connection within the process, which no network is between.
    ///
    /// - Parameters:
    ///   - peer: Who each end takes the other for.
    ///   - isSecure: Whether that peer uses TLS with somebody who passes its bytes on.
    package static func pair(
        peer: SocketAddress = .unknown, isSecure: Bool = false
    ) throws(SystemError) -> (DetachedConnection, DetachedConnection) {
        let pair = try StreamSocket.pair()
        return (
            DetachedConnection(pair.first, peer: peer, isSecureElsewhere: isSecure),
            DetachedConnection(pair.second, peer: peer, isSecureElsewhere: isSecure)
        )
    }

    deinit {
        // Nobody took it over: its descriptor closes here.
        if descriptor != nil { counter?.connectionClosed() }
    }

    /// Takes the connection over, on the thread of `loop`; nil the second time, if the loop has ended or if the system
    /// refuses.
    package func adopt(on loop: EventLoop) -> TCPConnection? {
        guard let descriptor = descriptor.take() else { return nil }
        // It belongs to the connection from now on.
        let queue = queue.take()
        // A descriptor that is not watched is closed with its owner: the peer sees the connection end.
        guard !loop.hasEnded,
            let connection = try? TCPConnection(
                adopting: descriptor, peer: peer, on: loop, queue: queue, isPeerFinished: isPeerFinished,
                isSecureElsewhere: isSecureElsewhere)
        else {
            counter?.connectionClosed()
            return nil
        }
        connection.counter = counter
        return connection
    }
}

extension TCPConnection {
    /// Gives up the socket for another loop to take over, with what could not be sent yet.
    ///
    /// - Parameter unread: Bytes that arrived and that the new handler is to see first.
    package func detach(unread: [UInt8]) -> DetachedConnection? {
        flush(loop.output)
        let isPeerFinished: Bool
        switch state {
        case .open: isPeerFinished = false
        case .peerFinished: isPeerFinished = true
        case .finishing, .failing, .closed: return nil
        }
        let queue = leaveLoop()
        state = .closed
        handler = nil
        return DetachedConnection(
            release(), peer: peer, unread: unread, queue: queue, isPeerFinished: isPeerFinished,
            isSecureElsewhere: isSecureElsewhere, counter: counter)
    }
}
