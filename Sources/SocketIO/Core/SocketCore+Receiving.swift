internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
package import SocketIOWire

/// The main namespace's socket hears the session itself: most messages are events for it, and nothing on their way has
/// to be looked up. The session calls on its loop, which is the socket's.
extension Socket: EngineSessionHandler {
    package func received(text: Span<UInt8>) { SocketCore(self).receive(text) }
    package func received(binary: [UInt8]) { SocketCore(self).receive(binary) }
    package func sessionClosed(_ reason: EngineCloseReason) { SocketCore(self).sessionClosed(reason) }
}

extension SocketCore {
    @inline(__always)
    fileprivate func receive(_ text: Span<UInt8>) {
        guard isConnected, others?.isCollecting != true, PacketHead.isPlainEvent(text) else {
            return receivePacket(text)
        }
        do throws(ProtocolViolation) {
            let event = try EventPayload(
                parsingEvent: text, from: 1, limits: shard.packetLimits, memory: shard.memory)
            try receive(event, text, attachments: [], id: nil)
        } catch {
            shard.server.close(session, because: error)
        }
    }

    /// Any packet: most are events that ask for nothing, which do not come by here.
    @inline(never)
    private func receivePacket(_ text: Span<UInt8>) {
        guard others == nil, isConnected else { return madeOthers.received(text: text) }
        do throws(ProtocolViolation) {
            let head = try PacketHead(parsing: text, limits: shard.packetLimits)
            if head.namespace.isEmpty, head.attachmentCount == 0 {
                try receive(head, text, attachments: [])
            } else {
                madeOthers.received(text: text)
            }
        } catch {
            shard.server.close(session, because: error)
        }
    }

    fileprivate func receive(_ binary: [UInt8]) {
        madeOthers.received(binary: binary)
    }

    fileprivate func sessionClosed(_ reason: EngineCloseReason) {
        if let others {
            others.sessionClosed(reason)
        } else {
            end(because: DisconnectReason(reason))
        }
    }

    private var madeOthers: SessionSockets { others ?? SessionSockets(of: socket) }

    /// A packet of this namespace is whole.
    func receive(_ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]) throws(ProtocolViolation) {
        switch head.type {
        case .event, .binaryEvent:
            let event = try EventPayload(
                parsingEvent: text, from: head.payloadStart, limits: shard.packetLimits, memory: shard.memory)
            try receive(event, text, attachments: attachments, id: head.id)
        case .ack, .binaryAck:
            let payload = try EventPayload(parsingAck: text, from: head.payloadStart, limits: shard.packetLimits)
            if let id = head.id { receiveAck(id, payload, text, attachments: attachments) }
        case .disconnect:
            guard head.payloadStart == text.count else {
                throw ProtocolViolation(.malformed, "a DISCONNECT with a payload")
            }
            end(because: .clientNamespaceDisconnect)
        case .connectError:
            throw ProtocolViolation(.unexpected, "a CONNECT_ERROR from a client")
        case .connect:
            throw ProtocolViolation(.unexpected, "a second CONNECT for a namespace")
        }
    }

    // MARK: Events

    @inline(always)
    private func receive(
        _ event: EventPayload, _ text: Span<UInt8>, attachments: [[UInt8]], id: UInt64?
    ) throws(ProtocolViolation) {
        if event.nameHasEscapes {
            let name = JSONString.unescape(text.extracting(event.name))
            try dispatch(name.span, event, text, attachments, id)
        } else {
            try dispatch(text.extracting(event.name), event, text, attachments, id)
        }
    }

    @inline(always)
    private func dispatch(
        _ name: Span<UInt8>, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?
    ) throws(ProtocolViolation) {
        shard.refreshHandlers()
        if extras != nil || shard.anyHandlers != nil, !ReservedEvent.contains(name) {
            notifyAny(name, event, text, attachments)
        }
        var ackID = id
        // Both are looked up before either is called: what they register or remove counts from the next event on.
        if let own = extras?.events?.group(of: name) {
            shard.handlers(of: name)?.call(self, event, &ackID, text, attachments)
            own.call(self, event, &ackID, text, attachments)
        } else if !shard.callHandlers(of: name, { $0.call(self, event, &ackID, text, attachments) }),
            // No handler can have a reserved name, so that only a miss needs to look.
            ReservedEvent.contains(name)
        {
            throw ProtocolViolation(.malformed, "an event with a reserved name")
        }
    }

    private func notifyAny(
        _ name: Span<UInt8>, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]]
    ) {
        let shared = shard.anyHandlers ?? []
        let own = extras?.any ?? []
        guard !shared.isEmpty || !own.isEmpty else { return }
        let arguments = event.arguments.values(in: text, attachments: attachments)
        let name = String(validating: name) ?? ""
        for handler in shared + own where isConnected { handler(socket, name, arguments) }
    }

    // MARK: Acknowledgements

    /// An acknowledgement arrived; one that nobody waits for is ignored.
    private func receiveAck(_ id: UInt64, _ payload: EventPayload, _ text: Span<UInt8>, attachments: [[UInt8]]) {
        var cursor = ArgumentList.Cursor()
        let argument = cursor.next(of: payload.arguments, in: text).map { Array(text.extracting($0.range)) } ?? []
        settleAck(id, .success(AckReply(argument: argument, attachments: attachments)))
    }

    /// Awaits the acknowledgement `id`; false, and settled as disconnected or too many, if that cannot be.
    func expectAck(_ id: UInt64, _ receiver: AckReceiver, timeout: Duration? = nil) -> Bool {
        guard isConnected else {
            receiver.settle(.failure(AckError(.disconnected)))
            return false
        }
        let extras = madeExtras()
        let acks = extras.acks ?? AckTable(of: socket, limit: shard.server.limits.pendingAcks)
        extras.acks = acks
        return acks.add(id, receiver, timeout: timeout)
    }

    /// Stops waiting for the acknowledgement `id`.
    func cancelAck(_ id: UInt64, _ error: AckError) {
        settleAck(id, .failure(error))
    }

    private func settleAck(_ id: UInt64, _ result: Result<AckReply, AckError>) {
        extras?.acks?.settle(id, result)
    }

    /// No acknowledgement is awaited any more.
    func dropAcks() {
        extras?.acks = nil
        dropEmptyExtras()
    }
}
