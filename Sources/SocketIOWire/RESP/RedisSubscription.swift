/// What a connection is told messages of.
package struct RedisSubscription: Hashable, Sendable {
    package enum Kind: Hashable, Sendable, CaseIterable {
        /// `SUBSCRIBE`.
        case channel
        /// `PSUBSCRIBE`: all channels that match a pattern.
        case pattern
        /// `SSUBSCRIBE`: a channel of the node of a cluster that its name belongs to.
        case shard
    }

    package let kind: Kind
    /// Compared by its bytes, as Redis does.
    package let name: [UInt8]

    package init(_ kind: Kind, _ name: String) {
        (self.kind, self.name) = (kind, Array(name.utf8))
    }

    init(_ kind: Kind, name: [UInt8]) {
        (self.kind, self.name) = (kind, name)
    }

    /// One command for each kind, but one for each channel of a shard: those of one command have to belong to one slot.
    static func commands(_ verb: Verb, _ subscriptions: some Sequence<RedisSubscription>) -> [RedisCommand] {
        Kind.allCases.flatMap { kind -> [RedisCommand] in
            let names = subscriptions.filter { $0.kind == kind }.map(\.name)
            let word = Array("\(kind.prefix)\(verb.rawValue)".utf8)
            return switch kind {
            case .shard: names.map { RedisCommand([word, $0]) }
            case .channel, .pattern: names.isEmpty ? [] : [RedisCommand([word] + names)]
            }
        }
    }

    enum Verb: String {
        case subscribe = "SUBSCRIBE"
        case unsubscribe = "UNSUBSCRIBE"
    }
}

extension RedisSubscription.Kind {
    fileprivate var prefix: String {
        switch self {
        case .channel: ""
        case .pattern: "P"
        case .shard: "S"
        }
    }
}

/// What was published on a channel.
package struct RedisMessage: Equatable, Sendable {
    /// Why it came.
    package let subscription: RedisSubscription
    package let channel: [UInt8]
    package let payload: [UInt8]

    package init(subscription: RedisSubscription, channel: [UInt8], payload: [UInt8]) {
        (self.subscription, self.channel, self.payload) = (subscription, channel, payload)
    }
}

/// What a server sends of its own accord to who subscribed.
enum RedisPush: Equatable {
    case message(RedisMessage)
    case subscribed(RedisSubscription)
    /// Because it was asked for, or because a cluster moved a shard's channel to another node.
    case unsubscribed(RedisSubscription)

    /// Nil if it is something else, which is of no interest.
    init?(_ elements: [RESPValue]) {
        let parts = elements.map(\.bytes)
        guard let word = parts.first.flatMap(\.self).flatMap({ String(validating: $0.span) }), parts.count >= 2,
            let name = parts[1]
        else { return nil }
        switch word {
        case "message", "smessage":
            guard parts.count == 3, let payload = parts[2] else { return nil }
            let subscription = RedisSubscription(word == "message" ? .channel : .shard, name: name)
            self = .message(RedisMessage(subscription: subscription, channel: name, payload: payload))
        case "pmessage":
            guard parts.count == 4, let channel = parts[2], let payload = parts[3] else { return nil }
            let subscription = RedisSubscription(.pattern, name: name)
            self = .message(RedisMessage(subscription: subscription, channel: channel, payload: payload))
        case "subscribe": self = .subscribed(RedisSubscription(.channel, name: name))
        case "psubscribe": self = .subscribed(RedisSubscription(.pattern, name: name))
        case "ssubscribe": self = .subscribed(RedisSubscription(.shard, name: name))
        case "unsubscribe": self = .unsubscribed(RedisSubscription(.channel, name: name))
        case "punsubscribe": self = .unsubscribed(RedisSubscription(.pattern, name: name))
        case "sunsubscribe": self = .unsubscribed(RedisSubscription(.shard, name: name))
        default: return nil
        }
    }
}
