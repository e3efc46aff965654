/// Subscribes at the nodes of a Redis Cluster that tell messages: channels of shards where their slot is, and again where it
/// has moved to; all others at one node, which hears of what is published at any.
///
/// Pure, as `RedisSession` is: the caller has a session for each node that it is told of, which subscribes again by itself
/// after a loss.
package struct RedisListening {
    package typealias Instant = ContinuousClock.Instant

    package enum Action: Equatable {
        case subscribe([RedisSubscription], at: RedisAddress)
        case unsubscribe([RedisSubscription], at: RedisAddress)
        /// A node has given them away: without a word to it.
        case forget([RedisSubscription], at: RedisAddress)
        /// Nobody listens to a node any more.
        case disconnect(RedisAddress)
        /// What is known of the slots is old; report with `learned`.
        case survey
    }

    /// What is asked for at a node.
    private struct Listener {
        var all: Set<RedisSubscription> = []
        /// What the node has not confirmed yet.
        var unconfirmed: Set<RedisSubscription> = []
    }

    /// Where those that are wanted are asked for; nil where they wait, or nobody is known to serve them.
    private var places: [RedisSubscription: RedisAddress?] = [:]
    private var listeners: [RedisAddress: Listener] = [:]
    /// The channels of shards that are wanted.
    private var shards: [RedisSlot: Set<RedisSubscription>] = [:]
    private var map = RedisSlotMap()
    /// The node for what is no shard's.
    private var home: RedisAddress?
    /// Decides which.
    private let choice: Int
    /// How often a slot has moved without that a subscription came into force: the nodes contradict each other.
    private var moves: [RedisSlot: Int] = [:]
    /// Those that are not tried before `pauseEnd`.
    private var paused: Set<RedisSubscription> = []
    private var pauseEnd: Instant?

    /// - Parameter choice: Any number: which node tells what any may tell.
    package init(choice: Int) {
        self.choice = choice
    }

    /// When to call `handleTimeout`.
    package var deadline: Instant? { pauseEnd }

    // MARK: What is wanted

    package mutating func subscribe(_ wanted: [RedisSubscription]) -> [Action] {
        var new: [RedisSubscription] = []
        for subscription in wanted where places[subscription] == nil {
            places.updateValue(nil, forKey: subscription)
            new.append(subscription)
        }
        for subscription in new where subscription.kind == .shard {
            shards[RedisSlot(of: subscription.name), default: []].insert(subscription)
        }
        return settle(new)
    }

    package mutating func unsubscribe(_ unwanted: [RedisSubscription]) -> [Action] {
        let groups = grouped(unwanted)
        for subscription in unwanted where places[subscription] != nil {
            put(subscription, at: nil)
            places[subscription] = nil
            paused.remove(subscription)
            guard subscription.kind == .shard else { continue }
            let slot = RedisSlot(of: subscription.name)
            shards[slot]?.remove(subscription)
            if shards[slot]?.isEmpty == true { (shards[slot], moves[slot]) = (nil, nil) }
        }
        return groups.map { .unsubscribe($0.value, at: $0.key) } + leave(groups.keys)
    }

    // MARK: What nodes say

    /// A subscription is in force.
    package mutating func subscribed(_ subscription: RedisSubscription, at node: RedisAddress) {
        guard listeners[node]?.unconfirmed.remove(subscription) != nil, subscription.kind == .shard else { return }
        moves[RedisSlot(of: subscription.name)] = nil
    }

    /// A subscription is over: it was to be, or the slot of a shard's channel has moved away.
    package mutating func unsubscribed(
        _ subscription: RedisSubscription, at node: RedisAddress, now: Instant
    ) -> [Action] {
        guard subscription.kind == .shard, place(of: subscription) == node else { return [] }
        // The node itself tells where it belongs now, if nobody has before.
        return [.survey] + move([subscription], RedisSlot(of: subscription.name), now)
    }

    /// A node refuses a subscription, and does not say which.
    package mutating func refused(_ redirection: RedisRedirection, by node: RedisAddress, now: Instant) -> [Action] {
        switch redirection {
        case .moved(let slot, let address):
            map.move(slot, to: address)
            let moved = (shards[slot] ?? []).filter { place(of: $0) != address && !paused.contains($0) }
            return [.survey] + move(Array(moved), slot, now)
        case .later, .ask:
            return [.survey] + pause(Array(listeners[node]?.unconfirmed ?? []), now)
        }
    }

    /// The connection to a node is lost; it is made again, unless something is learned meanwhile.
    package mutating func closed(_ node: RedisAddress) -> [Action] {
        guard let listener = listeners[node] else { return [.survey] }
        listeners[node]?.unconfirmed = listener.all
        guard node == home, let other = map.anyNode(choice, preferring: { $0 != node }), other != node else {
            return [.survey]
        }
        home = other
        return [.survey] + replace(Array(listener.all.filter { $0.kind != .shard }))
    }

    package mutating func learned(_ map: RedisSlotMap, now: Instant) -> [Action] {
        self.map = map
        if home.map(map.contains) != true { home = map.anyNode(choice, preferring: { _ in true }) }
        return replace(places.keys.filter { !paused.contains($0) && place(of: $0) != node(for: $0) })
    }

    package mutating func handleTimeout(now: Instant) -> [Action] {
        guard let end = pauseEnd, now >= end else { return [] }
        let subscriptions = paused
        (paused, pauseEnd) = ([], nil)
        return settle(Array(subscriptions))
    }

    // MARK: Places

    /// Where a subscription is asked for.
    private func place(of subscription: RedisSubscription) -> RedisAddress? { places[subscription] ?? nil }

    /// Where it belongs.
    private func node(for subscription: RedisSubscription) -> RedisAddress? {
        subscription.kind == .shard ? map[RedisSlot(of: subscription.name)] : home
    }

    private mutating func put(_ subscription: RedisSubscription, at node: RedisAddress?) {
        if let old = place(of: subscription) {
            listeners[old]?.all.remove(subscription)
            listeners[old]?.unconfirmed.remove(subscription)
        }
        places.updateValue(node, forKey: subscription)
        guard let node else { return }
        listeners[node, default: Listener()].all.insert(subscription)
        listeners[node]?.unconfirmed.insert(subscription)
    }

    /// Asks for those of a slot where they belong, at once or, where that changes all the time, after a while.
    private mutating func move(_ subscriptions: [RedisSubscription], _ slot: RedisSlot, _ now: Instant) -> [Action] {
        guard !subscriptions.isEmpty else { return [] }
        moves[slot, default: 0] += 1
        let isRestless = moves[slot, default: 0] > RedisRouter.quickRedirections
        return isRestless ? pause(subscriptions, now) : replace(subscriptions)
    }

    private mutating func pause(_ subscriptions: [RedisSubscription], _ now: Instant) -> [Action] {
        guard !subscriptions.isEmpty else { return [] }
        paused.formUnion(subscriptions)
        if pauseEnd == nil { pauseEnd = now.advanced(by: RedisRouter.patience) }
        let nodes = grouped(subscriptions).keys
        return withdraw(subscriptions) + leave(nodes)
    }

    private mutating func replace(_ subscriptions: [RedisSubscription]) -> [Action] {
        let nodes = grouped(subscriptions).keys
        return withdraw(subscriptions) + settle(subscriptions) + leave(nodes)
    }

    /// Takes them from where they are.
    private mutating func withdraw(_ subscriptions: [RedisSubscription]) -> [Action] {
        var actions: [Action] = []
        for (node, subscriptions) in grouped(subscriptions) {
            for subscription in subscriptions { put(subscription, at: nil) }
            // A node that tells what any may tell goes on, and is to stop.
            let others = subscriptions.filter { $0.kind != .shard }
            let shards = subscriptions.filter { $0.kind == .shard }
            if !shards.isEmpty { actions.append(.forget(shards, at: node)) }
            if !others.isEmpty { actions.append(.unsubscribe(others, at: node)) }
        }
        return actions
    }

    /// Asks for those that are nowhere where they belong.
    private mutating func settle(_ subscriptions: [RedisSubscription]) -> [Action] {
        guard !subscriptions.isEmpty else { return [] }
        for subscription in subscriptions { put(subscription, at: node(for: subscription)) }
        let isAnyLost = subscriptions.contains { place(of: $0) == nil }
        return grouped(subscriptions).map { .subscribe($0.value, at: $0.key) } + (isAnyLost ? [.survey] : [])
    }

    private func grouped(_ subscriptions: [RedisSubscription]) -> [RedisAddress: [RedisSubscription]] {
        var groups: [RedisAddress: [RedisSubscription]] = [:]
        for subscription in subscriptions {
            if let node = place(of: subscription) { groups[node, default: []].append(subscription) }
        }
        return groups
    }

    private mutating func leave(_ nodes: some Sequence<RedisAddress>) -> [Action] {
        nodes.compactMap { node in
            guard listeners[node]?.all.isEmpty == true else { return nil }
            listeners[node] = nil
            return .disconnect(node)
        }
    }
}
