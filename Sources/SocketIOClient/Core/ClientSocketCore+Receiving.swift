internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

extension ClientSocketCore {
    func receive(_ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]) throws(ProtocolViolation) {
        let limits = manager.packetLimits
        switch head.type {
        case .connect: try receiveConnect(text.extracting(head.payloadStart..<text.count))
        case .connectError: try receiveConnectError(text.extracting(head.payloadStart..<text.count))
        case .disconnect: receiveDisconnect()
        case .event, .binaryEvent:
            let event = try EventPayload(parsingEvent: text, from: head.payloadStart, limits: limits)
            try receive(event, text, attachments, head.id)
        case .ack, .binaryAck:
            let payload = try EventPayload(parsingAck: text, from: head.payloadStart, limits: limits)
            if let id = head.id { receiveAck(id, payload, text, attachments) }
        }
    }

    private func receive(
        _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?
    ) throws(ProtocolViolation) {
        guard let socket = handle else { return }
        if link.isJoined { return dispatch(event, text, attachments, id, socket) }
        guard link.takesEarlyEvents else { return }
        try early.append(EarlyEvents.Entry(event: event, text: Array(text), attachments: attachments, id: id))
    }

    func dispatch(
        _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?, _ socket: ClientSocket
    ) {
        let name = event.nameHasEscapes ? JSONString.unescape(text.extracting(event.name)) : nil
        let handlers =
            if let name { events.handlers(of: name.span) } else { events.handlers(of: text.extracting(event.name)) }
        if link.recordsOffsets { noteOffset(event, text) }
        if !callbacks.any.isEmpty {
            let name =
                name.map { String(decoding: $0, as: UTF8.self) } ?? String(validating: text.extracting(event.name))
            let arguments = event.arguments.values(in: text, attachments: attachments)
            for callback in callbacks.any.inOrder() where link.isJoined { callback(name ?? "", arguments) }
        }
        var asked = id.flatMap { AskedAck($0, of: handlers) }
        for handler in handlers where link.isJoined {
            let incoming = IncomingEvent(
                arguments: event.arguments, attachments: attachments, asked: handler.isSequence ? nil : asked,
                join: joinCount)
            // Protocol.md 4.4: an acknowledgement is sent once; the first handler that can answer does, or none.
            if handler.replies { asked = nil }
            if handler.isOnce { _ = events.remove(handler.id) }
            do {
                try handler.body(socket, incoming, text)
            } catch {
                socket.report(error)
            }
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
        let arguments = cursor.rest(of: payload.arguments, in: text, attachments: attachments)
        settleAck(id, .success(AckReply(arguments)))
        // It may be the last thing heard of a session that is left.
        if retries?.acknowledged(id) == true, link.isJoined { advanceRetries() }
    }
}

extension AskedAck {
    /// The acknowledgement `id`, as these handlers get it; nil if there is none.
    fileprivate init?(_ id: UInt64, of handlers: [EventHandler]) {
        let count = handlers.count { !$0.isSequence }
        guard count > 0 else { return nil }
        self = handlers.contains(where: \.replies) ? .value(id) : .empty(EmptyAck(id, handlers: count))
    }
}
