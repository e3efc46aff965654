internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// Brings what Redis publishes to the namespaces that it is for. On the thread of Redis' loop, but for who comes and goes.
final class RedisInbox: RedisClientDelegate {
    /// By the channels and patterns that they are subscribed to.
    private let members = Mutex<[RedisSubscription: RedisNamespace]>([:])

    func add(_ member: RedisNamespace) {
        let replaced = members.withLock { members in
            // Within the lock: Redis is told in the order in which they come and go.
            member.client.subscribe(member.subscriptions)
            return member.subscriptions.compactMap { members.updateValue(member, forKey: $0) }
        }
        // They end when the lock is free again.
        withExtendedLifetime(replaced) {}
    }

    func remove(_ member: RedisNamespace) {
        members.withLock { members in
            // Another of its name may be there by now.
            let own = member.subscriptions.filter { members[$0] === member }
            for subscription in own { members[subscription] = nil }
            member.client.unsubscribe(own)
        }
    }

    func redisPublished(_ message: RedisMessage) {
        members.withLock { $0[message.subscription] }?.receive(message)
    }

    func redisSubscribed(_ subscription: RedisSubscription) {}

    func redisLogged(_ level: LogLevel, _ text: String) -> Bool {
        // All namespaces have the same log.
        guard let member = members.withLock({ $0.values.first }) else { return false }
        member.local.note(text)
        return true
    }
}
