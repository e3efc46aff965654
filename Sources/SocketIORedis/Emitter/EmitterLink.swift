internal import NetLoop
internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire

/// The connection of an emitter, and the words that its servers understand.
final class EmitterLink: Sendable {
    enum Form: Sendable {
        case channels(key: String)
        case stream(name: String, maxLength: Int)
    }

    private let form: Form
    private let logger: any ServerLogger
    private let loops: EventLoopGroup
    private let client: RedisClient

    init(_ url: RedisURL, to form: Form, logger: any ServerLogger) throws {
        self.form = form
        self.logger = logger
        loops = try EventLoopGroup(count: 1, mailboxBytes: RedisSession.Settings().unansweredBytes)
        client = try RedisClient(url, on: loops.next(), delegate: EmitterLog(logger: logger))
    }

    deinit {
        client.end()
        loops.stop {}
    }

    func close(within limit: Duration) async -> Bool {
        // What waits for an answer gets one when the connection is ended.
        let end = Task { [client] in
            try await Task.sleep(for: limit)
            client.end()
        }
        // Answered behind all that was sent before.
        let answer = try? await client.call(RedisCommand("PING"))
        end.cancel()
        client.end()
        return answer != nil
    }

    /// An event; nil, and the log says why, if it is none.
    func event<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) -> ClusterEvent? {
        do {
            return try ClusterEvent(encoding: EventName(checking: name), repeat each arguments)
        } catch {
            logger.log(at: .error, "event '\(name)' is not sent: \(error)")
            return nil
        }
    }

    func publish(_ message: ClusterMessage, in namespace: String) {
        let uid = ClusterAdapterMessage.emitterID
        switch form {
        case .channels(let key):
            let channels = RedisChannels(key: key, namespace: namespace, uid: uid)
            let publication = RedisPublication(message, from: uid, in: namespace, on: channels)
            client.publish(publication.bytes, on: publication.channel)
        case .stream(let name, let maxLength):
            let content = ClusterAdapterMessage.Content(message, packetNamespace: namespace)
            ClusterStream(name: name, maxLength: maxLength, isPlaintext: false, client: client)
                .add(ClusterAdapterMessage(uid: uid, namespace: namespace, content: content))
        }
    }
}

/// An emitter hears of nothing but what is wrong.
private final class EmitterLog: RedisClientDelegate {
    private let logger: any ServerLogger

    init(logger: any ServerLogger) {
        self.logger = logger
    }

    func redisPublished(_ message: RedisMessage) {}
    func redisSubscribed(_ subscription: RedisSubscription) {}
    func redisRead(_ entry: RedisStreamEntry) {}

    func redisLogged(_ level: LogLevel, _ text: String) -> Bool {
        logger.log(at: level, text)
        return true
    }
}
