internal import SocketIOEvents
internal import SocketIOWire

// What many sockets of one loop are sent where an adapter keeps it for clients that come back.

extension NamespaceShard {
    /// Sends an event that is kept. Who has come back may have had it already.
    func broadcast(
        _ event: PlacedEvent, _ packet: EncodedPacket, to selection: BroadcastSelection, _ options: EmitOptions
    ) {
        guard let recovery = server.recovery else { return }
        recovery.places.pass(event.place)
        recovery.places.note(event, for: selection.audience, in: namespace.number)
        let text = packet.text(adding: event.place.description)
        sending(options, to: selection) {
            var sender = BroadcastSender(EncodedPacket(text: text, attachments: packet.attachments), server)
            forEach(in: selection) { core in
                if core.takesKept(event.place) { sender.send(to: core, []) }
            }
        }
        if isOverheard { tellSent(packet, to: selection) }
    }

    /// Sends an event that is not.
    func broadcastPassing(_ packet: EncodedPacket, to selection: BroadcastSelection, _ options: EmitOptions) {
        var sender = PassingSender(packet, server)
        forEach(in: selection) { core in sender.send(to: core, options) }
    }
}

/// An event for many that is not kept: where it ends with a text it says how far each client has come, which clients take
/// from there.
struct PassingSender {
    private var sender: BroadcastSender
    /// For those who have had more than has come to their loop.
    private let own: (packet: EncodedPacket, recovery: RecoveryShard)?

    init(_ packet: EncodedPacket, _ server: ServerShard) {
        let text = server.recovery?.textOfKeptNot(packet) ?? packet.text
        sender = BroadcastSender(EncodedPacket(text: text, attachments: packet.attachments), server)
        own = server.recovery.flatMap { packet.endsWithText && $0.places.areBehind ? (packet, $0) : nil }
    }

    mutating func send(to core: SocketCore, _ options: EmitOptions) {
        guard let own, core.accepts(options) else { return sender.send(to: core, options) }
        core.send(core.passing(own.packet, in: own.recovery), options)
    }
}
