internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// What a socket's client sent while so many of its handlers are under way that no more may begin: it waits here, in
/// order, until one of them ends. Lives on the socket's loop.
///
/// Acknowledgements and the heartbeat go past it: a handler may be waiting for this very client to answer. Only when it
/// is full is the connection not read, and only for a time (Protocol.md 6).
final class SocketInbox {
    private unowned let socket: Socket
    private let session: SessionSockets
    private let server: ServerShard
    private var packets = PacketQueue()
    /// There while it is full: when the client is given up.
    private var timer: TimerID?
    private var isDraining = false

    /// Events that are handled in one go, before others have their turn.
    private static let turnEvents = 64

    /// For `socket`, which drops it once it is over.
    init(of socket: Socket, in session: SessionSockets) {
        self.socket = socket
        self.session = session
        server = socket.shard.server
    }

    /// Whether packets of a type wait here.
    static func takes(_ type: PacketType) -> Bool {
        switch type {
        case .event, .binaryEvent, .disconnect: true
        case .ack, .binaryAck, .connect, .connectError: false
        }
    }

    func append(_ packet: AttachmentCollector.Complete) {
        server.inboxBytes += packet.byteCount
        packets.append(packet)
        guard timer == nil, isFull else { return }
        timer = server.loop.schedule(self, at: server.loop.now.advanced(by: server.limits.inboxTime.bounded))
        session.inboxFilled()
    }

    private var isFull: Bool {
        packets.count >= server.limits.inboxEvents || packets.byteCount >= server.limits.inboxBytes
            || server.inboxBytes >= server.inboxBytesLimit
    }

    /// Calls the handlers of what waits, for as long as more of them may begin.
    func drain() {
        // A handler that ends at once comes back here.
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        let socket = SocketCore(socket)
        var count = 0
        while socket.mayBeginHandlers, !packets.isEmpty {
            guard count < Self.turnEvents else {
                server.loop.post(Continuation(socket: LoopBound(self.socket, on: server.loop)))
                return
            }
            count += 1
            guard let packet = packets.removeFirst() else { break }
            server.inboxBytes -= packet.byteCount
            do throws(ProtocolViolation) {
                try socket.receive(packet.head, packet.text.span, attachments: packet.attachments)
            } catch {
                server.close(socket.session, because: error)
            }
            // It may have ended the socket.
            guard socket.extras?.inbox === self else { return }
        }
        guard packets.isEmpty else { return }
        drained()
        if socket.mayBeginHandlers { socket.dropInbox() }
    }

    private func drained() {
        guard let timer else { return }
        server.loop.cancel(timer)
        self.timer = nil
        session.inboxDrained()
    }

    /// The socket is gone, and what waits with it.
    func end() {
        server.inboxBytes -= packets.byteCount
        packets = PacketQueue()
        drained()
    }
}

/// More waits than one turn handles.
private struct Continuation: LoopMessage {
    let socket: LoopBound<Socket>

    func deliver(on loop: EventLoop) {
        SocketCore(socket.value).extras?.inbox?.drain()
    }
}

extension SocketInbox: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        session.inboxDrained()
        server.logger.log(
            at: .debug,
            "session \(session.session.id) closed: its handlers did not get to what it sent in time; see `limits.inboxTime`"
        )
        session.session.close(code: .policyViolation)
    }
}

// Which handlers are under way, and which may begin.

extension Socket {
    /// An asynchronous handler begins.
    func handlerBegins() {
        let core = SocketCore(self)
        core.handlersInFlight += 1
        if !core.mayBeginHandlers { core.beginInbox() }
    }

    /// It has ended.
    func handlerEnded() {
        let core = core
        core.handlersInFlight -= 1
        guard let extras = core.extras else { return }
        extras.inbox?.drain()
        guard core.handlersInFlight == 0, let session = extras.abandonedIn.take() else { return }
        session.abandoned -= 1
        core.dropEmptyExtras()
    }
}

extension SocketCore {
    var mayBeginHandlers: Bool { handlersInFlight < shard.server.handlersInFlightLimit }

    /// What is received from now on waits.
    fileprivate func beginInbox() {
        guard isConnected, extras?.inbox == nil else { return }
        let others = madeOthers
        madeExtras().inbox = SocketInbox(of: socket, in: others)
        others.inboxBegan(of: socket)
    }

    /// What is received from now on need not wait.
    fileprivate func dropInbox() {
        extras?.inbox = nil
        others?.inboxEnded(of: socket)
    }
}
