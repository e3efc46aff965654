internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A client socket's state: one namespace of one manager. Lives on the manager's loop.
final class ClientSocketCore {
    /// An event that came before the answer to CONNECT: what a recovered session missed (Protocol.md 5.1).
    private struct EarlyEvent {
        let event: EventPayload
        let text: [UInt8]
        let attachments: [[UInt8]]
        let id: UInt64?
    }

    private let home: LoopBound<ManagerCore>
    let loop: EventLoop
    let namespace: String
    /// Empty for the main namespace.
    let wireName: [UInt8]
    private let configuration: ClientSocket.Configuration
    private var link = NamespaceLink()
    /// The application's handle, kept while the socket is active.
    private var handle: ClientSocket?
    private var auth: ClientAuth
    /// Counts the CONNECTs, so that an `auth` that comes late is not sent for another one.
    private var joinCount = 0
    private var joinTimer: TimerID?
    private var events = EventTable<ClientSocket>()
    private var callbacks = SocketCallbacks()
    private let acks: ClientAcks
    private var offline: OfflineBuffer<OutgoingPacket>
    private var retries: RetryQueue<OutgoingPacket>?
    private var retryTimer: TimerID?
    private var early: [EarlyEvent] = []
    private var earlyByteCount = 0
    private var waiters: [ConnectWaiter] = []
    /// What the last attempt ended with, for those who wait.
    private var lastError: ClientError?
    private var isShutDown = false

    /// Any thread: only properties are set.
    init(
        manager: LoopBound<ManagerCore>, namespace: String, auth: ClientAuth, configuration: ClientSocket.Configuration
    ) {
        home = manager
        self.namespace = namespace
        self.configuration = configuration
        self.auth = auth
        loop = manager.loop
        wireName = namespace == "/" ? [] : Array(namespace.utf8)
        acks = ClientAcks(loop: manager.loop, limit: configuration.limits.pendingAcks)
        let buffer = configuration.offlineBuffer
        offline = OfflineBuffer(
            maxCount: buffer.events, maxBytes: buffer.bytes, dropsOldest: buffer.whenFull == .dropOldest)
        if configuration.retries > 0 {
            retries = RetryQueue(
                retries: configuration.retries, ackTimeout: configuration.ackTimeout, maxCount: buffer.events)
        }
        acks.onTimeout = { [weak self] id in self?.forget(id) }
    }

    private var manager: ManagerCore { home.value }

    // MARK: Joining and leaving

    /// Begins to connect, and goes on until it is joined or it is clear that it will not be.
    func connect(_ socket: ClientSocket) {
        guard !isShutDown, !manager.isClosed else { return fail(.managerClosed) }
        guard !link.isWanted else { return }
        handle = socket
        lastError = nil
        link.want()
        socket.update { $0.isActive = true }
        manager.activate(self)
    }

    func wait(_ socket: ClientSocket, id: UInt64, _ continuation: ConnectWaiter.Continuation, timeout: Duration?) {
        guard !link.isJoined else { return continuation.resume(returning: .success(())) }
        waiters.append(ConnectWaiter(id: id, continuation, timeout: timeout, for: self))
        connect(socket)
    }

    /// The task of `connect` was cancelled.
    func cancelWait(_ id: UInt64) {
        giveUp(id, ClientError(.cancelled, "the task that waited for the connection was cancelled"))
    }

    func waiterTimedOut(_ id: UInt64) {
        giveUp(id, lastError ?? ClientError(.timedOut, "\(manager.hostField) did not accept \(namespace) in time"))
    }

    /// A `connect` that throws leaves nothing behind that still tries.
    private func giveUp(_ id: UInt64, _ error: ClientError) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        let waiter = waiters.remove(at: index)
        if waiters.isEmpty, !link.isJoined { disconnect() }
        waiter.settle(.failure(error))
    }

    private func settleWaiters(_ result: Result<Void, ClientError>) {
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter.settle(result) }
    }

    /// The application leaves.
    func disconnect(because reason: DisconnectReason = .clientNamespaceDisconnect) {
        let wasJoined = link.isJoined
        if link.leave() { sendHead(.disconnect) }
        ended(wasJoined ? reason : nil)
        settleWaiters(.failure(ClientError(.closed, "\(namespace) was disconnected before it was connected")))
    }

    /// The end of what the socket was active for. It is not joined again before the application asks.
    private func ended(_ reason: DisconnectReason?) {
        let socket = handle
        dropConnection()
        manager.deactivate(self)
        handle = nil
        socket?.update { $0 = ClientSocket.Status() }
        if let reason, let socket { notify(callbacks.disconnect, reason, socket) }
    }

    /// What belonged to the connection that is gone.
    private func dropConnection() {
        joinCount += 1
        stopJoinTimer()
        early = []
        earlyByteCount = 0
        retries?.connectionClosed()
        rearmRetries()
        if handle?.isConnected == true {
            acks.settleAll { [retries] id in retries?.contains(id) == true }
        }
    }

    /// The manager has a connection.
    func connectionOpened() {
        guard link.connectionOpened(now: loop.now, timeout: manager.configuration.connectTimeout) else { return }
        joinCount += 1
        joinTimer = link.deadline.map { loop.schedule(self, at: $0) }
        switch auth {
        case .none: sendConnect([])
        case .value(.success(let bytes)): sendConnect(bytes)
        case .value(.failure(let error)): refused(error)
        case .function(let function): sendConnect(askedFrom: function)
        }
    }

    private func sendConnect(askedFrom function: @escaping @Sendable () async throws -> [UInt8]) {
        let join = joinCount
        let core = LoopBound(self, on: loop)
        loop.start {
            let result: Result<[UInt8], ClientError>
            do {
                result = .success(try await function())
            } catch let error as ClientError {
                result = .failure(error)
            } catch {
                result = .failure(ClientError(.invalidAuth, "auth failed: \(error)", cause: error))
            }
            core.loop.post(AuthArrived(core: core, join: join, result: result))
        }
    }

    fileprivate func authArrived(_ result: Result<[UInt8], ClientError>, join: Int) {
        guard join == joinCount, link.isJoining else { return }
        switch result {
        case .success(let bytes): sendConnect(bytes)
        case .failure(let error): refused(error)
        }
    }

    private func sendConnect(_ auth: [UInt8]) {
        let writer = ByteWriter()
        writer.append(EnginePacketType.message.rawValue)
        writer.appendPacketHead(.connect, namespace: wireName)
        link.appendConnectPayload(auth: auth, to: writer)
        manager.send(writer.array().span)
    }

    private func sendHead(_ type: PacketType) {
        let writer = ByteWriter()
        writer.append(EnginePacketType.message.rawValue)
        writer.appendPacketHead(type, namespace: wireName)
        manager.send(writer.array().span)
    }

    /// The connection is gone; the manager makes another one if it may.
    func connectionClosed(because reason: DisconnectReason) {
        let wasJoined = link.connectionClosed()
        dropConnection()
        guard wasJoined, let socket = handle else { return }
        socket.update { status in
            status = ClientSocket.Status()
            status.isActive = true
        }
        notify(callbacks.disconnect, reason, socket)
    }

    /// An attempt to connect failed; the manager tries again if it may.
    func attemptFailed(_ error: ClientError) {
        lastError = error
        if let socket = handle { notify(callbacks.connectError, error, socket) }
    }

    /// There will be no further attempt.
    func fail(_ error: ClientError) {
        _ = link.leave()
        ended(nil)
        settleWaiters(.failure(error))
    }

    private func refused(_ error: ClientError) {
        _ = link.leave()
        let socket = handle
        ended(nil)
        if let socket { notify(callbacks.connectError, error, socket) }
        settleWaiters(.failure(error))
    }

    private func stopJoinTimer() {
        if let joinTimer { loop.cancel(joinTimer) }
        joinTimer = nil
    }

    /// The manager is closed for good: handlers often hold the socket they belong to.
    func shutDown() {
        if link.isWanted { disconnect(because: .forcedClose) }
        isShutDown = true
        let streams = callbacks.streams.values
        acks.settleAll()
        _ = offline.takeAll()
        callbacks = SocketCallbacks()
        events = EventTable()
        auth = .none
        for finish in streams { finish() }
    }

    // MARK: Receiving

    func receive(_ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]) throws(ProtocolViolation) {
        let limits = manager.packetLimits
        switch head.type {
        case .connect:
            let reply = try ConnectReply(parsing: text.extracting(head.payloadStart..<text.count))
            joined(reply, isRecovered: try link.receiveConnected(reply))
        case .connectError:
            let refusal = try ConnectRefusal(parsing: text.extracting(head.payloadStart..<text.count))
            guard link.receiveRefusal() else {
                throw ProtocolViolation(.unexpected, "a refusal of no CONNECT")
            }
            refused(
                ClientError(
                    .refused, refusal.message,
                    cause: ConnectionRefused(refusal.message, data: refusal.data.isNull ? nil : refusal.data)))
        case .disconnect:
            let wasJoined = link.receiveDisconnect()
            ended(wasJoined ? .serverNamespaceDisconnect : nil)
            settleWaiters(.failure(ClientError(.refused, "the server disconnected \(namespace)")))
        case .event, .binaryEvent:
            let event = try EventPayload(parsingEvent: text, from: head.payloadStart, limits: limits)
            try receive(event, text, attachments, head.id)
        case .ack, .binaryAck:
            let payload = try EventPayload(parsingAck: text, from: head.payloadStart, limits: limits)
            if let id = head.id { receiveAck(id, payload, text, attachments) }
        }
    }

    private func joined(_ reply: ConnectReply, isRecovered: Bool) {
        guard let socket = handle else { return }
        stopJoinTimer()
        lastError = nil
        socket.update { status in
            status = ClientSocket.Status(
                id: SocketID(reply.socketID), isConnected: true, isActive: true, isRecovered: isRecovered)
        }
        let missed = early
        early = []
        earlyByteCount = 0
        for event in missed where link.isJoined {
            dispatch(event.event, event.text.span, event.attachments, event.id, socket)
        }
        for packet in offline.takeAll() { transmit(packet) }
        advanceRetries()
        notify(callbacks.connect, (), socket)
        settleWaiters(.success(()))
    }

    private func receive(
        _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?
    ) throws(ProtocolViolation) {
        guard let socket = handle else { return }
        if link.isJoined { return dispatch(event, text, attachments, id, socket) }
        guard link.isJoining else { return }
        let byteCount = attachments.reduce(text.count) { $0 + $1.count }
        let limits = configuration.limits
        guard early.count < limits.earlyEvents, earlyByteCount + byteCount <= limits.earlyBytes else {
            throw ProtocolViolation(.tooBig, "too many events before the answer to CONNECT")
        }
        earlyByteCount += byteCount
        early.append(EarlyEvent(event: event, text: Array(text), attachments: attachments, id: id))
    }

    private func dispatch(
        _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?, _ socket: ClientSocket
    ) {
        let name = event.nameHasEscapes ? JSONString.unescape(text.extracting(event.name)) : nil
        let handlers =
            if let name { events.handlers(for: name.span) } else { events.handlers(for: text.extracting(event.name)) }
        if !callbacks.any.isEmpty {
            let name =
                name.map { String(decoding: $0, as: UTF8.self) } ?? String(validating: text.extracting(event.name))
            let arguments = Self.values(of: event.arguments, text, attachments)
            for handler in callbacks.any { handler(name ?? "", arguments) }
        }
        if link.recordsOffsets { noteOffset(event, text) }
        var ackID = id
        for handler in handlers where link.isJoined {
            let incoming = IncomingEvent(
                arguments: event.arguments, attachments: attachments, ackID: handler.replies ? ackID : nil)
            // Protocol.md 4.4: an acknowledgement is sent once; the first handler that replies sends it.
            if handler.replies { ackID = nil }
            if handler.isOnce { events = events.removing(id: handler.id) }
            do {
                try handler.body(socket, incoming, text)
            } catch {
                socket.report(error)
            }
        }
    }

    private static func values(
        of arguments: ArgumentList, _ text: Span<UInt8>, _ attachments: [[UInt8]]
    ) -> [JSONValue] {
        let incoming = IncomingEvent(arguments: arguments, attachments: attachments, ackID: nil)
        var cursor = ArgumentList.Cursor()
        return (0..<arguments.count).map { _ in
            // The text is validated, so that any value can be decoded.
            (try? incoming.decode(JSONValue.self, &cursor, text)) ?? .null
        }
    }

    /// The last argument, if it is a text, is what a server that recovers sessions knows the event by.
    private func noteOffset(_ event: EventPayload, _ text: Span<UInt8>) {
        var cursor = ArgumentList.Cursor()
        var last: Range<Int>?
        while let value = cursor.next(of: event.arguments, in: text) { last = value.range }
        guard let last, text[last.lowerBound] == UInt8(ascii: "\""),
            let offset = try? JSONCoding.decode(String.self, from: text.extracting(last), attachments: [])
        else { return }
        link.note(offset: offset)
    }

    private func receiveAck(_ id: UInt64, _ payload: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]]) {
        var cursor = ArgumentList.Cursor()
        let argument = cursor.next(of: payload.arguments, in: text).map { Array(text.extracting($0.range)) } ?? []
        acks.settle(id, .success(ClientAckReply(argument: argument, attachments: attachments)))
        if retries?.acknowledged(id) == true { advanceRetries() }
    }

    // MARK: Sending

    /// Sends an event: now, once joined, or in its turn.
    func emit(_ packet: OutgoingPacket, isVolatile: Bool) {
        guard !isShutDown else { return drop(packet) }
        if !callbacks.anyOutgoing.isEmpty { notifyOutgoing(packet) }
        manager.checkHeartbeat()
        if isVolatile {
            if link.isJoined, manager.isWritable { transmit(packet) }
        } else if retries != nil {
            guard retries?.append(packet, id: packet.ackID ?? 0) == true else { return refuse(packet) }
            if link.isJoined { advanceRetries() }
        } else if link.isJoined {
            transmit(packet)
        } else {
            for dropped in offline.append(packet, byteCount: packet.byteCount) { refuse(dropped) }
        }
    }

    /// Whether an event can be written straight into the connection's output.
    var sendsDirectly: Bool {
        guard callbacks.anyOutgoing.isEmpty, retries == nil else { return false }
        manager.checkHeartbeat()
        return link.isJoined
    }

    /// Sends what was encoded for this socket, which `sendsDirectly`.
    func sendDirectly(_ text: Span<UInt8>, _ attachments: [[UInt8]]) {
        manager.send(text)
        for attachment in attachments { manager.send(binary: attachment) }
    }

    private func transmit(_ packet: OutgoingPacket) {
        sendDirectly(packet.text.span, packet.attachments)
    }

    /// Answers an event; nobody waits for the answer once the connection is another one.
    func acknowledge(_ packet: OutgoingPacket) {
        if link.isJoined { transmit(packet) }
    }

    /// Waits for the acknowledgement of what is emitted next; false if there are too many.
    func expectAck(_ id: UInt64, _ continuation: ClientAckContinuation, timeout: Duration) -> Bool {
        guard !isShutDown else {
            continuation.resume(returning: .failure(AckError(.disconnected)))
            return false
        }
        return acks.add(id, continuation, timeout: timeout)
    }

    func cancelAck(_ id: UInt64) {
        acks.settle(id, .failure(AckError(.cancelled)))
        forget(id)
    }

    /// Nobody waits for the acknowledgement any more: what was not sent yet is not sent.
    private func forget(_ id: UInt64) {
        offline.removeAll { $0.ackID == id }
        retries?.remove(id)
        if link.isJoined { advanceRetries() }
    }

    /// The offline buffer is full.
    private func refuse(_ packet: OutgoingPacket) {
        if let id = packet.ackID { acks.settle(id, .failure(AckError(.tooManyPending))) }
        manager.report(
            ClientError(
                .offlineBufferFull,
                "an event was dropped, because \(configuration.offlineBuffer.events) wait for \(namespace): raise "
                    + "`offlineBuffer`, or emit such events as volatile"),
            of: handle)
    }

    private func drop(_ packet: OutgoingPacket) {
        if let id = packet.ackID { acks.settle(id, .failure(AckError(.disconnected))) }
    }

    private func notifyOutgoing(_ packet: OutgoingPacket) {
        // Without the Engine.IO type.
        let text = packet.text.span.extracting(1..<packet.text.count)
        guard let head = try? PacketHead(parsing: text, limits: manager.packetLimits),
            let event = try? EventPayload(parsingEvent: text, from: head.payloadStart, limits: manager.packetLimits)
        else { return }
        let name = try? JSONCoding.decode(
            String.self, from: text.extracting(event.name.lowerBound - 1..<event.name.upperBound + 1), attachments: [])
        let arguments = Self.values(of: event.arguments, text, packet.attachments)
        for handler in callbacks.anyOutgoing { handler(name ?? "", arguments) }
    }

    // MARK: Retries

    private func advanceRetries() {
        perform(retries?.advance(now: loop.now) ?? [])
    }

    private func perform(_ actions: [RetryQueue<OutgoingPacket>.Action]) {
        for action in actions {
            switch action {
            case .send(let packet): transmit(packet)
            case .giveUp(let id): acks.settle(id, .failure(AckError(.timedOut)))
            }
        }
        rearmRetries()
    }

    private func rearmRetries() {
        if let retryTimer { loop.cancel(retryTimer) }
        retryTimer = retries?.deadline.map { loop.schedule(self, at: $0) }
    }

    // MARK: Handlers

    func perform(_ change: ClientSocketCommand.Change) {
        guard !isShutDown else {
            if case .addStream(_, let finish) = change { finish() }
            return
        }
        switch change {
        case .addHandler(let handler, let name): events = events.adding(handler, for: name)
        case .removeHandler(let id): events = events.removing(id: id)
        case .removeHandlers(let name): events = events.removingAll(for: name)
        case .addConnect(let callback): callbacks.connect.append(callback)
        case .addConnectError(let callback): callbacks.connectError.append(callback)
        case .addDisconnect(let callback): callbacks.disconnect.append(callback)
        case .addAny(let handler): callbacks.any.append(handler)
        case .addAnyOutgoing(let handler): callbacks.anyOutgoing.append(handler)
        case .removeAny: callbacks.any = []
        case .removeAnyOutgoing: callbacks.anyOutgoing = []
        case .addStream(let id, let finish): callbacks.streams[id] = finish
        case .removeStream(let id): callbacks.streams[id] = nil
        case .setAuth(let auth): self.auth = auth
        }
    }

    private func notify<Argument>(_ callbacks: [Callback<Argument>], _ argument: Argument, _ socket: ClientSocket) {
        for callback in callbacks { callback.call(argument, for: socket) }
    }
}

extension ClientSocketCore: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        if let deadline = link.deadline, now >= deadline {
            joinTimer = nil
            manager.namespaceTimedOut(self)
        }
        if let deadline = retries?.deadline, now >= deadline {
            retryTimer = nil
            perform(retries?.handleTimeout(now: now) ?? [])
        }
    }
}

/// The asynchronous `auth` is there.
private struct AuthArrived: LoopMessage {
    let core: LoopBound<ClientSocketCore>
    let join: Int
    let result: Result<[UInt8], ClientError>

    func deliver(on loop: EventLoop) {
        core.value.authArrived(result, join: join)
    }
}
