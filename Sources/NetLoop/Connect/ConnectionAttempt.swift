/// A socket that is being connected, watched by its loop until the system says how it went.
final class ConnectionAttempt: Pollable {
    private let loop: EventLoop
    private let address: SocketAddress
    private let socket: CInt
    private var owner: OwnedDescriptor?
    /// Told once, from a later turn; nil error means connected. Not told after `close`.
    private var outcome: ((SystemError?) -> Void)?

    init(
        to address: SocketAddress, on loop: EventLoop, outcome: @escaping (SystemError?) -> Void
    ) throws(SystemError) {
        let descriptor = try StreamSocket.connect(to: address)
        socket = descriptor.rawValue
        owner = consume descriptor
        self.address = address
        self.loop = loop
        self.outcome = outcome
        super.init()
        token = loop.register(self)
        do {
            // A socket that is connected already is ready at once.
            try loop.poller.add(socket, token: token, interest: .write)
        } catch {
            loop.unregister(token)
            throw error
        }
    }

    override func becameReady(_ readiness: Readiness) {
        let outcome = outcome
        self.outcome = nil
        outcome?(StreamSocket.pendingError(of: socket))
    }

    /// Hands the connected socket over; the attempt is over.
    func takeConnection() throws(SystemError) -> TCPConnection {
        guard let descriptor = release() else { preconditionFailure("an attempt is used once") }
        return try TCPConnection(adopting: descriptor, peer: address, on: loop)
    }

    override func close() {
        _ = release()
    }

    private func release() -> OwnedDescriptor? {
        outcome = nil
        guard let descriptor = owner.take() else { return nil }
        loop.poller.remove(socket)
        loop.unregister(token)
        return descriptor
    }
}
