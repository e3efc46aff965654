internal import SocketIOEvents
internal import Synchronization

extension SocketIOServer {
    /// What a server keeps for clients that lost their connection, so that they find things as they left them (Protocol.md
    /// 5.6).
    ///
    /// A client that comes back in time has its id, its rooms and the values that were kept with it, and gets the events that
    /// it missed, in order, before it hears that it is connected. It comes back to another socket, for which `onConnection` is
    /// called as for any, with `isRecovered`.
    ///
    /// Events that are volatile or ask for an acknowledgement are not kept. Each event that is gets an argument more, by
    /// which the client says how far it came; handlers in JavaScript see it behind their own.
    ///
    /// ```swift
    /// io.configuration.recovery = .init(maxDisconnection: .seconds(120))
    /// ```
    public struct Recovery: Sendable {
        /// How long a client may be away.
        public var maxDisconnection: Duration
        /// Whether a client that comes back passes the middlewares by, as it has passed them before.
        public var skipMiddlewares: Bool
        /// How many events are kept, by each event loop. Over it: the oldest go, and whoever has missed one of them
        /// connects anew.
        public var packets: Int
        /// How many bytes of events, with their overhead; each event loop has its part. Over it: the same. As many again for
        /// the rooms of clients that are away.
        public var bytes: Int
        /// How many clients that are away; each event loop has its part. Over it: who has been away longest connects anew.
        public var sessions: Int

        /// By default a client may be away for two minutes.
        public init(
            maxDisconnection: Duration = .seconds(120), skipMiddlewares: Bool = true, packets: Int = 10_000,
            bytes: Int = 16_000_000, sessions: Int = 10_000
        ) {
            self.maxDisconnection = maxDisconnection
            self.skipMiddlewares = skipMiddlewares
            self.packets = packets
            self.bytes = bytes
            self.sessions = sessions
        }
    }
}

extension Socket {
    /// By what the client may come back.
    var recoveryID: SocketID? { shared.load()?.recovery?.state.withLock { $0.pid } }

    /// Whether the client has come back to what it had: JavaScript's `recovered`.
    public var isRecovered: Bool { shared.load()?.recovery?.state.withLock { $0.isRecovered } ?? false }
}
