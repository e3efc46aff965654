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
    private let shard: ServerShard
    private var main: Socket?
    private var namespaced: [Socket] = []
    /// Where each of `namespaced` is, by the name on the wire.
    private var names = NameIndex()
    private var collector = AttachmentCollector()
    /// Namespaces that this side has disconnected, as the client may not know yet: what it sent there meanwhile is ignored.
    private var left = LeftNamespaces()
    /// What goes on although its socket is gone: asynchronous middlewares, and for each socket its handlers. They count as
    /// namespaces, so that nobody gathers them by joining and leaving.
    var abandoned = 0
    /// Whether a packet is being handled, in the middle of which this stays what the session has.
    private var isReceiving = false
    /// How many sockets' inboxes are full: then nothing is read.
    private var fullInboxes = 0
    /// For the connect timeout, or for the attachments of the packet at hand.
    private var timer: TimerID?

    init(_ session: EngineSession, shard: ServerShard) {
        self.session = session
        self.shard = shard
    }

    /// For a socket that was all of its session.
    convenience init(of main: Socket) {
        self.init(main.session, shard: main.shard.server)
        self.main = main
        SocketCore(main).others = self
    }

    /// Gives the client a while to join a namespace (Protocol.md 5.1).
    func awaitConnect() {
        timer = session.loop.schedule(self, at: session.loop.now.advanced(by: shard.connectTimeout.bounded))
    }

    var sockets: [Socket] { (main.map { [$0] } ?? []) + namespaced }

    /// Whether a packet waits for attachments.
    var isCollecting: Bool { !collector.isIdle }

    /// Leaves the main socket alone with the session if there is nothing else.
    private func leaveMainAlone() {
        guard !isReceiving, let main, main.isConnected, namespaced.isEmpty, !isCollecting, timer == nil,
            left.isEmpty, abandoned == 0, SocketCore(main).extras?.inbox == nil
        else { return }
        SocketCore(main).others = nil
    }

    // MARK: Receiving

    func received(text: Span<UInt8>) {
        receiving { () throws(ProtocolViolation) in
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
            guard let packet = try collector.receive(binary, limits: shard.packetLimits) else { return }
            rearm()
            let text = packet.text
            try receive(packet.head, text.span, attachments: packet.attachments)
        }
    }

    private func receiving(_ body: () throws(ProtocolViolation) -> Void) {
        isReceiving = true
        defer {
            isReceiving = false
            leaveMainAlone()
        }
        do throws(ProtocolViolation) {
            try body()
        } catch {
            shard.close(session, because: error)
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
        if case .connect = head.type { return try connect(namespace, head, text) }
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
        let auth = try head.connectPayload(of: text, limits: shard.packetLimits)
        left.remove(namespace)
        if let former = socket(of: namespace) {
            // The client has begun anew, as the official one does without a DISCONNECT where it has had no answer.
            SocketCore(former).end(because: .clientNamespaceDisconnect)
            guard session.isOpen else { return }
        }
        let name = namespace.count == 0 ? [UInt8(ascii: "/")] : Array(namespace)
        guard let joined = shard.context.existingNamespace(name) else {
            return refuse(namespace, message: "Invalid namespace", data: [])
        }
        guard (main == nil ? 0 : 1) + namespaced.count + abandoned < shard.limits.namespacesPerConnection
        else {
            return refuse(namespace, message: "Too many namespaces", data: [])
        }
        let socket = Socket(
            id: SocketID(shard.engine.makeSocketID()), auth: auth, shard: shard.shard(of: joined), session: session)
        SocketCore(socket).others = self
        if namespace.count == 0 {
            main = socket
        } else {
            names.append(name)
            namespaced.append(socket)
        }
        SocketCore(socket).admit()
    }

    private func socket(of namespace: Span<UInt8>) -> Socket? {
        namespace.count == 0 ? main : names.position(of: namespace).map { namespaced[$0] }
    }

    /// A socket passed its middlewares.
    func didConnect(_ socket: Socket) {
        // The connection has a socket: it may stay (Protocol.md 5.1).
        if !isCollecting { cancelTimer() }
        session.join()
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.appendConnected(namespace: socket.shard.wireName, socketID: socket.id.description)
        sendScratch(from: start)
        if socket === main { session.pass(to: socket) }
        leaveMainAlone()
    }

    /// A middleware said no.
    func refuse(_ socket: Socket, _ error: any Error) {
        remove(socket)
        let namespace = socket.shard.wireName
        if let refusal = error as? ConnectionRefused {
            refuse(namespace.span, message: refusal.message, data: refusal.data.map { Self.encode($0) } ?? [])
        } else {
            // What went wrong inside is the application's business, not the client's (Protocol.md 5.2).
            refuse(namespace.span, message: "Connection refused", data: [])
            socket.report(error, in: .admitting)
        }
    }

    private func refuse(_ namespace: Span<UInt8>, message: String, data: [UInt8]) {
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.appendConnectError(namespace: namespace, message: message, data: data)
        sendScratch(from: start)
    }

    private static func encode(_ data: some Encodable) -> [UInt8] {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        // A refusal without its data is better than none.
        guard (try? JSONCoding.encode(data, into: writer, attachments: &attachments)) != nil, attachments.isEmpty else {
            return []
        }
        return writer.array()
    }

    private func sendScratch(from start: Int) {
        session.send(scratchFrom: start)
        session.loop.scratch.truncate(to: start)
    }

    /// Forgets a socket that ended.
    func remove(_ socket: Socket) {
        let name = socket.shard.wireName
        if main === socket {
            main = nil
            session.pass(to: self)
        } else if let position = names.position(of: name.span), namespaced[position] === socket {
            names.remove(at: position)
            namespaced.swapAt(position, namespaced.count - 1)
            namespaced.removeLast()
        }
        leaveMainAlone()
    }

    // MARK: Inboxes

    /// What comes for `socket` has to wait: the session tells this object, which knows.
    func inboxBegan(of socket: Socket) {
        if socket === main { session.pass(to: self) }
    }

    /// Nothing waits any more.
    func inboxEnded(of socket: Socket) {
        if socket === main { session.pass(to: socket) }
        leaveMainAlone()
    }

    func inboxFilled() {
        fullInboxes += 1
        if fullInboxes == 1 { session.setReading(false) }
    }

    func inboxDrained() {
        fullInboxes -= 1
        if fullInboxes == 0 { session.setReading(true) }
    }

    func sessionClosed(_ reason: EngineCloseReason) {
        cancelTimer()
        collector.reset()
        let reason = DisconnectReason(reason)
        for socket in sockets { SocketCore(socket).end(because: reason) }
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
        if let deadline = collector.deadline { timer = session.loop.schedule(self, at: deadline) }
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        if isCollecting {
            shard.logger.log(at: .debug, "session \(session.id) closed: attachments did not come in time")
        } else {
            guard !sockets.contains(where: \.isConnected) else { return leaveMainAlone() }
            shard.logger.log(at: .debug, "session \(session.id) closed: no namespace joined in time")
        }
        session.close(code: .policyViolation)
    }
}
