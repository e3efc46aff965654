internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

extension SocketCore {
    /// Whether somebody wants to know what is sent to this socket.
    fileprivate var isOverheard: Bool { extras?.catchAll?.outgoing.isEmpty == false }

    func change(_ change: CatchAllHandlers.Change, _ direction: CatchAll.Direction) {
        // They end when nothing is being changed any more: what they hold may run code of the application then.
        var removed: [CatchAllHandler] = []
        changeRegistered { extras in
            let catchAll = extras.catchAll ?? CatchAll()
            removed = catchAll.apply(change, direction)
            extras.catchAll = catchAll.isEmpty ? nil : catchAll
        }
        withExtendedLifetime(removed) {}
    }

    /// Removes what the application has registered on this socket, but for what lets its events pass.
    func removeAllHandlers() {
        var removed: SocketExtras.Registered?
        changeRegistered { removed = $0.takeRegistered() }
        withExtendedLifetime(removed) {}
    }

    private func changeRegistered(_ change: (SocketExtras) -> Void) {
        let wasOverheard = isOverheard
        changeExtras(change)
        if isOverheard != wasOverheard { shard.noteOverheard(isOverheard ? 1 : -1) }
    }

    /// The socket is about to lose what is registered on it.
    func endOverhearing() {
        if isOverheard { shard.noteOverheard(-1) }
    }

    /// An event has come that has not been handled yet.
    func tellReceived(_ name: Span<UInt8>, _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]]) {
        let shared = shard.anyHandlers ?? []
        let own = extras?.catchAll?.incoming.all ?? []
        guard !shared.isEmpty || !own.isEmpty else { return }
        let arguments = event.arguments.values(in: text, attachments: attachments)
        let name = String(validating: name) ?? ""
        for handler in shared where isConnected { handler(socket, name, arguments) }
        for handler in own where isConnected { handler.call(name, arguments) }
    }

    /// An event has been sent to this socket alone.
    func tellSent(_ packet: EncodedPacket) {
        guard isOverheard, let event = shard.sentEvent(packet) else { return }
        tell(event)
    }

    fileprivate func tell(_ event: SentEvent) {
        for handler in extras?.catchAll?.outgoing.all ?? [] where socket.isReachable {
            handler.call(event.name, event.arguments)
        }
    }
}

extension NamespaceShard {
    fileprivate func sentEvent(_ packet: EncodedPacket) -> SentEvent? {
        SentEvent(packet.text.span, attachments: packet.attachments, limits: server.packetLimits.forMessagePack)
    }

    /// An event has been sent to all sockets of a selection.
    func tellSent(_ packet: EncodedPacket, to selection: BroadcastSelection) {
        guard isOverheard else { return }
        let overheard = members(of: selection).filter { $0.isConnected && $0.isOverheard }
        guard !overheard.isEmpty, let event = sentEvent(packet) else { return }
        for core in overheard { core.tell(event) }
    }
}
