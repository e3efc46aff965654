internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// What a socket's client sent while so many of its handlers are under way that no more may begin, or while a middleware
/// decides about an event: it waits here, in order. Lives on the socket's loop.
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
    /// Whether the rest waits for the next turn.
    private var isContinued = false
    /// The socket's place among those that wait for others' handlers.
    private var ticket: WaitingLine.Ticket?

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
        if SocketCore(socket).mayTakeEvents, ticket == nil, !isContinued {
            // Others' handlers kept it from going on, and have ended.
            return drain()
        }
        awaitOthers()
        guard timer == nil, isFull else { return }
        timer = server.loop.schedule(self, at: server.loop.now.advanced(by: server.limits.inboxTime.bounded))
        server.engine.limitCounts.note("inbox")
        session.inboxFilled()
    }

    /// Has the socket wait in line, unless it is its own handlers that have to end.
    private func awaitOthers() {
        let core = SocketCore(socket)
        guard ticket == nil, !core.isDeciding, core.mayBeginByItself, !core.mayBeginHandlers else { return }
        ticket = server.awaitOthers(socket)
    }

    /// It is the socket's turn.
    func goOn() {
        ticket = nil
        drain()
    }

    /// The next turn has come.
    fileprivate func continueDraining() {
        isContinued = false
        drain()
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
        while socket.mayTakeEvents, !packets.isEmpty {
            guard count < Self.turnEvents else {
                if !isContinued { server.loop.post(Continuation(socket: LoopBound(self.socket, on: server.loop))) }
                isContinued = true
                return
            }
            count += 1
            guard let packet = packets.removeFirst() else { break }
            server.inboxBytes -= packet.byteCount
            do throws(ProtocolViolation) {
                try socket.receive(packet.head, packet.text.span, attachments: packet.attachments)
            } catch {
                socket.closeSession(because: error)
            }
            // It may have ended the socket.
            guard socket.extras?.inbox === self else { return }
        }
        guard packets.isEmpty else { return awaitOthers() }
        leaveLine()
        drained()
        if socket.mayTakeEvents { socket.dropInbox() }
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
        leaveLine()
        drained()
    }

    private func leaveLine() {
        if let ticket { server.leaveLine(ticket) }
        ticket = nil
    }
}

/// More waits than one turn handles.
private struct Continuation: LoopMessage {
    let socket: LoopBound<Socket>

    func deliver(on loop: EventLoop) {
        SocketCore(socket.value).extras?.inbox?.continueDraining()
    }
}

extension SocketInbox: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        session.inboxDrained()
        server.engine.limitCounts.note("inboxTime")
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
        core.countHandler()
        if !core.mayBeginHandlers { core.beginInbox() }
    }

    /// It has ended.
    func handlerEnded() {
        let core = core
        let server = shard.server
        // Most sockets have nothing that waits for this, and nobody else does.
        guard core.extras != nil || server.mayHaveWaiting else {
            core.handlersInFlight -= 1
            return server.handlerEnded()
        }
        endHandler(core)
    }

    @inline(never)
    private func endHandler(_ core: SocketCore) {
        core.uncountHandler()
        // Who has waited longest goes first.
        shard.server.letOthersGoOn()
        guard let extras = core.extras else { return }
        extras.inbox?.drain()
        guard core.handlersInFlight == 0, let session = extras.abandonedIn.take() else { return }
        core.dropEmptyExtras()
        session.abandonedEnded()
    }
}

extension SocketCore {
    var mayBeginHandlers: Bool { mayBeginByItself && shard.server.mayBeginHandlers }

    /// Whether a middleware is being asked about an event.
    fileprivate var isDeciding: Bool { extras?.decision != nil }

    /// Whether an event that waits may be taken.
    fileprivate var mayTakeEvents: Bool { mayBeginHandlers && !isDeciding }

    /// Whether it is not its own handlers that keep more from beginning.
    fileprivate var mayBeginByItself: Bool { handlersInFlight < shard.server.handlersInFlightLimit }

    /// The socket's number is a small one, for which there is room in every socket; few events have so many handlers.
    fileprivate func countHandler() {
        shard.server.handlerBegins()
        guard handlersInFlight < .max else { return madeExtras().moreHandlersInFlight += 1 }
        handlersInFlight += 1
    }

    fileprivate func uncountHandler() {
        if let extras, extras.moreHandlersInFlight > 0 {
            extras.moreHandlersInFlight -= 1
            dropEmptyExtras()
        } else {
            handlersInFlight -= 1
        }
        shard.server.handlerEnded()
    }

    /// What is received from now on waits.
    func beginInbox() {
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
