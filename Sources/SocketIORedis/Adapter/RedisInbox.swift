internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// Brings what Redis publishes to the namespaces that it is for. On the thread of Redis' loop, but for who comes and goes.
final class RedisInbox: RedisClientDelegate {
    /// By the channels and patterns that they are subscribed to.
    private let members = Mutex<[RedisSubscription: RedisNamespace]>([:])

    func add(_ member: RedisNamespace) {
        members.withLock { members in
            for subscription in member.subscriptions { members[subscription] = member }
        }
        member.client.subscribe(member.subscriptions)
    }

    func remove(_ member: RedisNamespace) {
        let isOwn = members.withLock { members in
            // Another of its name may be there by now.
            let own = member.subscriptions.filter { members[$0] === member }
            for subscription in own { members[subscription] = nil }
            return !own.isEmpty
        }
        if isOwn { member.client.unsubscribe(member.subscriptions) }
    }

    func redisPublished(_ message: RedisMessage) {
        members.withLock { $0[message.subscription] }?.receive(message)
    }

    func redisSubscribed(_ subscription: RedisSubscription) {}

    func redisLogged(_ level: LogLevel, _ text: String) {
        // All namespaces have the same log.
        members.withLock { $0.values.first }?.local.note(text)
    }
}
