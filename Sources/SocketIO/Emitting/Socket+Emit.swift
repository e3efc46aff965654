internal import NetLoop
public import SocketIOEvents
internal import SocketIOWire

extension Socket {
    /// Sends an event to this socket's client; dropped if it is gone. What a middleware sends, the client's handlers get
    /// once it is connected.
    ///
    /// Arguments are encoded before it returns, so that later changes do not matter; what cannot be encoded goes to
    /// `SocketIOServer.onHandlerError`, and so does an event with more than `limits.attachmentsPerPacket` pieces of bytes
    /// (`[UInt8]`, `Data`), which at any depth travel as binary attachments. What one thread sends, directly or through
    /// rooms, arrives in that order.
    ///
    /// ```swift
    /// socket.emit("news", "hello", 42)
    /// ```
    public func emit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        emit(name, [], repeat each arguments)
    }

    /// Sends a declared event to this socket's client.
    public func emit<each Argument>(_ event: Event<repeat each Argument>, _ arguments: repeat each Argument) {
        emit(event.name, [], repeat each arguments)
    }

    /// Sends an event named `message`, as in JavaScript.
    public func send<each Argument: Encodable>(_ arguments: repeat each Argument) {
        emit("message", [], repeat each arguments)
    }

    /// Sends an event and returns the client's acknowledgement.
    ///
    /// ```swift
    /// let locale: String = try await socket.emitWithAck("locale", timeout: .seconds(2))
    /// ```
    /// - Parameters:
    ///   - name: The event.
    ///   - arguments: What goes with it.
    ///   - timeout: How long the client may take; 20 seconds by default.
    /// - Throws: `AckError`: at the timeout, at once when the socket disconnects or the task is cancelled, or if the
    ///   answer is of another type. An acknowledgement without a value counts as `null`.
    public func emitWithAck<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: EventName, _ arguments: repeat each Argument, timeout: Duration = .seconds(20)
    ) async throws(AckError) -> Reply {
        let id = namespace.nextAckID()
        let packet: EncodedPacket
        do {
            packet = try namespace.packet(name, id: id, repeat each arguments)
        } catch {
            report(error, in: .sending(name.description))
            throw AckError(.unencodable)
        }
        return try await request(packet, id: id, timeout: timeout).decode(as: Reply.self)
    }

    /// Sends a declared request and returns the client's reply; see the form with a name.
    public func emitWithAck<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>, _ arguments: repeat each Argument,
        timeout: Duration = .seconds(20)
    ) async throws(AckError) -> Reply {
        try await emitWithAck(request.name, repeat each arguments, timeout: timeout)
    }

    private func request(_ packet: EncodedPacket, id: UInt64, timeout: Duration) async throws(AckError) -> AckReply {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                perform(.request(packet, id: id, .task(continuation), timeout: timeout))
                // Cancelled before there was anything to cancel.
                if Task.isCancelled { perform(.cancelAck(id: id)) }
            }
        } onCancel: {
            // Behind the request, which may still be on its way from the thread that asked.
            post(.cancelAck(id: id))
        }
        return try result.get()
    }

    /// For one event to this socket that is dropped if the client cannot take it now.
    ///
    /// ```swift
    /// socket.volatile.emit("position", x, y)
    /// ```
    public var volatile: ModifiedSocket { modified.volatile }

    /// For an event to this socket of which only the newest counts: while the client cannot take it, it waits in place of an
    /// older one of its name, and is sent once the client can.
    ///
    /// ```swift
    /// socket.latest.emit("cursor", x, y)
    /// ```
    /// Other than what is sent as `volatile`, the last one arrives. What waits goes in the order in which the names came first,
    /// behind all that had to wait before it, and holds up to `limits.latestBytes`; over that, it is dropped.
    public var latest: ModifiedSocket { modified.latest }

    /// For an event to this socket, which may be compressed, or not; by default it may, where the server compresses
    /// (`engine.perMessageDeflate`, `engine.httpCompression`), and is if it is large enough.
    ///
    /// ```swift
    /// socket.compress(false).emit("login-code", token, text)
    /// ```
    /// For what gains nothing, and for secrets: how much smaller they become together with something that others chose tells of
    /// them. The answer to a poll is not compressed if any event in it must not be, and neither is what a client gets later
    /// that could not take it, from `latest` or after it was away (`recovery`).
    public func compress(_ compress: Bool) -> ModifiedSocket { modified.compress(compress) }

    private var modified: ModifiedSocket { ModifiedSocket(socket: self) }

    /// All other sockets of the namespace.
    public var broadcast: Broadcast {
        Broadcast(in: namespace, exceptSocket: id)
    }
}

/// A socket whose events are sent in another way than usual: what `socket.volatile`, `socket.latest` and
/// `socket.compress(_:)` return.
public struct ModifiedSocket: BroadcastTarget {
    let socket: Socket
    private var options: EmitOptions = []

    init(socket: Socket) {
        self.socket = socket
    }

    private func adding(_ options: EmitOptions) -> ModifiedSocket {
        var copy = self
        copy.options.formUnion(options)
        return copy
    }

    /// Whose events are dropped, too, if the client cannot take them now: see `Socket.volatile`.
    public var volatile: ModifiedSocket { adding(.volatile) }

    /// Of whose events the newest waits for the client, too: see `Socket.latest`.
    public var latest: ModifiedSocket { adding([.volatile, .latest]) }

    /// Whose events may be compressed, or not: see `Socket.compress`.
    public func compress(_ compress: Bool) -> ModifiedSocket {
        var copy = self
        if compress { copy.options.remove(.uncompressed) } else { copy.options.insert(.uncompressed) }
        return copy
    }

    /// All other sockets, in the same way.
    public var broadcast: Broadcast { socket.broadcast.adding(options: options) }

    /// Sends an event. A volatile one is dropped if the client cannot take it now: it does not read, or has no poll open.
    public func emit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        if options.isDisjoint(with: [.latest, .uncompressed]) {
            socket.emit(name, options, repeat each arguments)
        } else {
            // As a packet of its own, which can be kept, and sent without running code of the application.
            socket.post(name, options, repeat each arguments)
        }
    }

    /// Sends a declared event; see the form with a name.
    public func emit<each Argument>(_ event: Event<repeat each Argument>, _ arguments: repeat each Argument) {
        emit(event.name, repeat each arguments)
    }
}
