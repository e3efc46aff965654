internal import EngineIO
internal import NetLoop
public import SocketIOEvents
package import SocketIOWire
internal import Synchronization

/// A client in a namespace: what handlers get, and what any thread may hold and use.
///
/// It lives on one event loop, where its handlers run; what is asked of it elsewhere is carried out there, in the order
/// asked by each thread. When it is disconnected it drops its handlers, and what is sent to it is dropped.
///
/// `@unchecked Sendable`: what is neither constant nor guarded cannot be named outside of this file, where only `SocketCore`
/// and the message path use it, on the loop's thread.
public final class Socket: @unchecked Sendable, BroadcastTarget {
    /// New with each connection that is not recovered; the socket is in the room of this name.
    public let id: SocketID
    // Both are the loop's; what is constant of them may be asked for by any thread.
    let shard: NamespaceShard
    let session: EngineSession
    /// What few sockets have.
    let shared = AtomicLazyReference<SharedSocketState>()
    fileprivate let phase = Atomic<UInt8>(SocketPhase.connecting.rawValue)
    fileprivate let ownRoom = Atomic<Bool>(true)
    /// Asynchronous handlers of events that have not ended.
    fileprivate var handlersInFlight: UInt16 = 0
    /// The broadcast that has reached it, or leaves it out.
    fileprivate var mark: UInt32 = 0
    fileprivate var extras: SocketExtras?

    init(
        id: SocketID, auth: [UInt8], recovery: SocketRecovery?, shard: NamespaceShard, session: EngineSession
    ) {
        self.id = id
        self.shard = shard
        self.session = session
        if !auth.isEmpty || recovery != nil {
            _ = shared.storeIfNil(SharedSocketState(auth: auth, recovery: recovery))
        }
    }

    /// The namespace that the client has joined with this socket.
    public var namespace: Namespace { shard.namespace }

    /// What the client brought along: the request that began its session, and its `auth`.
    public var handshake: Handshake {
        Handshake(of: session, auth: shared.load()?.auth ?? [])
    }

    /// Whether the socket is connected: true from `onConnection` until it is gone.
    public var isConnected: Bool { SocketPhase.isConnected(phase.load(ordering: .relaxed)) }

    /// Whether the client can be sent something: from the first middleware on until the socket is gone.
    @inline(__always)
    var isReachable: Bool { phase.load(ordering: .relaxed) != SocketPhase.disconnected.rawValue }

    /// Ends the socket: the client's `disconnect` event says `io server disconnect`, and it does not reconnect by
    /// itself. In a middleware it refuses the socket.
    ///
    /// - Parameter closingConnection: Whether the client's other namespaces and the connection end too.
    public func disconnect(closingConnection: Bool = false) {
        perform(.disconnect(closesConnection: closingConnection))
    }

    var loop: EventLoop { shard.loop }

    /// Whether the caller is on the loop's thread.
    @inline(__always)
    var isCurrent: Bool { shard.isCurrent }

    var isInOwnRoom: Bool { ownRoom.load(ordering: .relaxed) }

    /// The socket as its loop sees it; the caller is on the loop's thread.
    var core: SocketCore {
        precondition(isCurrent, "touched away from its event loop")
        return SocketCore(self)
    }

    /// Carries out `action`: at once on the socket's loop, otherwise as soon as the loop gets to it.
    func perform(_ action: SocketCommand.Action) {
        guard !isCurrent else { return SocketCore(self).carryOut(action) }
        post(action)
    }

    /// Carries out `action` behind all that was asked of the loop before, also by other threads.
    func post(_ action: SocketCommand.Action) {
        let command = SocketCommand(socket: self, action: action)
        guard !loop.post(command) else { return }
        command.abandon()
        namespace.context.noteDrop(on: loop)
    }

    /// A handler failed.
    func report(_ error: any Error, in moment: HandlerFailure.Moment) {
        namespace.context.report(HandlerFailure(error, of: self, in: moment))
    }

    /// An `Ack` was not sent.
    package func report(_ error: any Error) {
        report(error, in: .acknowledging)
    }
}

extension Socket: CustomStringConvertible {
    public var description: String { "Socket(\(id))" }
}

/// A socket as its loop sees it. All that only the loop's thread may do stands on this type: whoever has one of these is
/// on that thread, which it never leaves.
struct SocketCore {
    let socket: Socket

    /// For what lives on the loop itself; elsewhere `Socket.core` checks the thread.
    @inline(__always)
    init(_ socket: Socket) {
        assert(socket.isCurrent, "touched away from its event loop")
        self.socket = socket
    }

    @inline(__always) var id: SocketID { socket.id }
    @inline(__always) var shard: NamespaceShard { socket.shard }
    @inline(__always) var session: EngineSession { socket.session }
    @inline(__always) var loop: EventLoop { socket.shard.loop }
    @inline(__always) var isConnected: Bool { socket.isConnected }
    @inline(__always) var isInOwnRoom: Bool { socket.isInOwnRoom }

    var phase: SocketPhase {
        get {
            guard let phase = SocketPhase(rawValue: socket.phase.load(ordering: .relaxed)) else {
                preconditionFailure("only phases are stored")
            }
            return phase
        }
        nonmutating set { socket.phase.store(newValue.rawValue, ordering: .relaxed) }
    }

    var mark: UInt32 {
        @inline(__always) get { socket.mark }
        @inline(__always) nonmutating set { socket.mark = newValue }
    }

    var handlersInFlight: UInt16 {
        get { socket.handlersInFlight }
        nonmutating set { socket.handlersInFlight = newValue }
    }

    var extras: SocketExtras? {
        @inline(__always) get { socket.extras }
        nonmutating set { socket.extras = newValue }
    }

    func setInOwnRoom(_ isInOwnRoom: Bool) {
        socket.ownRoom.store(isInOwnRoom, ordering: .relaxed)
    }
}

@available(*, unavailable)
extension SocketCore: Sendable {}

/// The main namespace's socket hears the session itself: most messages are events for it, and nothing on their way has
/// to be looked up. The session calls on its loop, which is the socket's.
extension Socket: EngineSessionHandler {
    package func received(text: Span<UInt8>) {
        guard isConnected else { return SocketCore(self).madeOthers.received(text: text) }
        guard extras?.others?.isCollecting != true, PacketHead.isPlainEvent(text) else {
            return SocketCore(self).receivePacket(text)
        }
        do throws(ProtocolViolation) {
            let event = try EventPayload(
                parsingEvent: text, from: 1, limits: shard.packetLimits, memory: shard.memory)
            try receive(event, text, attachments: [], id: nil)
        } catch {
            SocketCore(self).closeSession(because: error)
        }
    }

    package func upgraded() { SocketCore(self).sessionUpgraded() }
    package var isSettled: Bool { SocketCore(self).isSessionSettled }
    package func received(binary: [UInt8]) { SocketCore(self).madeOthers.received(binary: binary) }
    package func sessionClosed(_ reason: EngineCloseReason) { SocketCore(self).sessionClosed(reason) }
}

extension SocketCore {
    /// Any packet, of a socket that is connected: most are events that ask for nothing, which do not come by here.
    @inline(never)
    func receivePacket(_ text: Span<UInt8>) {
        guard others == nil else { return madeOthers.received(text: text) }
        do throws(ProtocolViolation) {
            // What a property of the socket returns is counted; what `socket.shard` has is not.
            let limits = socket.shard.packetLimits
            let head = try PacketHead(parsing: text, limits: limits)
            if head.namespace.isEmpty, head.attachmentCount == 0 {
                try receive(head, text, attachments: [], limits)
            } else {
                madeOthers.received(text: text)
            }
        } catch {
            closeSession(because: error)
        }
    }

    /// A packet of this namespace is whole.
    func receive(_ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]) throws(ProtocolViolation) {
        try receive(head, text, attachments: attachments, socket.shard.packetLimits)
    }

    @inline(always)
    private func receive(
        _ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]], _ limits: PacketLimits
    ) throws(ProtocolViolation) {
        switch head.type {
        case .event, .binaryEvent:
            let event = try EventPayload(
                parsingEvent: text, from: head.payloadStart, limits: limits, memory: socket.shard.memory)
            try socket.receive(event, text, attachments: attachments, id: head.id)
        case .ack, .binaryAck:
            let payload = try EventPayload(parsingAck: text, from: head.payloadStart, limits: limits)
            if let id = head.id { receiveAck(id, payload, text, attachments: attachments) }
        case .disconnect:
            guard head.payloadStart == text.count else {
                throw ProtocolViolation(.malformed, "a DISCONNECT with a payload")
            }
            end(because: .clientNamespaceDisconnect)
        case .connectError:
            throw ProtocolViolation(.unexpected, "a CONNECT_ERROR from a client")
        case .connect:
            // The client begins anew.
            madeOthers.received(text: text)
        }
    }
}

// The message path: on the socket itself, since each `SocketCore` that is made for a message is a count of references.
extension Socket {
    @inline(always)
    func receive(
        _ event: EventPayload, _ text: Span<UInt8>, attachments: [[UInt8]], id: UInt64?
    ) throws(ProtocolViolation) {
        if event.nameHasEscapes {
            let name = JSONString.unescape(text.extracting(event.name))
            try dispatch(name.span, event, text, attachments, id)
        } else {
            try dispatch(text.extracting(event.name), event, text, attachments, id)
        }
    }

    /// Calls the handlers of an event that the socket's middlewares have let pass.
    @inline(never)
    func handle(
        _ event: EventPayload, _ text: Span<UInt8>, attachments: [[UInt8]], id: UInt64?
    ) throws(ProtocolViolation) {
        shard.refreshHandlers()
        let name =
            event.nameHasEscapes ? JSONString.unescape(text.extracting(event.name)) : Array(text.extracting(event.name))
        try callHandlers(of: name.span, event, text, attachments, id)
    }

    @inline(always)
    private func dispatch(
        _ name: Span<UInt8>, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?
    ) throws(ProtocolViolation) {
        shard.noteReceived()
        shard.refreshHandlers()
        if extras != nil || shard.anyHandlers != nil, !ReservedEvent.contains(name) {
            SocketCore(self).tellReceived(name, event, text, attachments)
            guard SocketCore(self).isLetPass(name, event, text, attachments, id) else { return }
        }
        try callHandlers(of: name, event, text, attachments, id)
    }

    @inline(always)
    private func callHandlers(
        of name: Span<UInt8>, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?
    ) throws(ProtocolViolation) {
        // Both are looked up before either is called: what they register or remove counts from the next event on.
        if let own = extras?.events?.group(of: name) {
            own.call(after: shard.handlers(of: name), self, event, id, text, attachments)
        } else if !shard.callHandlers(of: name, for: self, event, id, text, attachments) {
            try noteMiss(of: name)
        }
    }

    /// Nobody handles an event.
    @inline(never)
    private func noteMiss(of name: Span<UInt8>) throws(ProtocolViolation) {
        // No handler can have a reserved name, so that only a miss needs to look.
        guard !ReservedEvent.contains(name) else {
            throw ProtocolViolation(.malformed, "an event with a reserved name")
        }
        guard shard.anyHandlers == nil, extras?.catchAll?.incoming.isEmpty != false else { return }
        shard.server.logger.log(
            at: .debug, "event '\(String(validating: name) ?? "")' of socket \(id) has no handler")
    }
}

extension Socket: Keyed {
    package var key: SocketID { id }
}
