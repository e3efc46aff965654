/// What administrators see and may do: what `SocketIOServer.admin` begins with.
public struct AdminConfiguration: Sendable {
    /// How much administrators are told.
    public enum Mode: Sendable, Hashable {
        /// Every socket, its rooms, and each event that is sent or received.
        case development
        /// Numbers only: connections, traffic, sockets for each namespace.
        case production
    }

    /// What administrators may hold, and how often somebody may guess.
    public struct Limits: Sendable, Hashable {
        /// Sockets that an administrator is told of at once when he looks; 10,000 by default. Further ones,
        /// and their events, are not shown.
        public var sockets = 10_000
        /// Bytes that these take, about: mostly what clients have said of themselves, their rooms and `data`; 10 MB by default.
        /// Further ones, and their events, are not shown.
        public var socketBytes = 10_000_000
        /// Sessions of administrators that are remembered; 100 by default. The one that began first goes for a new one.
        public var sessions = 100
        /// How long after the password was given a session may be come back to; 12 hours by default.
        public var sessionTime = Duration.seconds(12 * 60 * 60)
        /// Attempts to log in that one address, or one IPv6 network of 64 bits, has at once, right ones too; 5 by default.
        public var attempts = 5
        /// After so long it has one more; 10 seconds by default.
        public var attemptTime = Duration.seconds(10)
        /// Attempts that all addresses together have at once; 50 by default, one more each tenth of `attemptTime`.
        public var attemptsOfAll = 50

        /// The defaults, to change from.
        public init() {}
    }

    /// Where administrators connect; `/admin` by default. A missing leading slash is added.
    public var namespace = "/admin"
    /// The path of a page that shows it all, as `"/admin"`; none by default. A leading slash is added.
    ///
    /// It needs `clientBundle`: the official client, from its CDN or as `socket.io.min.js` in a folder.
    public var page: String?
    /// How much they are told; `.development` by default.
    public var mode = Mode.development
    /// Whether they may only look; by default they may also emit, join, leave and disconnect.
    public var isReadOnly = false
    /// What the server is called; the name of its machine and the number of its process by default.
    public var serverID: String?
    /// What administrators may hold, and how often somebody may guess.
    public var limits = Limits()

    /// The defaults, to change from.
    public init() {}

    /// What the official page shows.
    var features: [String] {
        (isReadOnly ? [] : ["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"])
            + ["AGGREGATED_EVENTS"] + (mode == .development ? ["ALL_EVENTS"] : [])
    }
}
