internal import SocketIOWire

extension EngineIOServer {
    /// How much clients may do in a time; by default whatever they like, at no cost.
    ///
    /// ```swift
    /// io.configuration.rates.handshakesPerAddress = .init(10, burst: 50)
    /// io.configuration.rates.eventsPerConnection = .init(20, burst: 100)
    /// io.configuration.rates.excess = .drop
    /// ```
    /// An address is one IPv4 address, or an IPv6 network of 64 bits. Behind a proxy set `trustedProxies`, too: otherwise all
    /// clients have its address. What is over a rate counts in `SocketIOServer.Metrics.limitsMet` under the rate's name.
    public struct Rates: Sendable {
        /// New sessions of one address. Over it: 429, code 7.
        public var handshakesPerAddress: Rate?
        /// What one client sends: events, and what joins and leaves namespaces, but no acknowledgements. In an
        /// `EngineIOServer`, messages.
        public var eventsPerConnection: Rate?
        /// Bytes of what one client sends, whatever it is.
        public var bytesPerConnection: Rate?
        /// The same as `eventsPerConnection`, of all clients of one address together.
        public var eventsPerAddress: Rate?
        /// The same as `bytesPerConnection`, of all clients of one address together.
        public var bytesPerAddress: Rate?
        /// What becomes of a client that sends too much.
        public var excess = RateExcess.disconnect
        /// Addresses without sessions that are remembered. Over it: the one that was seen longest ago is forgotten, and may do
        /// all again.
        public var addresses = 65_536

        /// No limits, to change from.
        public init() {}

        var areOfMessages: Bool { areOfAddresses || eventsPerConnection != nil || bytesPerConnection != nil }
        /// Whether an address has something of its messages to be kept.
        var areOfAddresses: Bool { eventsPerAddress != nil || bytesPerAddress != nil }
    }

    /// So much in a time, and so much at once after a while without anything.
    public struct Rate: Hashable, Sendable {
        let limit: RateLimit

        /// - Parameters:
        ///   - count: How many, or how many bytes, in each `period`; one at least.
        ///   - period: A second by default.
        ///   - burst: How many at once; by default as many as in a period. What is larger than that passes after a pause, and
        ///     is paid for by a longer one.
        public init(_ count: Int, per period: Duration = .seconds(1), burst: Int? = nil) {
            limit = RateLimit(count, per: period, burst: burst ?? count)
        }
    }

    /// What becomes of a client that sends more than its rates allow.
    public enum RateExcess: Sendable {
        /// The event is dropped, with its attachments, as if it had not come: nothing acknowledges it. What joins and leaves
        /// namespaces is not dropped.
        case drop
        /// The session ends with `forced close`, a WebSocket with 1008.
        case disconnect
        /// The client is not read until it may send more: its own system holds it back. What it has sent by then is used.
        case delay
    }
}
