internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A socket's state: one client in one namespace. Lives on the client's loop.
///
/// Applications hold a `Socket`, which any thread may; this is what it stands for.
final class SocketCore {
    private enum State {
        /// The middlewares are being asked.
        case connecting
        case connected
        /// It ends once the `onDisconnecting` handlers, which may still use it, have returned.
        case disconnecting
        case disconnected
    }

    /// What is registered on this socket alone; most sockets have none.
    private final class OwnHandlers {
        var events = EventTable()
        var any: [AnyEventHandler] = []
        var disconnecting: [LifecycleHandler<DisconnectReason>] = []
        var disconnect: [LifecycleHandler<DisconnectReason>] = []
    }

    let namespace: NamespaceShard
    let client: Client
    private var state = State.connecting
    private var ownHandlers: OwnHandlers?
    private var acks: AckTable?
    /// The application's handle, kept alive until the socket ends.
    private var handle: Socket?
    /// The broadcast that has reached it, or leaves it out.
    var mark: UInt32 = 0
    private(set) var isInOwnRoom = true {
        didSet { socket.setInOwnRoom(isInOwnRoom) }
    }

    init(namespace: NamespaceShard, client: Client) {
        self.namespace = namespace
        self.client = client
    }

    /// Sets the handle, before anything else happens.
    func attach(_ socket: Socket) {
        handle = socket
    }

    /// The handle; not to be asked for once the socket ended.
    var socket: Socket {
        guard let handle else { preconditionFailure("the socket ended") }
        return handle
    }

    var loop: EventLoop { namespace.loop }

    var isConnected: Bool {
        switch state {
        case .connected, .disconnecting: true
        case .connecting, .disconnected: false
        }
    }

    /// Whether nothing has begun to end it.
    var isStaying: Bool {
        switch state {
        case .connected: true
        case .connecting, .disconnecting, .disconnected: false
        }
    }

    // MARK: Life

    /// Asks the middlewares from `position` on, and connects the socket if none refuses.
    func admit(from position: Int = 0) {
        let middlewares = namespace.currentHandlers().middlewares
        var position = position
        while position < middlewares.count {
            switch middlewares[position] {
            case .immediate(let middleware):
                do {
                    try middleware(socket)
                } catch {
                    return refuse(error)
                }
            case .asynchronous(let middleware):
                return admit(after: middleware, at: position)
            }
            position += 1
            guard case .connecting = state else { return }
        }
        connect()
    }

    private func admit(after middleware: @escaping @Sendable (Socket) async throws -> Void, at position: Int) {
        let core = LoopBound(self, on: loop)
        // Held by the task, because the client may leave meanwhile.
        let socket = socket
        loop.start {
            do {
                try await middleware(socket)
                core.value.resume(from: position + 1)
            } catch {
                core.value.refuse(error)
            }
        }
    }

    private func resume(from position: Int) {
        switch state {
        case .connecting: admit(from: position)
        case .connected, .disconnecting, .disconnected: break
        }
    }

    private func refuse(_ error: any Error) {
        switch state {
        case .connecting: break
        case .connected, .disconnecting, .disconnected: return
        }
        state = .disconnected
        // A middleware may have put it into rooms.
        leaveAll()
        client.refuse(self, error)
        release()
    }

    private func connect() {
        state = .connected
        namespace.add(self)
        // Held here, because a handler may end the socket.
        let socket = socket
        socket.setConnected(true)
        client.didConnect(self)
        for handler in namespace.currentHandlers().connection where isConnected { handler.call(socket, ()) }
    }

    /// Ends the socket from this side.
    func disconnect(closingConnection: Bool) {
        guard isConnected else { return }
        if closingConnection {
            client.disconnectAll()
        } else if isStaying {
            client.sendDisconnect(self)
            end(because: .serverNamespaceDisconnect)
        }
    }

    /// The last thing that happens to a socket.
    func end(because reason: DisconnectReason) {
        switch state {
        case .disconnected, .disconnecting:
            return
        case .connecting:
            state = .disconnected
            leaveAll()
            client.remove(self)
            release()
        case .connected:
            // The handle is what the handlers get, and nothing else may hold it by then.
            let socket = socket
            let disconnectHandlers = disconnectHandlers
            state = .disconnecting
            for handler in disconnectingHandlers { handler.call(socket, reason) }
            state = .disconnected
            socket.setConnected(false)
            leaveAll()
            namespace.remove(self)
            client.remove(self)
            acks?.settleAll()
            acks = nil
            for handler in disconnectHandlers { handler.call(socket, reason) }
            release()
        }
    }

    private var disconnectingHandlers: [LifecycleHandler<DisconnectReason>] {
        namespace.currentHandlers().disconnecting + (ownHandlers?.disconnecting ?? [])
    }

    private var disconnectHandlers: [LifecycleHandler<DisconnectReason>] {
        namespace.currentHandlers().disconnect + (ownHandlers?.disconnect ?? [])
    }

    /// Handlers often hold the socket they belong to: without this neither would ever go.
    private func release() {
        ownHandlers = nil
        handle = nil
    }

    // MARK: Receiving

    /// An event arrived.
    @inline(__always)
    func receive(
        _ event: EventPayload, _ text: Span<UInt8>, attachments: [[UInt8]], id: UInt64?, for socket: Socket
    ) throws(ProtocolViolation) {
        if event.nameHasEscapes {
            let name = JSONString.unescape(text.extracting(event.name))
            try dispatch(name.span, event, text, attachments, id, socket)
        } else {
            try dispatch(text.extracting(event.name), event, text, attachments, id, socket)
        }
    }

    @inline(__always)
    private func dispatch(
        _ name: Span<UInt8>, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?,
        _ socket: Socket
    ) throws(ProtocolViolation) {
        if ownHandlers != nil || namespace.anyHandlers != nil, !ReservedEvent.contains(name) {
            notifyAny(name, event, text, attachments)
        }
        var incoming = IncomingEvent(arguments: event.arguments, ackID: id)
        // Both are looked up before either is called: what they register or remove counts from the next event on.
        if let own = ownHandlers?.events.handlers(of: name) {
            namespace.handlers(of: name)?.call(socket, of: self, &incoming, text, attachments)
            own.call(socket, of: self, &incoming, text, attachments)
        } else if let shared = namespace.handlers(of: name) {
            shared.call(socket, of: self, &incoming, text, attachments)
        } else if ReservedEvent.contains(name) {
            // No handler can have a reserved name, so that only a miss needs to look.
            throw ProtocolViolation(.malformed, "an event with a reserved name")
        }
    }

    /// A handler that is called once is being called.
    func forget(_ handler: EventHandler) {
        guard let own = ownHandlers else { return }
        own.events = own.events.removing(id: handler.id)
    }

    private func notifyAny(
        _ name: Span<UInt8>, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]]
    ) {
        let shared = namespace.anyHandlers ?? []
        let own = ownHandlers?.any ?? []
        guard !shared.isEmpty || !own.isEmpty else { return }
        let arguments = event.arguments.values(in: text, attachments: attachments)
        let socket = socket
        let name = String(validating: name) ?? ""
        for handler in shared { handler(socket, name, arguments) }
        for handler in own { handler(socket, name, arguments) }
    }

    /// An acknowledgement arrived; one that nobody waits for is ignored.
    func receiveAck(_ id: UInt64, _ payload: EventPayload, _ text: Span<UInt8>, attachments: [[UInt8]]) {
        var cursor = ArgumentList.Cursor()
        let argument = cursor.next(of: payload.arguments, in: text).map { Array(text.extracting($0.range)) } ?? []
        acks?.settle(id, .success(AckReply(argument: argument, attachments: attachments)))
        if acks?.isEmpty == true { acks = nil }
    }

    // MARK: Sending

    /// Sends a packet whose text is `text`, with what belongs to it.
    @inline(__always)
    func send(_ text: Span<UInt8>, _ attachments: [[UInt8]], _ options: EmitOptions) {
        guard accepts(options) else { return }
        client.session.send(text: text)
        for attachment in attachments { client.session.send(binary: attachment) }
    }

    /// Sends a packet that goes to others, too.
    @inline(__always)
    func send(_ message: inout SharedMessage, _ attachments: [[UInt8]], _ options: EmitOptions) {
        guard accepts(options) else { return }
        client.send(&message, attachments)
    }

    /// Whether a packet is to be sent at all.
    func accepts(_ options: EmitOptions) -> Bool {
        isConnected && (!options.contains(.volatile) || client.session.isWritable)
    }

    /// Awaits the acknowledgement `id`; false, and settled as disconnected or too many, if that cannot be.
    func expectAck(_ id: UInt64, _ receiver: AckReceiver, timeout: Duration? = nil) -> Bool {
        guard isConnected else {
            receiver.settle(.failure(AckError(.disconnected)))
            return false
        }
        let acks = acks ?? AckTable(loop: loop, limit: client.shard.limits.pendingAcks)
        self.acks = acks
        return acks.add(id, receiver, timeout: timeout)
    }

    /// Stops waiting for the acknowledgement `id`.
    func cancelAck(_ id: UInt64, _ error: AckError) {
        acks?.settle(id, .failure(error))
        if acks?.isEmpty == true { acks = nil }
    }

    // MARK: Rooms

    func join(_ rooms: [Room]) {
        guard state != .disconnected else { return }
        for name in rooms {
            if SocketID(ownerOf: name) == socket.id {
                isInOwnRoom = true
            } else if !socket.isMember(of: name) {
                guard socket.roomCount < client.shard.limits.roomsPerSocket else {
                    client.shard.logger.log(
                        .warning, "socket \(socket.id) is in \(socket.roomCount) rooms: raise `limits.roomsPerSocket`")
                    return
                }
                let room = namespace.room(name)
                socket.addMembership(LoopBound(room, on: loop), named: name, place: room.append(self))
            }
        }
    }

    func leave(_ rooms: [Room]) {
        guard state != .disconnected else { return }
        for name in rooms {
            if SocketID(ownerOf: name) == socket.id {
                isInOwnRoom = false
            } else if let membership = socket.removeMembership(of: name) {
                leave(membership)
            }
        }
    }

    private func leaveAll() {
        for membership in socket.removeAllMemberships() { leave(membership) }
    }

    private func leave(_ membership: Membership) {
        let room = membership.room.value
        if let moved = room.remove(at: membership.place) {
            moved.socket.moveMembership(of: room.name, to: membership.place)
        }
        namespace.removeIfEmpty(room)
    }

    // MARK: Commands from other threads

    func perform(_ action: SocketCommand.Action) {
        switch action {
        case .send(let packet, let options):
            send(packet.text.span, packet.attachments, options)
        case .request(let packet, let id, let receiver, let timeout):
            if expectAck(id, receiver, timeout: timeout) { send(packet.text.span, packet.attachments, []) }
        case .cancelAck(let id): cancelAck(id, AckError(.cancelled))
        case .join(let rooms): join(rooms)
        case .leave(let rooms): leave(rooms)
        case .disconnect(let closesConnection): disconnect(closingConnection: closesConnection)
        case .addHandler, .removeHandler, .removeHandlers, .addAnyHandler, .addDisconnecting, .addDisconnect:
            changeHandlers(action)
        }
    }

    private func changeHandlers(_ action: SocketCommand.Action) {
        guard state != .disconnected else { return }
        let own = ownHandlers ?? OwnHandlers()
        ownHandlers = own
        switch action {
        case .addHandler(let handler, let name): own.events = own.events.adding(handler, for: name)
        case .removeHandler(let id): own.events = own.events.removing(id: id)
        case .removeHandlers(let name): own.events = own.events.removingAll(for: name)
        case .addAnyHandler(let handler): own.any.append(handler)
        case .addDisconnecting(let handler): own.disconnecting.append(handler)
        case .addDisconnect(let handler): own.disconnect.append(handler)
        case .send, .request, .cancelAck, .join, .leave, .disconnect:
            preconditionFailure("not about handlers")
        }
    }
}

/// What is asked of a socket, maybe from another thread.
struct SocketCommand: LoopMessage {
    enum Action: Sendable {
        case send(EncodedPacket, EmitOptions)
        case request(EncodedPacket, id: UInt64, AckReceiver, timeout: Duration)
        case cancelAck(id: UInt64)
        case join([Room])
        case leave([Room])
        case disconnect(closesConnection: Bool)
        case addHandler(EventHandler, name: String)
        case removeHandler(id: UInt64)
        case removeHandlers(name: String)
        case addAnyHandler(AnyEventHandler)
        case addDisconnecting(LifecycleHandler<DisconnectReason>)
        case addDisconnect(LifecycleHandler<DisconnectReason>)
    }

    let core: LoopBound<SocketCore>
    /// Keeps the handle alive until the command is carried out.
    let socket: Socket
    let action: Action

    func deliver(on loop: EventLoop) {
        core.value.perform(action)
    }
}
