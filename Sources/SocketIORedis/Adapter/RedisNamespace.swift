internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire

/// One namespace on the channels of the official adapter.
final class RedisNamespace: RedisMember, NamespaceAdapter {
    let local: LocalNamespace
    private let client: RedisClient
    private let inbox: RedisInbox
    private let respondsOnOwnChannel: Bool
    /// What this node is called in the namespace: six characters, as in Node.
    private let uid = String((0..<6).map { _ in RedisNamespace.letters[Int.random(in: 0..<64)] })
    private let channels: RedisChannels
    private let limits = ClusterLimits()

    private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_")

    init(_ local: LocalNamespace, options: RedisAdapter.Options, client: RedisClient, inbox: RedisInbox) {
        self.local = local
        self.client = client
        self.inbox = inbox
        respondsOnOwnChannel = options.respondsOnOwnChannel
        channels = RedisChannels(key: options.key, namespace: local.name, uid: uid)
    }

    /// What it is subscribed to as long as it is there.
    var subscriptions: [RedisSubscription] {
        [RedisSubscription(.pattern, channels.broadcastPattern)]
            + [channels.request, channels.response, channels.ownResponse].map { RedisSubscription(.channel, $0) }
    }

    // MARK: To other nodes

    func publish(_ message: ClusterMessage) {
        let publication = RedisPublication(message, from: uid, in: local.name, on: channels)
        client.publish(publication.bytes, on: publication.channel)
    }

    func respond(_ response: ClusterResponse, to request: ClusterRequest) {
        switch response {
        case .sockets(let sockets): respond(sockets, to: request)
        // To events between servers Node answers all in any case.
        case .reply(let arguments):
            publish(
                RedisResponse(id: request.id, content: .serverSideAnswer(arguments.values.first)).bytes,
                on: channels.response)
        case .asked(let count, sockets: _): respond(.clientCount(count), to: request)
        case .acknowledged(let arguments?, by: _): respond(.acknowledgement(arguments.values.first), to: request)
        // Node says nothing of those that do not answer.
        case .acknowledged(nil, by: _): break
        }
    }

    /// Answers in the form that was asked for.
    private func respond(_ sockets: [ClusterSocket], to request: ClusterRequest) {
        guard let (form, id) = Form.split(request.id) else {
            return respond(.sockets(sockets.map { SocketDescription($0) }), to: request)
        }
        let request = ClusterRequest(id: id, from: request.node)
        switch form {
        case .rooms: respond(.rooms(Set(sockets.flatMap(\.rooms)).map(\.description)), to: request)
        case .ids: respond(.socketIDs(sockets.map(\.id.description)), to: request)
        // The node that has the socket says so.
        case .done: if !sockets.isEmpty { respond(.done, to: request) }
        case .left, .closed:
            guard !sockets.isEmpty else { return }
            for socket in sockets {
                local.receive(.disconnect(Self.only(socket.id.description), closingConnection: form == .closed))
            }
            respond(.done, to: request)
        }
    }

    private func respond(_ content: RedisResponse.Content, to request: ClusterRequest) {
        let asker = respondsOnOwnChannel ? request.node?.description : nil
        publish(
            RedisResponse(id: request.id, content: content).bytes,
            on: asker.map { "\(channels.response)\($0)#" } ?? channels.response)
    }

    private func publish(_ bytes: [UInt8], on channel: String) {
        client.publish(bytes, on: channel)
    }

    /// Each node is subscribed to the channel of requests, and with it to one that is this node's only.
    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void) {
        client.countOthers(on: channels.request, without: channels.ownResponse, found)
    }

    func leave() {
        inbox.remove(self, from: subscriptions, of: client)
    }

    // MARK: From other nodes

    func receive(_ message: RedisMessage) {
        do throws(ProtocolViolation) {
            switch message.subscription.kind {
            case .pattern: try receive(RedisBroadcast(message.payload.span, limits: limits))
            case .channel where message.channel.span.equals(channels.request.utf8.span):
                try receive(RedisRequest(message.payload.span, limits: limits))
            case .channel, .shard: try receive(RedisResponse(message.payload.span, limits: limits))
            }
        } catch {
            local.drop(error)
        }
    }

    private func receive(_ broadcast: RedisBroadcast) throws(ProtocolViolation) {
        // The pattern matches the channels of namespaces whose names begin with this one's and a #, too.
        guard !broadcast.uid.hasSameBytes(as: uid), broadcast.packet.namespace?.hasSameBytes(as: local.name) == true
        else { return }
        let event = try ClusterEvent(read: broadcast.packet.values)
        let (audience, flags) = broadcast.selection.parts
        local.receive(.broadcast(event, audience, flags), from: NodeID(broadcast.uid))
    }

    private func receive(_ request: RedisRequest) throws(ProtocolViolation) {
        guard request.uid?.hasSameBytes(as: uid) != true else { return }
        let node = request.uid.map { NodeID($0) }
        switch request.operation {
        case .join(let selection, let rooms): local.receive(.join(rooms.map { Room($0) }, selection.parts.audience))
        case .leave(let selection, let rooms): local.receive(.leave(rooms.map { Room($0) }, selection.parts.audience))
        case .disconnect(let selection, let closing):
            local.receive(.disconnect(selection.parts.audience, closingConnection: closing))
        case .joinOne(let socket, let room):
            local.receive(.join([Room(room)], Self.only(socket)))
            find(Self.only(socket), telling: .done, for: request, node)
        case .leaveOne(let socket, let room):
            local.receive(.leave([Room(room)], Self.only(socket)))
            find(Self.only(socket), telling: .done, for: request, node)
        case .disconnectOne(let socket, let closing):
            // Afterwards nobody could tell whether it was here.
            find(Self.only(socket), telling: closing ? .closed : .left, for: request, node)
        case .fetchSockets(let selection):
            local.receive(.fetchSockets(selection.parts.audience, request: request.id ?? ""), from: node)
        case .serverSideEmit(let values):
            local.receive(.serverSideEmit(try .init(read: values), request: request.id), from: node)
        case .broadcast(let packet, let selection):
            let (audience, flags) = selection.parts
            local.receive(.broadcast(try .init(read: packet.values), audience, flags, request: request.id), from: node)
        case .allRooms: find(ClusterAudience(), telling: .rooms, for: request, node)
        case .socketIDs(let rooms):
            find(ClusterAudience(rooms: rooms.map { Room($0) }), telling: .ids, for: request, node)
        }
    }

    /// Finds sockets of this node for a question of Node's that is about less than all of them.
    private func find(_ audience: ClusterAudience, telling form: Form, for request: RedisRequest, _ node: NodeID?) {
        local.receive(.fetchSockets(audience, request: form.rawValue + (request.id ?? "")), from: node)
    }

    private static func only(_ socket: String) -> ClusterAudience { ClusterAudience(rooms: [Room(socket)]) }

    private func receive(_ response: RedisResponse) throws(ProtocolViolation) {
        switch response.content {
        case .sockets(let sockets):
            local.receive(.sockets(sockets.map { ClusterSocket($0) }), to: response.id)
        case .serverSideAnswer(let value):
            local.receive(.reply(EventArguments(value.map { [$0] } ?? [])), to: response.id)
        case .clientCount(let count): local.receive(.asked(count: count), to: response.id)
        case .acknowledgement(let value):
            local.receive(.acknowledged(EventArguments(value.map { [$0] } ?? [])), to: response.id)
        // What is not asked from here.
        case .socketIDs, .rooms, .done: break
        }
    }
}

/// What is told of sockets that were found, where it is not all. It stands in front of the request's id, as long as the
/// request is here.
private enum Form: String, CaseIterable {
    case rooms = "rooms:"
    case ids = "ids:"
    case done = "done:"
    case left = "left:"
    case closed = "closed:"

    static func split(_ request: String) -> (form: Form, id: String)? {
        allCases.first { request.utf8.starts(with: $0.rawValue.utf8) }.map {
            ($0, String(decoding: request.utf8.dropFirst($0.rawValue.utf8.count), as: UTF8.self))
        }
    }
}
