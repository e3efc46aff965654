internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire

/// What is published for a message, in the words of `@socket.io/redis-adapter` or `@socket.io/redis-emitter`, and where.
struct RedisPublication {
    let channel: String
    let bytes: [UInt8]

    /// - Parameters:
    ///   - uid: Of the node, or `ClusterAdapterMessage.emitterID`.
    ///   - namespace: Whose channels these are.
    init(_ message: ClusterMessage, from uid: String, in namespace: String, on channels: RedisChannels) {
        func packet(_ event: ClusterEvent) -> ClusterPacket {
            ClusterPacket(values: event.values, namespace: namespace)
        }
        if case .broadcast(let event, let audience, let flags, request: nil) = message {
            let selection = ClusterSelection(audience, flags)
            channel = channels.broadcast(toRooms: selection.rooms)
            bytes = RedisBroadcast(uid: uid, packet: packet(event), selection: selection).messagePack
            return
        }
        var (request, sender): (String?, String?) = (nil, uid)
        let operation: RedisRequest.Operation
        switch message {
        case .broadcast(let event, let audience, let flags, let id):
            (operation, request) = (.broadcast(packet(event), ClusterSelection(audience, flags)), id)
        case .fetchSockets(let audience, let id): (operation, request) = (.fetchSockets(ClusterSelection(audience)), id)
        case .serverSideEmit(let event, let id): (operation, request) = (.serverSideEmit(event.values), id)
        case .join(let rooms, let audience):
            operation = .join(ClusterSelection(audience), rooms: rooms.map(\.description))
        case .leave(let rooms, let audience):
            operation = .leave(ClusterSelection(audience), rooms: rooms.map(\.description))
        case .disconnect(let audience, let closing):
            operation = .disconnect(ClusterSelection(audience), closing: closing)
        }
        switch message {
        // An emitter does not say that it is one where nothing comes back.
        case .join, .leave, .disconnect: if uid == ClusterAdapterMessage.emitterID { sender = nil }
        case .broadcast, .fetchSockets, .serverSideEmit: break
        }
        channel = channels.request
        bytes = RedisRequest(uid: sender, id: request, operation: operation).bytes
    }
}
