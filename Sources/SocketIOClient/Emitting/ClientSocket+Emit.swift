internal import NetLoop
public import SocketIOEvents
internal import SocketIOWire

extension ClientSocket {
    /// Sends an event. While there is no connection it waits in the offline buffer, and is sent once, in order, when
    /// there is one.
    ///
    /// Arguments are encoded before it returns, so that later changes do not matter; what cannot be encoded goes to
    /// `ClientManager.onHandlerError`. Bytes (`[UInt8]`, `Data`) at any depth travel as binary attachments. What one
    /// thread sends arrives in that order.
    ///
    /// ```swift
    /// socket.emit("move", 3, 4)
    /// ```
    public func emit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        emit(name, isVolatile: false, repeat each arguments)
    }

    /// Sends a declared event; see the form with a name.
    public func emit<each Argument>(_ event: Event<repeat each Argument>, _ arguments: repeat each Argument) {
        emit(event.name, isVolatile: false, repeat each arguments)
    }

    /// Sends an event named `message`, as in JavaScript.
    public func send<each Argument: Encodable>(_ arguments: repeat each Argument) {
        emit("message", isVolatile: false, repeat each arguments)
    }

    /// For one event that is dropped if there is no connection, or the server does not take it now.
    ///
    /// ```swift
    /// socket.volatile.emit("position", x, y)
    /// ```
    public var volatile: VolatileClientSocket { VolatileClientSocket(socket: self) }

    func emit<each Argument: Encodable>(_ name: EventName, isVolatile: Bool, _ arguments: repeat each Argument) {
        do {
            if !isVolatile, let core = currentCore, core.sendsDirectly {
                let scratch = core.loop.scratch
                let start = scratch.count
                defer {
                    scratch.truncate(to: start)
                    // One large message must not keep its memory.
                    if start == 0 { scratch.removeAll() }
                }
                let attachments = try append(
                    name, id: nil, to: scratch, memory: core.manager.memory, repeat each arguments)
                // What encodes may have left the namespace: then the event waits as any other.
                guard core.link.isJoined else {
                    let text = scratch.array(in: start..<scratch.count)
                    return perform(
                        .emit(OutgoingPacket(text: text, attachments: attachments), isVolatile: isVolatile))
                }
                scratch.withBytes(in: start..<scratch.count) { core.sendDirectly($0, attachments) }
            } else {
                // What is retried needs an acknowledgement.
                let id = configuration.retries > 0 && !isVolatile ? nextAckID() : nil
                perform(.emit(try packet(name, id: id, repeat each arguments), isVolatile: isVolatile))
            }
        } catch {
            report(ClientError(.unencodable, "\(name) cannot be encoded: \(error)", cause: error))
        }
    }

    /// Sends an event and returns the server's acknowledgement.
    ///
    /// ```swift
    /// let sum: Int = try await socket.emitWithAck("add", 1, 2, timeout: .seconds(5))
    /// ```
    /// - Parameters:
    ///   - name: The event.
    ///   - arguments: What goes with it.
    ///   - timeout: From now on, the wait for a connection included; 20 seconds by default.
    /// - Returns: The first value of the acknowledgement, or all of them, as `EventArguments`. One without a value counts
    ///   as `null`.
    /// - Throws: `AckError`, exactly once: at the timeout, when the connection over which the event went is lost, when
    ///   the task is cancelled, if an argument cannot be encoded, or if the answer is of another type. With `retries` a
    ///   lost connection is no end: the event is sent again over the next one.
    public func emitWithAck<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: EventName, _ arguments: repeat each Argument, timeout: Duration = .seconds(20)
    ) async throws(AckError) -> Reply {
        let id = nextAckID()
        let outgoing: OutgoingPacket
        do {
            outgoing = try packet(name, id: id, repeat each arguments)
        } catch {
            report(ClientError(.unencodable, "\(name) cannot be encoded: \(error)", cause: error))
            throw AckError(.unencodable)
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                perform(.request(outgoing, id: id, continuation, timeout: timeout))
                // Cancelled before there was anything to cancel.
                if Task.isCancelled { post(.cancelAck(id: id)) }
            }
        } onCancel: {
            post(.cancelAck(id: id))
        }
        return try result.get().decode(as: Reply.self)
    }

    /// Sends a declared request and returns the server's reply; see the form with a name.
    public func emitWithAck<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>, _ arguments: repeat each Argument,
        timeout: Duration = .seconds(20)
    ) async throws(AckError) -> Reply {
        try await emitWithAck(request.name, repeat each arguments, timeout: timeout)
    }

    /// Acknowledges an event with any number of values, over the connection that it came by or not at all: the server of
    /// another one may ask for something else by the same number.
    func acknowledge<each Value: Encodable & Sendable>(
        _ id: UInt64, in join: Int, values: repeat each Value
    ) {
        let writer = ByteWriter()
        writer.append(EnginePacketType.message.rawValue)
        var draft = PacketDraft.ack(id, namespace: wireName, to: writer)
        do {
            repeat try draft.append(each values, to: writer)
            try limitAttachments(of: draft, in: writer)
            _ = draft.finish(in: writer)
            perform(.acknowledge(try packet(writer.array(), draft.attachments), join: join))
        } catch {
            report(ClientError(.unencodable, "an acknowledgement cannot be encoded: \(error)", cause: error))
        }
    }

    private func packet<each Argument: Encodable>(
        _ name: EventName, id: UInt64?, _ arguments: repeat each Argument
    ) throws -> OutgoingPacket {
        let writer = ByteWriter()
        lazy var memory = JSONMemory()
        let attachments = try append(name, id: id, to: writer, memory: memory, repeat each arguments)
        return try packet(writer.array(), attachments, ackID: id)
    }

    /// What was encoded, as it is to travel.
    private func packet(
        _ text: [UInt8], _ attachments: [[UInt8]], ackID: UInt64? = nil
    ) throws(ClientError) -> OutgoingPacket {
        let configuration = manager.configuration
        do throws(ProtocolViolation) {
            return try OutgoingPacket(
                text: text, attachments: attachments, ackID: ackID, by: configuration.parser,
                limits: configuration.limits.packets)
        } catch {
            throw ClientError(.unencodable, "it makes \(error.detail)")
        }
    }

    /// Writes an event with the Engine.IO type in front, and returns its attachments.
    private func append<each Argument: Encodable>(
        _ name: EventName, id: UInt64?, to writer: ByteWriter, memory: @autoclosure () -> JSONMemory,
        _ arguments: repeat each Argument
    ) throws -> [[UInt8]] {
        writer.append(EnginePacketType.message.rawValue)
        var draft = PacketDraft.event(name.description, id: id, namespace: wireName, to: writer)
        repeat try draft.append(each arguments, to: writer, memory: memory())
        try limitAttachments(of: draft, in: writer)
        _ = draft.finish(in: writer)
        return draft.attachments
    }

    private var attachmentLimit: Int {
        switch manager.configuration.parser {
        case .json: manager.configuration.limits.attachments
        case .msgpack: PacketLimits.maxAttachments
        }
    }

    /// What the client would not take it does not send either.
    private func limitAttachments(of draft: PacketDraft, in writer: ByteWriter) throws {
        try draft.limitAttachments(to: attachmentLimit, in: writer)
    }
}

/// A socket whose next events may be dropped: what `socket.volatile` returns.
public struct VolatileClientSocket: Sendable {
    let socket: ClientSocket

    /// Sends an event unless there is no connection, or the server cannot take it now.
    public func emit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        socket.emit(name, isVolatile: true, repeat each arguments)
    }

    /// Sends a declared event unless there is no connection, or the server cannot take it now.
    public func emit<each Argument>(_ event: Event<repeat each Argument>, _ arguments: repeat each Argument) {
        socket.emit(event.name, isVolatile: true, repeat each arguments)
    }
}
