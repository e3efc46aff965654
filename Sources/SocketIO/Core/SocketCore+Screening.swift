internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// An event about which a middleware takes its time.
private struct KeptEvent: Sendable {
    let text: [UInt8]
    let attachments: [[UInt8]]
    let id: UInt64?
}

// What the socket's own middlewares say of its events.

extension SocketCore {
    /// Asks the socket's middlewares about an event; false if one refuses it, or takes its time.
    func isLetPass(
        _ name: Span<UInt8>, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ id: UInt64?
    ) -> Bool {
        guard let middlewares = extras?.middlewares, !middlewares.isEmpty else { return true }
        guard isConnected else { return false }
        var cursor = ArgumentList.Cursor()
        let received = ReceivedEvent(
            name: String(validating: name) ?? "",
            arguments: cursor.rest(of: event.arguments, in: text, attachments: attachments),
            isAckRequested: id != nil)
        return isLetPass(received, by: middlewares[...]) {
            KeptEvent(text: Array(text), attachments: attachments, id: id)
        }
    }

    /// - Parameter kept: The event, where it has to wait.
    private func isLetPass(
        _ event: ReceivedEvent, by middlewares: ArraySlice<EventMiddleware>, keeping kept: () -> KeptEvent
    ) -> Bool {
        var rest = middlewares
        while let middleware = rest.popFirst() {
            switch middleware {
            case .immediate(let decide):
                do {
                    try decide(event)
                } catch {
                    refuse(event, error)
                    return false
                }
            case .asynchronous(let decide):
                wait(for: decide, about: event, kept(), then: rest)
                return false
            }
            guard isConnected else { return false }
        }
        return true
    }

    private func wait(
        for decide: @escaping @Sendable (ReceivedEvent) async throws -> Void, about event: ReceivedEvent,
        _ kept: KeptEvent, then rest: ArraySlice<EventMiddleware>
    ) {
        let decision = EventDecision()
        madeExtras().decision = decision
        // It counts as a handler, so that nobody gathers more of them.
        socket.handlerBegins()
        beginInbox()
        let bound = LoopBound(decision, on: loop)
        let task = loop.startTask { [socket] in
            let refusal: (any Error)?
            do {
                try await decide(event)
                refusal = nil
            } catch {
                refusal = error
            }
            if bound.value.end() { socket.core.decided(about: event, kept, refusal, then: rest) }
            socket.handlerEnded()
        }
        decision.began(task)
    }

    private func decided(
        about event: ReceivedEvent, _ kept: KeptEvent, _ refusal: (any Error)?, then rest: ArraySlice<EventMiddleware>
    ) {
        extras?.decision = nil
        guard isConnected else { return }
        if let refusal { return refuse(event, refusal) }
        if isLetPass(event, by: rest, keeping: { kept }) { handle(kept) }
    }

    /// Calls the handlers of an event that has waited.
    private func handle(_ event: KeptEvent) {
        let text = event.text.span
        do throws(ProtocolViolation) {
            let head = try PacketHead(parsing: text, limits: shard.server.packetLimits.forMessagePack)
            let payload = try EventPayload(
                parsingEvent: text, from: head.payloadStart, limits: shard.packetLimits, memory: shard.memory)
            try socket.handle(payload, text, attachments: event.attachments, id: event.id)
        } catch {
            closeSession(because: error)
        }
    }

    private func refuse(_ event: ReceivedEvent, _ error: any Error) {
        if !tell(error) { socket.report(error, in: .refusing(event.name)) }
    }

    /// Tells the socket's error handlers; false if there are none.
    @discardableResult
    func tell(_ error: any Error) -> Bool {
        let handlers = extras?.error ?? []
        for handler in handlers where isConnected { handler.call(socket, error) }
        return !handlers.isEmpty
    }
}
