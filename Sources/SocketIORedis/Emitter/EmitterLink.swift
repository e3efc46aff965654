internal import EngineIO
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
    private let unsent: CountedLines
    private let thread: RedisThread
    private var client: RedisClient { thread.client }

    init(
        _ url: RedisURL, to form: Form, logger: any ServerLogger,
        settings: RedisSession.Settings = RedisSession.Settings()
    ) throws {
        self.form = form
        unsent = CountedLines(others: "further events are not sent", at: .error, to: logger)
        thread = try RedisThread(url, settings: settings) { RedisLog(logger: logger, on: $0) }
    }

    func close(within limit: Duration) async -> Bool {
        // What waits for an answer gets one when the connection is ended.
        let end = Task { [client] in
            try await Task.sleep(for: limit)
            client.end()
        }
        // Answered behind all that was sent before.
        let isTaken = await isAnswered()
        end.cancel()
        client.end()
        return isTaken
    }

    private func isAnswered() async -> Bool {
        while true {
            do throws(RedisError) {
                try await client.settle()
                return true
            } catch {
                switch error {
                // There is no room for the question until Redis has taken some of what waits.
                case .overloaded: guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return false }
                case .refused, .connectionLost, .ended, .timedOut: return false
                }
            }
        }
    }

    /// An event; nil, and the log says why, if it is none.
    func event<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) -> ClusterEvent? {
        do {
            return try ClusterEvent(encoding: EventName(checking: name), repeat each arguments)
        } catch {
            unsent.note("event '\(name)' is not sent: \(error)", on: thread.loop)
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
