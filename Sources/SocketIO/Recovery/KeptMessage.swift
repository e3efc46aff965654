internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// An event that an adapter keeps, for one loop's part of a namespace. A message of its own, so that others cost nothing for
/// it.
private struct KeptMessage: LoopMessage {
    let shard: LoopBound<ServerShard>
    /// The namespace's number.
    let namespace: Int
    let event: PlacedEvent
    let packet: EncodedPacket
    let selection: BroadcastSelection
    let options: EmitOptions

    var byteCount: Int { packet.byteCount + selection.byteCount }

    func deliver(on loop: EventLoop) {
        if let namespace = shard.value.existing(namespace) {
            namespace.broadcast(event, packet, to: selection, options)
        } else {
            shard.value.recovery?.places.pass(event.place)
        }
    }
}

/// All that an adapter keeps has come in up to a place.
struct KeptPassing: LoopMessage {
    let shard: LoopBound<ServerShard>
    let place: RedisStreamID

    func deliver(on loop: EventLoop) {
        shard.value.recovery?.places.pass(place)
    }
}

extension Namespace {
    /// Sends an event that an adapter keeps.
    func performKept(_ event: PlacedEvent, _ selection: BroadcastSelection, _ options: EmitOptions) {
        let packet = event.event.packet(in: self, id: nil)
        for shard in homes(of: selection) {
            let message = KeptMessage(
                shard: shard, namespace: number, event: event, packet: packet, selection: selection,
                options: options)
            if shard.loop.isCurrent {
                message.deliver(on: shard.loop)
            } else if !shard.loop.post(message) {
                context.noteDrop(on: shard.loop)
            }
        }
    }
}
