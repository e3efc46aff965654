internal import NetLoop
internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A namespace that hears of what Redis has for it.
protocol RedisMember: AnyObject, Sendable {
    var local: LocalNamespace { get }
    /// On the thread of Redis' loop.
    func receive(_ message: RedisMessage)
    /// An entry of the stream that is the namespace's; nothing but an adapter of streams has any.
    func receive(_ entry: RedisStreamEntry)
}

extension RedisMember {
    func receive(_ entry: RedisStreamEntry) {}
}

/// Brings what Redis has to the namespaces that it is for. On the thread of Redis' loop, but for who comes and goes.
final class RedisInbox: RedisClientDelegate {
    private struct State {
        /// By the channels and patterns that they are subscribed to. A channel of one may have the name of another's.
        var members: [RedisSubscription: [any RedisMember]] = [:]
        /// By their names.
        var namespaces: [[UInt8]: [any RedisMember]] = [:]
        /// Who is to know how far the stream was read.
        var follower: (@Sendable (RedisStreamID) -> Void)?
    }

    private let state = Mutex(State())

    /// Makes `member` known under its name, and subscribes it.
    func add(_ member: any RedisMember, to subscriptions: [RedisSubscription], of client: RedisClient) {
        state.withLock { $0.namespaces[Array(member.local.name.utf8), default: []].append(member) }
        subscribe(member, to: subscriptions, of: client)
    }

    func subscribe(_ member: any RedisMember, to subscriptions: [RedisSubscription], of client: RedisClient) {
        state.withLock { state in
            var new: [RedisSubscription] = []
            for subscription in subscriptions {
                if state.members[subscription] == nil { new.append(subscription) }
                state.members[subscription, default: []].append(member)
            }
            // Within the lock: Redis is told in the order in which they come and go.
            if !new.isEmpty { client.subscribe(new) }
        }
    }

    func unsubscribe(_ member: any RedisMember, from subscriptions: [RedisSubscription], of client: RedisClient) {
        state.withLock { state in
            var old: [RedisSubscription] = []
            for subscription in subscriptions {
                state.members[subscription]?.removeAll { $0 === member }
                guard state.members[subscription]?.isEmpty == true else { continue }
                state.members[subscription] = nil
                old.append(subscription)
            }
            if !old.isEmpty { client.unsubscribe(old) }
        }
    }

    /// Takes `member` out of everything.
    func remove(_ member: any RedisMember, from subscriptions: [RedisSubscription], of client: RedisClient) {
        unsubscribe(member, from: subscriptions, of: client)
        let name = Array(member.local.name.utf8)
        state.withLock { state in
            state.namespaces[name]?.removeAll { $0 === member }
            if state.namespaces[name]?.isEmpty == true { state.namespaces[name] = nil }
        }
    }

    func setFollower(_ follower: @escaping @Sendable (RedisStreamID) -> Void) {
        state.change { $0.follower = follower }
    }

    /// How many channels and patterns somebody is subscribed to.
    var subscriptionCount: Int { state.withLock { $0.members.count } }

    func redisPublished(_ message: RedisMessage) {
        for member in state.withLock({ $0.members[message.subscription] }) ?? [] { member.receive(message) }
    }

    func redisSubscribed(_ subscription: RedisSubscription) {}

    func redisRead(_ entry: RedisStreamEntry) {
        // What is of no namespace of this node, or of no Socket.IO at all, is nobody's.
        guard let name = entry["nsp"] else { return }
        for member in state.withLock({ $0.namespaces[name] }) ?? [] { member.receive(entry) }
    }

    func redisHasRead(upTo place: RedisStreamID) {
        state.withLock { $0.follower }?(place)
    }

    func redisLogged(_ level: LogLevel, _ text: String) -> Bool {
        // All namespaces have the same log.
        guard let member = state.withLock({ $0.namespaces.values.first?.first }) else { return false }
        member.local.note(level, text)
        return true
    }
}
