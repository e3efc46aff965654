internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

extension SocketCore {
    /// Any packet: most are events that ask for nothing, which do not come by here.
    @inline(never)
    func receivePacket(_ text: Span<UInt8>) {
        guard others == nil, isConnected else { return madeOthers.received(text: text) }
        do throws(ProtocolViolation) {
            let head = try PacketHead(parsing: text, limits: socket.shard.packetLimits)
            if head.namespace.isEmpty, head.attachmentCount == 0 {
                try receive(head, text, attachments: [])
            } else {
                madeOthers.received(text: text)
            }
        } catch {
            closeSession(because: error)
        }
    }

    /// The client has broken the protocol.
    func closeSession(because violation: ProtocolViolation) {
        shard.server.close(session, of: others?.sockets ?? [socket], because: violation)
    }

    /// Whether nothing is under way in the whole session.
    var isSessionSettled: Bool { others?.isSettled ?? isSettled }

    /// Whether no handler is under way, nothing waits for one, and the client owes no acknowledgement.
    var isSettled: Bool {
        guard phase != .connecting else { return false }
        guard handlersInFlight == 0 else { return false }
        return extras?.acks == nil && extras?.inbox == nil
    }

    func sessionClosed(_ reason: EngineCloseReason) {
        if let others {
            others.sessionClosed(reason)
        } else {
            end(because: DisconnectReason(reason))
        }
    }

    var madeOthers: SessionSockets { others ?? SessionSockets(of: socket) }

    /// A packet of this namespace is whole.
    func receive(_ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]) throws(ProtocolViolation) {
        // What a property of the socket returns is counted; what `socket.shard` has is not.
        let limits = socket.shard.packetLimits
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
