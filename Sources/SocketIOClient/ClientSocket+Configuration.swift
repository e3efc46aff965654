internal import SocketIOWire

extension ClientSocket {
    /// What becomes of events while there is no connection.
    public struct OfflineBuffer: Sendable, Hashable {
        /// What goes when the buffer is full.
        public enum Policy: Sendable, Hashable {
            /// The event that does not fit.
            case dropNewest
            /// The event that waited longest.
            case dropOldest
        }

        /// How many events are kept; 10,000 by default. None if it is zero.
        ///
        /// With `retries` it holds for what is emitted while there is no connection; what waits while there is one, for
        /// the acknowledgement of the event before, is limited by `limits.pendingAcks` and the manager's
        /// `limits.unsentBytes`.
        public var events = 10_000
        /// How many bytes they may have together; 16 MiB by default.
        public var bytes = 16 * 1024 * 1024
        /// What goes at the limit: the newest, by default. It is reported to the manager's `onHandlerError`, and to
        /// whoever waits for its acknowledgement.
        public var whenFull = Policy.dropNewest

        /// The defaults.
        public init() {}

        var limits: BufferLimits {
            BufferLimits(maxCount: events, maxBytes: bytes, dropsOldest: whenFull == .dropOldest)
        }

        /// Nothing is kept.
        public static var none: OfflineBuffer {
            var buffer = OfflineBuffer()
            buffer.events = 0
            return buffer
        }
    }

    /// What a server, or the application, may make a socket hold.
    public struct Limits: Sendable, Hashable {
        /// Acknowledgements that are awaited; 10,000 by default. One more throws `tooManyPending`.
        public var pendingAcks = 10_000
        /// Events that a server may send before it answers CONNECT, when it recovers a session; 10,000 by default.
        public var earlyEvents = 10_000
        /// Their bytes; 16 MiB by default. Over either the connection is closed.
        public var earlyBytes = 16 * 1024 * 1024

        /// The defaults.
        public init() {}
    }

    /// What can be chosen about a socket.
    public struct Configuration: Sendable, Hashable {
        /// What becomes of events while there is no connection.
        public var offlineBuffer = OfflineBuffer()
        /// How often an event is sent again until the server acknowledges it; 0, which is the default, never.
        ///
        /// Events then leave one at a time, in order, each once the one before it is acknowledged or given up; volatile
        /// ones do not wait. The server may get one up to that many times more, also over another connection, and has to
        /// tell by something in it. An event that is given up is told to the manager's `onHandlerError`, and to whoever
        /// waits for its acknowledgement.
        public var retries = 0
        /// How long an acknowledgement may take before the event is sent again; 10 seconds by default.
        public var ackTimeout = Duration.seconds(10)
        /// What the server can make the socket hold.
        public var limits = Limits()

        /// The defaults.
        public init() {}
    }
}
