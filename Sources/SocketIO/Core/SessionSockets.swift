internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// What a session has besides one connected socket of the main namespace: sockets of other namespaces, one that is
/// being admitted, a packet that waits for its attachments, or no socket at all (Protocol.md 5). Lives on the session's
/// loop.
///
/// Most sessions have none of that most of the time: their one socket hears the session itself.
final class SessionSockets: EngineSessionHandler {
    let session: EngineSession
    let shard: ServerShard
    private(set) var main: Socket?
    private var namespaced = NamespacedSockets()
    private var collector = AttachmentCollector()
    /// Namespaces that this side has disconnected, as the client may not know yet: what it sent there meanwhile is ignored.
    private var left = LeftNamespaces()
    /// The namespaces that the client has asked for, and that somebody takes his time to decide about.
    var decisions: PendingNamespaces?
    /// What goes on although its socket is gone: asynchronous middlewares, and for each socket its handlers. They count as
    /// namespaces, so that nobody gathers them by joining and leaving.
    private var abandoned = 0
    /// Whether a packet is being handled, in the middle of which this stays what the session has.
    private var isReceiving = false
    /// How many sockets' inboxes are full: then nothing is read.
    var fullInboxes = 0
    /// For the connect timeout, or for the attachments of the packet at hand.
    private var timer: TimerID?

    init(_ session: EngineSession, shard: ServerShard) {
        self.session = session
        self.shard = shard
    }

    /// For a socket that was all of its session.
    convenience init(of main: Socket) {
        self.init(main.session, shard: main.shard.server)
        (self.main, SocketCore(main).others) = (main, self)
    }

    /// Gives the client a while to join a namespace (Protocol.md 5.1).
    func awaitConnect() {
        timer = session.loop.schedule(self, at: session.loop.now.advanced(by: shard.connectTimeout.bounded))
    }

    var sockets: [Socket] { (main.map { [$0] } ?? []) + namespaced.all }

    /// Whether a packet waits for attachments.
    var isCollecting: Bool { !collector.isIdle }

    /// Has the session call the main socket itself, which understands text.
    func passToMain(_ socket: Socket) {
        if socket === main, !shard.isMessagePack { session.pass(to: socket) }
    }

    /// Leaves the main socket alone with the session if there is nothing else.
    func leaveMainAlone() {
        guard !isReceiving, !shard.isMessagePack, let main, main.isConnected, namespaced.all.isEmpty,
            !isCollecting, timer == nil, left.isEmpty, abandoned == 0, (decisions?.count ?? 0) == 0,
            SocketCore(main).extras?.inbox == nil
        else { return }
        SocketCore(main).others = nil
    }

    func abandonedGoesOn() { abandoned += 1 }

    func abandonedEnded() {
        abandoned -= 1
        leaveMainAlone()
    }

    // MARK: Receiving

    func received(text: Span<UInt8>) {
        receiving { () throws(ProtocolViolation) in
            guard !shard.isMessagePack else {
                refuseJSON(text)
                throw ProtocolViolation(.unexpected, "a text, where packets are MessagePack")
            }
            try collector.receiveText()
            let head = try PacketHead(parsing: text, limits: shard.packetLimits)
            if head.attachmentCount > 0 {
                try collect(head, text)
            } else {
                try receive(head, text, attachments: [])
            }
        }
    }

    func received(binary: [UInt8]) {
        receiving { () throws(ProtocolViolation) in
            if shard.isMessagePack { return try receive(messagePack: binary) }
            if !isCollecting { refuseMessagePack(binary) }
            guard let packet = try collector.receive(binary, limits: shard.packetLimits) else { return }
            rearm()
            let text = packet.text
            try receive(packet.head, text.span, attachments: packet.attachments)
        }
    }

    private func receive(messagePack bytes: [UInt8]) throws(ProtocolViolation) {
        let packet = try EncodedPacket(messagePack: bytes.span, limits: shard.packetLimits)
        let text = packet.text
        let head = try PacketHead(parsing: text.span, limits: shard.packetLimits.forMessagePack)
        try receive(head, text.span, attachments: packet.attachments)
    }

    func receiving(_ body: () throws(ProtocolViolation) -> Void) {
        isReceiving = true
        defer {
            isReceiving = false
            leaveMainAlone()
        }
        do throws(ProtocolViolation) {
            try body()
        } catch {
            shard.close(session, of: sockets, because: error)
        }
    }

    /// Keeps a packet until its attachments are there; refused before anything is kept if nobody could receive it.
    private func collect(_ head: PacketHead, _ text: Span<UInt8>) throws(ProtocolViolation) {
        _ = try joinedSocket(of: text.extracting(head.namespace))
        let deadline = session.loop.now.advanced(by: shard.limits.attachmentTime.bounded)
        collector.begin(Array(text), head: head, until: deadline)
        rearm()
    }

    private func receive(
        _ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]
    ) throws(ProtocolViolation) {
        let namespace = text.extracting(head.namespace)
        if case .connect = head.type {
            guard isOfVersion2 else { return try connect(namespace, head, text) }
            // Nobody reads its payload, but it has to be one.
            _ = try head.connectPayload(of: text, limits: shard.packetLimits)
            return try connectOfVersion2(namespace)
        }
        guard let socket = try joinedSocket(of: namespace) else { return }
        guard let inbox = socket.extras?.inbox, SocketInbox.takes(head.type) else {
            return try socket.receive(head, text, attachments: attachments)
        }
        inbox.append(AttachmentCollector.Complete(text: Array(text), head: head, attachments: attachments))
    }

    /// Nil if this side has disconnected it: then the packet has crossed that (Protocol.md 5.3).
    private func joinedSocket(of namespace: Span<UInt8>) throws(ProtocolViolation) -> SocketCore? {
        if let socket = socket(of: namespace), socket.isConnected { return SocketCore(socket) }
        guard left.contains(namespace) else {
            throw ProtocolViolation(.unexpected, "a packet for a namespace that is not joined")
        }
        return nil
    }

    /// This side has disconnected the socket of a namespace.
    func noteLeft(_ namespace: [UInt8]) {
        // As many as there can be sockets.
        left.insert(namespace, limit: max(1, shard.limits.namespacesPerConnection))
    }

    // MARK: Namespaces

    private func connect(
        _ namespace: Span<UInt8>, _ head: PacketHead, _ text: Span<UInt8>
    ) throws(ProtocolViolation) {
        try connect(namespace, auth: head.connectPayload(of: text, limits: shard.packetLimits))
    }

    func connect(_ namespace: Span<UInt8>, auth: [UInt8]) {
        left.remove(namespace)
        if let former = socket(of: namespace) {
            // The client has begun anew, as the official one does without a DISCONNECT where it has had no answer.
            SocketCore(former).end(because: .clientNamespaceDisconnect)
            guard session.isOpen else { return }
        }
        decisions?.abandon(namespace)
        // Who was told of that may have ended the session.
        guard session.isOpen else { return }
        guard namespaceCount < shard.limits.namespacesPerConnection else {
            shard.engine.limitCounts.note("namespacesPerConnection")
            return refuse(namespace, message: "Too many namespaces", data: [])
        }
        let name = namespace.count == 0 ? [UInt8(ascii: "/")] : Array(namespace)
        guard let namespace = shard.context.enter(name) else {
            return decide(name, shard.context.matchers[...], auth: auth)
        }
        begin(in: namespace, auth: auth)
    }

    /// Each counts, and so does what goes on for one that is gone.
    private var namespaceCount: Int {
        (main == nil ? 0 : 1) + namespaced.all.count + (decisions?.count ?? 0) + abandoned
    }

    /// A new socket enters `namespace`, if the middlewares let it.
    ///
    /// - Parameter knownOffset: What the client has from a time of which the server knows no more.
    func join(_ namespace: Namespace, auth: [UInt8], knownOffset: String? = nil) {
        guard !isOfVersion2 else { return joinOfVersion2(namespace, auth: auth) }
        let socket = enter(
            namespace, id: SocketID(shard.engine.makeSocketID()), auth: auth,
            recovery: shard.recovery?.makeTicket(knownOffset: knownOffset))
        SocketCore(socket).admit()
    }

    func enter(_ namespace: Namespace, id: SocketID, auth: [UInt8], recovery: SocketRecovery?) -> Socket {
        let socket = Socket(
            id: id, auth: auth, recovery: recovery, shard: shard.shard(of: namespace), session: session)
        SocketCore(socket).others = self
        if namespace.wireName.isEmpty {
            main = socket
        } else {
            namespaced.append(socket)
        }
        return socket
    }

    func socket(of namespace: Span<UInt8>) -> Socket? {
        namespace.count == 0 ? main : namespaced[namespace]
    }

    /// A socket passed its middlewares.
    func didConnect(_ socket: Socket) {
        // The connection has a socket: it may stay (Protocol.md 5.1).
        if !isCollecting { cancelTimer() }
        session.join()
        sendConnected(socket)
        passToMain(socket)
        leaveMainAlone()
    }

    func sendScratch(from start: Int) {
        shard.send(scratchFrom: start, to: session)
    }

    /// Forgets a socket that ended.
    func remove(_ socket: Socket) {
        if main === socket {
            main = nil
            session.pass(to: self)
        } else {
            namespaced.remove(socket)
        }
        leaveMainAlone()
    }

    func upgraded() {
        for socket in sockets { SocketCore(socket).upgraded() }
    }

    var isSettled: Bool {
        !isCollecting && abandoned == 0 && (decisions?.count ?? 0) == 0
            && sockets.allSatisfy { SocketCore($0).isSettled }
    }

    func sessionClosed(_ reason: EngineCloseReason) {
        cancelTimer()
        collector.reset()
        let reason = DisconnectReason(reason)
        for socket in sockets { SocketCore(socket).end(because: reason) }
        decisions?.abandonAll()
    }
}

// MARK: Time

extension SessionSockets: TimerTarget {
    private func cancelTimer() {
        if let timer { session.loop.cancel(timer) }
        timer = nil
    }

    /// Waits for the attachments of the packet at hand; the connect timeout is over by then.
    private func rearm() {
        cancelTimer()
        timer = collector.deadline.map { session.loop.schedule(self, at: $0) }
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        if isCollecting {
            shard.engine.limitCounts.note("attachmentTime")
            shard.logger.log(at: .debug, "session \(session.id) closed: attachments did not come in time")
        } else {
            guard !sockets.contains(where: \.isConnected) else { return leaveMainAlone() }
            shard.logger.log(at: .debug, "session \(session.id) closed: no namespace joined in time")
        }
        session.close(code: .policyViolation)
    }
}
