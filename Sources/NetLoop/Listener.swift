/// Accepts connections on one loop and deals them out to all.
package final class Listener: Pollable {
    /// Called on the thread of the loop that got the connection, which is its argument.
    package typealias Accept = @Sendable (TCPConnection) -> Void
    /// Called on the listener's loop when nothing can be accepted for a moment, again and again while that goes on.
    package typealias Exhausted = @Sendable (SystemError, EventLoop) -> Void

    package let address: SocketAddress
    private let loop: EventLoop
    private let group: EventLoopGroup
    private let socket: CInt
    private var owner: OwnedDescriptor?
    private var tls: TLSContext?
    private let accept: Accept
    private var retryTimer: TimerID?
    private let exhausted: Exhausted

    private static let acceptsPerTurn = 256
    /// How long nothing is accepted after descriptors ran out.
    private static let retryDelay = Duration.milliseconds(100)

    /// Listens on `address`, on the thread of `loop`.
    package convenience init(
        on address: SocketAddress, loop: EventLoop, group: EventLoopGroup, tls: TLSContext? = nil,
        exhausted: @escaping Exhausted = { _, _ in }, accept: @escaping Accept
    ) throws(SystemError) {
        try self.init(
            ListeningSocket(on: address), loop: loop, group: group, tls: tls, exhausted: exhausted, accept: accept)
    }

    /// Accepts from `listening`, on the thread of `loop`.
    ///
    /// - Parameter tls: Who the server is, where its connections are secure.
    package init(
        _ listening: ListeningSocket, loop: EventLoop, group: EventLoopGroup, tls: TLSContext? = nil,
        exhausted: @escaping Exhausted = { _, _ in }, accept: @escaping Accept
    ) throws(SystemError) {
        let descriptor = listening.take()
        address = listening.address
        self.loop = loop
        self.group = group
        self.tls = tls
        self.exhausted = exhausted
        self.accept = accept
        socket = descriptor.rawValue
        owner = .some(descriptor)
        super.init()
        token = loop.register(self)
        do {
            try loop.poller.add(socket, token: token, interest: .read)
        } catch {
            loop.unregister(token)
            throw error
        }
    }

    override func becameReady(_ readiness: Readiness) {
        for _ in 0..<Self.acceptsPerTurn {
            // Whoever took the last connection may have closed the listener, whose descriptor is another's then.
            guard owner != nil else { return }
            do {
                guard let accepted = try StreamSocket.accept(from: socket) else { return }
                let peer = accepted.address
                let connection = DetachedConnection(accepted.socket, peer: peer)
                let message = Accepted(connection: connection, tls: tls, accept: accept)
                let target = group.next()
                if target === loop { message.deliver(on: loop) } else { target.post(message) }
            } catch {
                return pause(because: error)
            }
        }
    }

    /// Out of descriptors: the waiting connections stay in the kernel's queue, and the loop must not spin on them.
    private func pause(because error: SystemError) {
        loop.poller.update(socket, token: token, interest: [])
        retryTimer = loop.schedule(self, after: Self.retryDelay)
        exhausted(error, loop)
    }

    /// Connections that are accepted from now on have this context; those that were stay as they are.
    package func use(_ tls: TLSContext) {
        self.tls = tls
    }

    /// Stops accepting; connections that were accepted stay.
    package override func close() {
        guard owner != nil else { return }
        if let retryTimer { loop.cancel(retryTimer) }
        loop.poller.remove(socket)
        loop.unregister(token)
        owner = nil
    }
}

extension Listener: TimerTarget {
    package func timerFired(now: ContinuousClock.Instant) {
        retryTimer = nil
        loop.poller.update(socket, token: token, interest: .read)
    }
}

private struct Accepted: LoopMessage {
    let connection: DetachedConnection
    let tls: TLSContext?
    let accept: Listener.Accept

    func deliver(on loop: EventLoop) {
        guard let connection = connection.adopt(on: loop) else { return }
        if let tls {
            // There is no memory for it: the client sees its connection end.
            guard let engine = try? tls.makeEngine() else { return connection.close() }
            connection.startTLS(engine)
        }
        accept(connection)
    }
}
