internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// One namespace on the sharded channels of the official adapter.
final class ShardedNamespace: RedisMember, NamespaceAdapter {
    let local: LocalNamespace
    private let mode: ShardedRedisAdapter.SubscriptionMode
    private let channels: ClusterChannels
    private let inbox: RedisInbox
    private let limits = ClusterLimits()
    /// Those with channels that this node is subscribed to; nil once it has left.
    private let rooms = Mutex<Set<Room>?>([])
    private let recent = Mutex(RecentRooms())

    init(
        _ local: LocalNamespace, options: ShardedRedisAdapter.Options, client: RedisClient, inbox: RedisInbox
    ) {
        self.local = local
        self.inbox = inbox
        mode = options.subscriptionMode
        channels = ClusterChannels(
            prefix: options.channelPrefix, namespace: local.name, isSharded: true, client: client)
    }

    func begin() {
        inbox.add(self, to: channels.subscriptions, of: channels.client)
        guard mode != .static else { return }
        local.onRoomCreated { [weak self] in self?.enter($0) }
        local.onRoomDeleted { [weak self] in self?.exit($0) }
        // A client of another loop may have come in first, whose rooms are no news. One that empties meanwhile stays
        // subscribed to until it has ended once more.
        Task { [weak self, local] in
            for socket in await local.sockets() {
                for room in socket.rooms { self?.enter(room) }
            }
        }
    }

    // MARK: Rooms

    private func enter(_ room: Room) {
        guard mode.hasChannel(room) else { return }
        rooms.withLock { rooms in
            guard rooms?.insert(room).inserted == true else { return }
            inbox.subscribe(self, to: [subscription(room)], of: channels.client)
        }
    }

    private func exit(_ room: Room) {
        rooms.withLock { rooms in
            guard rooms?.remove(room) != nil else { return }
            inbox.unsubscribe(self, from: [subscription(room)], of: channels.client)
        }
    }

    private func subscription(_ room: Room) -> RedisSubscription {
        channels.subscription(channels.channel(ofRoom: room.description))
    }

    func leave() {
        let left = rooms.withLock { rooms in
            defer { rooms = nil }
            return rooms
        }
        let subscriptions = (left ?? []).map(subscription) + channels.subscriptions
        inbox.remove(self, from: subscriptions, of: channels.client)
    }

    // MARK: To other nodes

    func publish(_ message: ClusterMessage) {
        if mode != .static, case .join(let rooms, _) = message {
            recent.withLock { $0.insert(rooms.filter(mode.hasChannel), now: .now) }
        }
        publish(ClusterAdapterMessage.Content(message), on: channel(of: message))
    }

    private func channel(of message: ClusterMessage) -> String {
        // How many nodes there are that answer can be told of the channel of all only.
        guard case .broadcast(_, let audience, _, request: nil) = message, audience.rooms.count == 1,
            mode.hasChannel(audience.rooms[0]), !recent.withLock({ $0.contains(audience.rooms[0], now: .now) })
        else { return channels.all }
        return channels.channel(ofRoom: audience.rooms[0].description)
    }

    func respond(_ response: ClusterResponse, to request: ClusterRequest) {
        guard let node = request.node, let content = ClusterAdapterMessage.Content(response, to: request.id) else {
            return
        }
        publish(content, on: channels.channel(of: node))
    }

    private func publish(_ content: ClusterAdapterMessage.Content, on channel: String) {
        let message = ClusterAdapterMessage(uid: channels.uid, namespace: local.name, content: content)
        channels.publish(message.sharded, on: channel)
    }

    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void) {
        channels.findOtherNodes(found)
    }

    // MARK: From other nodes

    func receive(_ message: RedisMessage) {
        do throws(ProtocolViolation) {
            let message = try ClusterAdapterMessage(message.payload.span, limits: limits)
            guard !message.uid.hasSameBytes(as: channels.uid), message.namespace.hasSameBytes(as: local.name) else {
                return
            }
            try local.receive(message)
        } catch {
            local.drop(error)
        }
    }
}

extension ShardedRedisAdapter.SubscriptionMode {
    /// As Node's adapter decides it, by the name only: who sends does not know whether a room is a socket's.
    func hasChannel(_ room: Room) -> Bool {
        switch self {
        case .static: false
        case .dynamic: room.description.utf16.count != 20
        case .dynamicPrivate: true
        }
    }
}
