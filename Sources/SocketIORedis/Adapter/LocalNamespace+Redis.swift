internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire

extension LocalNamespace {
    /// A message of another node is not understood.
    func drop(_ violation: ProtocolViolation) {
        note(
            "a message on a channel of Redis is dropped: it is none of this cluster's, or over a limit (Protocol.md 6)",
            "\(violation.detail)")
    }

    /// What another node says in the words of Node's `ClusterAdapter` family.
    func receive(_ message: ClusterAdapterMessage) throws(ProtocolViolation) {
        let node = message.uid.hasSameBytes(as: ClusterAdapterMessage.emitterID) ? nil : NodeID(message.uid)
        switch message.content {
        // Who is there is asked of Redis.
        case .initialHeartbeat, .heartbeat, .close: break
        case .broadcast(let packet, let selection, let request):
            let (audience, flags) = selection.parts
            receive(.broadcast(try .init(read: packet.values), audience, flags, request: request), from: node)
        case .join(let selection, let rooms): receive(.join(rooms.map { Room($0) }, selection.parts.audience))
        case .leave(let selection, let rooms): receive(.leave(rooms.map { Room($0) }, selection.parts.audience))
        case .disconnect(let selection, let closing):
            receive(.disconnect(selection.parts.audience, closingConnection: closing))
        case .fetchSockets(let selection, let request):
            receive(.fetchSockets(selection.parts.audience, request: request), from: node)
        case .serverSideEmit(let values, let request):
            receive(.serverSideEmit(try .init(read: values), request: request), from: node)
        case .sockets(let sockets, let request):
            receive(.sockets(sockets.map { ClusterSocket($0) }), to: request, from: node)
        case .serverSideAnswer(let value, let request):
            receive(.reply(EventArguments(value.map { [$0] } ?? [])), to: request, from: node)
        case .clientCount(let count, let request): receive(.asked(count: count), to: request, from: node)
        case .acknowledgement(let value, let request):
            receive(.acknowledged(EventArguments(value.map { [$0] } ?? [])), to: request, from: node)
        }
    }
}

extension ClusterEvent {
    /// An event of another node.
    init(read values: [JSONValue]) throws(ProtocolViolation) {
        guard let event = ClusterEvent(values) else {
            throw ProtocolViolation(.malformed, "an event of another node with a name or a value that none can have")
        }
        self = event
    }
}

extension ClusterAdapterMessage.Content {
    /// - Parameter namespace: Of the packet, where it is to say so, as emitters have it.
    init(_ message: ClusterMessage, packetNamespace namespace: String? = nil) {
        self =
            switch message {
            case .broadcast(let event, let audience, let flags, let request):
                .broadcast(
                    ClusterPacket(values: event.values, namespace: namespace), ClusterSelection(audience, flags),
                    request: request)
            case .join(let rooms, let audience): .join(ClusterSelection(audience), rooms: rooms.map(\.description))
            case .leave(let rooms, let audience): .leave(ClusterSelection(audience), rooms: rooms.map(\.description))
            case .disconnect(let audience, let closing): .disconnect(ClusterSelection(audience), closing: closing)
            case .fetchSockets(let audience, let request): .fetchSockets(ClusterSelection(audience), request: request)
            case .serverSideEmit(let event, let request): .serverSideEmit(event.values, request: request)
            }
    }

    /// Nil for what Node says nothing of: those that do not answer.
    init?(_ response: ClusterResponse, to request: String) {
        switch response {
        case .sockets(let sockets): self = .sockets(sockets.map { SocketDescription($0) }, request: request)
        case .reply(let arguments): self = .serverSideAnswer(arguments.values.first, request: request)
        case .asked(let count, sockets: _): self = .clientCount(count, request: request)
        case .acknowledged(let arguments?, by: _): self = .acknowledgement(arguments.values.first, request: request)
        case .acknowledged(nil, by: _): return nil
        }
    }
}
