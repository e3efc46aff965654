import TestSupport
import Testing

@testable import SocketIOWire

private func address(_ port: UInt16) -> RedisAddress { RedisAddress(host: "h", port: port) }

/// A map in which each of the nodes, by their ports, serves as many slots as the others.
private func map(_ ports: UInt16...) -> RedisSlotMap {
    var map = RedisSlotMap()
    for slot in 0..<RedisSlot.count {
        map.move(RedisSlot(slot)!, to: address(ports[slot * ports.count / RedisSlot.count]))
    }
    return map
}

@Suite struct RedisListeningTests {
    // `bar` is in slot 5061, of node 1; `foo` in 12182, of node 2.
    private let bar = RedisSubscription(.shard, "bar")
    private let foo = RedisSubscription(.shard, "foo")
    private let news = RedisSubscription(.channel, "foo")
    private let now = ContinuousClock.Instant.now

    private func listening(_ subscriptions: [RedisSubscription]) -> RedisListening {
        var listening = RedisListening(choice: 0)
        _ = listening.learned(map(1, 2), now: now)
        _ = listening.subscribe(subscriptions)
        for subscription in subscriptions {
            listening.subscribed(subscription, at: address(subscription == foo ? 2 : 1))
        }
        return listening
    }

    @Test func `channels of shards are asked for where they belong, others at one node`() {
        var listening = RedisListening(choice: 0)
        #expect(listening.subscribe([bar, foo, news]) == [.survey])
        let actions = listening.learned(map(1, 2), now: now)
        #expect(actions.count == 2)
        for case .subscribe(let subscriptions, let node) in actions {
            #expect(Set(subscriptions) == (node == address(1) ? [bar, news] : [foo]))
        }
        #expect(listening.subscribe([foo]) == [])
        #expect(listening.unsubscribe([foo]) == [.unsubscribe([foo], at: address(2)), .disconnect(address(2))])
        #expect(listening.unsubscribe([foo]) == [])
        #expect(listening.unsubscribe([bar]) == [.unsubscribe([bar], at: address(1))])
    }

    @Test func `a channel whose slot is moved away is asked for again, and then where it now is`() {
        var listening = listening([bar, foo])
        #expect(
            listening.unsubscribed(bar, at: address(1), now: now) == [
                .survey, .forget([bar], at: address(1)), .subscribe([bar], at: address(1)),
            ])
        let moved = listening.refused(.moved(RedisSlot(5_061)!, to: address(2)), by: address(1), now: now)
        #expect(
            moved == [
                .survey, .forget([bar], at: address(1)), .subscribe([bar], at: address(2)), .disconnect(address(1)),
            ])
        listening.subscribed(bar, at: address(2))
        // Late news of the old node, and what was to end, mean nothing.
        #expect(listening.unsubscribed(bar, at: address(1), now: now) == [])
        _ = listening.unsubscribe([foo])
        #expect(listening.unsubscribed(foo, at: address(2), now: now) == [])
        #expect(listening.learned(map(2), now: now) == [])
    }

    @Test func `nodes that contradict each other are asked now and then`() {
        var listening = listening([bar])
        var now = now
        let slot = RedisSlot(5_061)!
        for round in 0..<100 {
            let (from, to) = (address(UInt16(round % 2 + 1)), address(UInt16(2 - round % 2)))
            let actions = listening.refused(.moved(slot, to: to), by: from, now: now)
            if !actions.contains(.subscribe([bar], at: to)) {
                #expect(round >= RedisRouter.quickRedirections)
                #expect(listening.handleTimeout(now: now) == [])
                now = listening.deadline ?? now
                #expect(listening.handleTimeout(now: now) == [.subscribe([bar], at: to)])
            }
        }
        #expect(now - self.now >= RedisRouter.patience * 90)
        // Once it is in force all is as before.
        listening.subscribed(bar, at: address(1))
        #expect(listening.refused(.moved(slot, to: address(2)), by: address(1), now: now).count == 4)
    }

    @Test func `what a node cannot serve at the moment is asked for again after a while`() {
        var listening = RedisListening(choice: 0)
        _ = listening.learned(map(1), now: now)
        _ = listening.subscribe([bar, foo])
        listening.subscribed(bar, at: address(1))
        #expect(
            listening.refused(.later, by: address(1), now: now) == [.survey, .forget([foo], at: address(1))])
        #expect(listening.refused(.later, by: address(1), now: now) == [.survey])
        // One that nobody wants any more is not.
        _ = listening.subscribe([news])
        #expect(listening.handleTimeout(now: listening.deadline ?? now) == [.subscribe([foo], at: address(1))])
        _ = listening.refused(.later, by: address(1), now: now)
        _ = listening.unsubscribe([foo, news])
        #expect(listening.handleTimeout(now: listening.deadline ?? now) == [])
    }

    @Test func `another node takes over from one that is lost`() {
        var listening = listening([bar, foo, news])
        #expect(
            listening.closed(address(1)) == [
                .survey, .unsubscribe([news], at: address(1)), .subscribe([news], at: address(2)),
            ])
        let actions = listening.learned(map(3, 2), now: now)
        #expect(
            actions == [
                .forget([bar], at: address(1)), .subscribe([bar], at: address(3)), .disconnect(address(1)),
            ])
    }

    @Test func `whatever nodes say in whatever order, all that is wanted is where it belongs in the end`() {
        let all = (0..<20).map { RedisSubscription(.shard, "\($0)") } + [news, RedisSubscription(.pattern, "p*")]
        let maps = [map(1), map(2, 1), map(3, 1)]
        let last = map(1, 2, 3)
        for seed in 0..<100 {
            var random = SeededGenerator(seed: UInt64(seed))
            var listening = RedisListening(choice: seed)
            var now = now
            var wanted: Set<RedisSubscription> = []
            var asked: [RedisAddress: Set<RedisSubscription>] = [:]
            func perform(_ actions: [RedisListening.Action]) {
                for action in actions {
                    switch action {
                    case .subscribe(let subscriptions, let node): asked[node, default: []].formUnion(subscriptions)
                    case .unsubscribe(let subscriptions, let node), .forget(let subscriptions, let node):
                        asked[node]?.subtract(subscriptions)
                    case .disconnect(let node):
                        #expect(asked[node]?.isEmpty != false, "seed \(seed)")
                        asked[node] = nil
                    case .survey: break
                    }
                }
            }
            for _ in 0..<300 {
                let some = (0..<3).map { _ in all.randomElement(using: &random)! }
                let node = address(UInt16.random(in: 1...3, using: &random))
                let slot = RedisSlot(of: some[0].name)
                switch Int.random(in: 0..<8, using: &random) {
                case 0:
                    wanted.formUnion(some)
                    perform(listening.subscribe(some))
                case 1:
                    wanted.subtract(some)
                    perform(listening.unsubscribe(some))
                case 2: listening.subscribed(some[0], at: node)
                case 3: perform(listening.unsubscribed(some[0], at: node, now: now))
                case 4: perform(listening.refused(.moved(slot, to: node), by: address(1), now: now))
                case 5: perform(listening.refused(.later, by: node, now: now))
                case 6: perform(listening.closed(node))
                default: perform(listening.learned(maps[Int(node.port) - 1], now: now))
                }
                now += .milliseconds(Int.random(in: 0..<100, using: &random))
                perform(listening.handleTimeout(now: now))
            }
            perform(listening.handleTimeout(now: listening.deadline ?? now))
            perform(listening.learned(last, now: now))
            for subscription in all {
                let places = asked.filter { $0.value.contains(subscription) }.map(\.key)
                #expect(places.count == (wanted.contains(subscription) ? 1 : 0), "seed \(seed)")
                guard subscription.kind == .shard, wanted.contains(subscription) else { continue }
                #expect(places == [last[RedisSlot(of: subscription.name)]], "seed \(seed)")
            }
        }
    }
}
