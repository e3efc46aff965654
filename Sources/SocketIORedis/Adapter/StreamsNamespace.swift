internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire

/// One namespace on the stream of the official adapter, and on the channels beside it.
final class StreamsNamespace: RedisMember, NamespaceAdapter {
    let local: LocalNamespace
    let stream: ClusterStream
    let channels: ClusterChannels
    let limits = ClusterLimits()
    /// What all clients have missed that come back at once, in bytes.
    let returns: Allowance
    private let sessionKeyPrefix: String
    /// What is signed with this is carried out on this node when it comes back, too.
    private let keptUID = ClusterID.make()
    private let inbox: RedisInbox

    init(
        _ local: LocalNamespace, options: RedisStreamsAdapter.Options, client: RedisClient, inbox: RedisInbox,
        returns: Allowance
    ) {
        self.local = local
        self.returns = returns
        self.inbox = inbox
        sessionKeyPrefix = options.sessionKeyPrefix
        stream = ClusterStream(
            name: options.streamName, maxLength: options.maxLength, isPlaintext: options.onlyPlaintext,
            client: client)
        channels = ClusterChannels(
            prefix: options.channelPrefix, namespace: local.name, isSharded: options.usesShardedPubSub,
            client: client)
    }

    func begin() {
        inbox.add(self, to: channels.subscriptions, of: channels.client)
    }

    func leave() {
        inbox.remove(self, from: channels.subscriptions, of: channels.client)
    }

    // MARK: To other nodes

    func publish(_ message: ClusterMessage) {
        let content = ClusterAdapterMessage.Content(message)
        switch message {
        case .broadcast(_, _, _, request: nil), .join, .leave, .disconnect: stream.add(signed(content))
        // What is answered, and what is for servers, is not worth keeping.
        case .broadcast, .fetchSockets, .serverSideEmit:
            channels.publish(signed(content).messagePack, on: channels.all)
        }
    }

    func respond(_ response: ClusterResponse, to request: ClusterRequest) {
        guard let node = request.node, let content = ClusterAdapterMessage.Content(response, to: request.id) else {
            return
        }
        channels.publish(signed(content).messagePack, on: channels.channel(of: node))
    }

    private func signed(_ content: ClusterAdapterMessage.Content) -> ClusterAdapterMessage {
        ClusterAdapterMessage(uid: channels.uid, namespace: local.name, content: content)
    }

    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void) {
        channels.findOtherNodes(found)
    }

    // MARK: From other nodes

    func receive(_ entry: RedisStreamEntry) {
        // What was carried out here comes back, too: it need not be read.
        guard entry["uid"] != Array(channels.uid.utf8) else { return }
        do throws(ProtocolViolation) {
            let message = try ClusterAdapterMessage(streamFields: entry.fields, limits: limits)
            guard local.isKept, case .broadcast(let packet, let selection, request: nil) = message.content,
                !selection.flags.isVolatile
            else { return try local.receive(message) }
            local.receive(
                kept: try ClusterEvent(read: packet.values), selection.parts.audience, at: entry.id,
                compress: selection.flags.compress != false)
        } catch {
            local.drop(error)
        }
    }

    /// What a message that waits holds beside its payload.
    private static let waitingBytes = 256

    func receive(_ message: RedisMessage) {
        // What is asked is behind what the same node has sent before. Answers are awaited, and about the past.
        guard message.subscription != channels.subscription(channels.own) else { return hand(in: message) }
        channels.client.afterStream(message.payload.count + Self.waitingBytes) { [self] in hand(in: message) }
    }

    private func hand(in message: RedisMessage) {
        do throws(ProtocolViolation) {
            let read = try ClusterAdapterMessage(message.payload.span, limits: limits)
            guard !read.uid.hasSameBytes(as: channels.uid), read.namespace.hasSameBytes(as: local.name) else { return }
            try local.receive(read)
        } catch {
            local.drop(error)
        }
    }
}

// MARK: Recovery

extension StreamsNamespace: KeepingNamespaceAdapter {
    func publishKept(_ message: ClusterMessage) -> Bool {
        // While Redis is away, clients of this node are not to wait for it.
        guard channels.client.isThere else { return false }
        let content = ClusterAdapterMessage.Content(message)
        stream.add(ClusterAdapterMessage(uid: keptUID, namespace: local.name, content: content)) { [local] reply in
            let fate: String
            switch reply {
            case .success, .failure(.ended): return
            case .failure(.connectionLost), .failure(.timedOut):
                return local.note("events are lost: Redis went away before it had said that it keeps them")
            case .failure(.overloaded): fate = "too many wait for it"
            case .failure(.refused(let error)): fate = error.description
            }
            local.note("events are for the clients of this node only: Redis does not take them", fate)
            local.receive(message, from: nil)
        }
        return true
    }

    func afterKept(_ bytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        channels.client.isThere && channels.client.whenRead(bytes + Self.waitingBytes, body)
    }

    func keep(_ session: KeptSession, for time: Duration) {
        let kept = ClusterSession(
            socket: session.id.description, pid: session.pid.description, rooms: session.rooms.map(\.description),
            data: .object(session.data), namespace: local.name, node: channels.uid, progress: session.progress)
        let words = ["SET", key(of: session.pid)].map { Array($0.utf8) }
        let end = ["PX", "\(max(time.wholeMilliseconds, 1))"].map { Array($0.utf8) }
        channels.client.send(RedisCommand(words + [kept.base64] + end, key: 1))
    }

    func take(_ pid: SocketID, after offset: RedisStreamID?, _ found: @escaping @Sendable (KeptReturn?) -> Void) {
        StreamsReturn(key: key(of: pid), offset: offset, in: self, found).begin()
    }

    private func key(of pid: SocketID) -> String { "\(sessionKeyPrefix)\(pid)" }
}
