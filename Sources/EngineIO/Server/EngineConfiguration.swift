internal import NetLoop
public import SocketIOWire

extension EngineIOServer {
    /// What a server does; read when it begins to listen.
    public struct Configuration: Sendable {
        /// Where the engine's requests go; others are the HTTP routes'. A slash in front is added where it is missing.
        public var path = "/engine.io"
        /// Whether a slash is added to `path`. Without it the path itself belongs to the engine, and everything that
        /// begins with it, as with the official option of this name; a client needs its own set accordingly.
        public var addTrailingSlash = true
        /// How many event loops serve; each is a thread. By default one for each core.
        public var loops: Int?
        /// How clients may connect.
        public var transports: Set<TransportName> = [.polling, .webSocket]
        /// Whether polling clients are told that they can upgrade to WebSocket.
        public var allowUpgrades = true
        /// Whether clients of Engine.IO 3, which are those of Socket.IO 2, are served as well (Protocol.md 9); by default they
        /// are refused, and the log says so. It also lets pages poll with scripts, JSONP, in either revision: pages of the
        /// server's own origin, and those that `cors` allows.
        public var allowEIO3 = false
        /// How long after a pong the next ping is sent.
        public var pingInterval = Duration.seconds(25)
        /// How long a client may take to answer a ping.
        public var pingTimeout = Duration.seconds(20)
        /// How long an upgrade may take from its beginning.
        public var upgradeTimeout = Duration.seconds(10)
        /// Bytes of one message, and of one request's body. Larger ones get 413 over polling, and close code 1009 over
        /// WebSocket.
        public var maxHttpBufferSize = 1_000_000
        /// Which other origins' pages may connect. By default none.
        public var cors = CORSPolicy.sameOrigin
        /// Which names the server answers to, in `Host`, on all of its paths. By default any. A request for another gets
        /// 421.
        public var hosts = HostPolicy.any
        /// The proxies in front of the server, whose word counts for the address, the scheme and the name of a request. By
        /// default none: a request comes from where its connection does.
        public var trustedProxies = TrustedProxies.none
        /// How requests reach the node of their session where a load balancer sends them to any node. By default not at all: it has
        /// to send all requests of a session to one node.
        public var forwarding: NodeForwarding?
        /// Asked once for each session, before it begins. Throw `RequestRefused` to refuse with your words; any other
        /// error refuses with `Forbidden`.
        public var allowRequest: (@Sendable (HTTPRequest) async throws -> Void)?
        /// Makes the session's id, which must be unique and hard to guess; 120 random bits by default. Throwing, or an
        /// id that is in use, refuses the request. Its task is cancelled when the client leaves. With `forwarding` the name of
        /// the node stands in front of it.
        public var generateID: (@Sendable (HTTPRequest) async throws -> String)?
        /// The cookie with the session's id that polling's handshakes set. By default none.
        public var cookie: SessionCookie?
        /// Asked, in order, about each request to `path`, before anything else of it is looked at: JavaScript's
        /// `io.engine.use`. By default none.
        ///
        /// ```swift
        /// io.configuration.engine.middlewares.append { request in
        ///     guard let key = request.headers["x-api-key"], try await users.user(for: key) != nil else {
        ///         throw RequestRefused("No key.")
        ///     }
        ///     return [("X-Content-Type-Options", "nosniff")]
        /// }
        /// ```
        /// Handshakes, polls, POSTs and upgrades are asked about, without the preflights that `cors` answers and the files of
        /// `clientBundle`; a poll costs a task then. What one returns is added to the answer, whatever that says. To refuse, throw
        /// `RequestRefused`: the client gets 403 with your words, and 400 in the answer to a WebSocket handshake, as from
        /// `allowRequest`. Any other error is logged, and refuses with `Bad request`. Its task is cancelled when the client
        /// leaves, or closes its side.
        public var middlewares: [@Sendable (HTTPRequest) async throws -> [HTTPField]] = []
        /// Fields that the answer which begins a session has besides the engine's: JavaScript's
        /// `io.engine.on("initial_headers", …)`. Called on an event loop; by default nil.
        ///
        /// They replace those of the same name, but for `Set-Cookie` and `Vary`, which are added. One that cannot be sent is
        /// left out, and a warning in the log, as with `HTTPResponse.fields`.
        public var initialHeaders: (@Sendable (HTTPRequest) -> [HTTPField])?
        /// The same for every answer to a client of a session, that which begins it and the 101 of a WebSocket included, but
        /// not where it is refused before its session is found: JavaScript's `io.engine.on("headers", …)`.
        public var headers: (@Sendable (HTTPRequest) -> [HTTPField])?
        /// A message that each client gets right behind the packet that opens its session, before what `onConnection` sends, and
        /// in the same answer where it polls. By default none.
        ///
        /// ```swift
        /// io.configuration.engine.initialPacket = .text(#"2["version","1.4"]"#)
        /// ```
        /// Below Socket.IO it is a packet of that, as here an event of the main namespace. Clients in JavaScript, and this
        /// package's, keep an event that comes before they are connected, and handle it then.
        public var initialPacket: EngineMessage?
        /// How messages over WebSocket are compressed, where a client can (RFC 7692); nil, which is the default, for not at
        /// all. Needs zlib, which is loaded at run time: without it nothing is compressed, and the log says so once.
        public var perMessageDeflate: PerMessageDeflate?
        /// How responses of long-polling are compressed, where a client accepts it; nil, which is the default, for not at all.
        /// Needs zlib, as `perMessageDeflate` does.
        public var httpCompression: HTTPCompression?
        /// What a peer can make the server hold or wait for.
        public var limits = Limits()
        /// How much clients may do in a time. By default whatever they like.
        public var rates = Rates()
        /// Where log lines go. By default to standard error, from `.info` up.
        public var logger: any ServerLogger = StandardErrorLogger()
        /// Answers `GET` and `HEAD` of the files below `path`: what a protocol above has for its clients. Nil for a name
        /// that is no file's.
        package var files: (@Sendable (_ name: String, _ request: () -> FileRequest) -> HTTPResponse?)?
        /// What zlib is loaded as.
        package var zlib = ZlibLibrary.usualName
        /// How deep the JSON of a request's body may nest.
        package var jsonDepth = PacketLimits().jsonDepth

        /// The defaults, to change from.
        public init() {}
    }

    /// Bounds on what a peer can make the server hold or wait for (Protocol.md 6). An honest client meets none.
    public struct Limits: Sendable {
        /// Bytes of a request's line and headers. Over it: 414 or 431.
        public var headerBytes = 16 * 1024
        /// Headers of a request. Over it: 431.
        public var headerCount = 100
        /// Frames of one WebSocket message. Over it: close code 1009.
        public var fragmentsPerMessage = 16_384
        /// Packets in one polling body. Over it: the session ends with `parse error`.
        public var packetsPerPayload = 10_000
        /// Bytes held for one session that its client has not taken yet, what keeps them included.
        public var bufferedBytes = 16_000_000
        /// The same of all clients together, 512 MB by default; what went to many by WebSocket counts once for each event
        /// loop. Each event loop has an equal share. Over it: those for whom most is held are cut off first, and the log
        /// says so.
        public var bufferedBytesTotal = 512_000_000
        /// How long a WebSocket client may take nothing of what waits for it, whatever it sends meanwhile; 60 seconds by
        /// default. After that, at most a quarter of it late: `slow consumer`.
        public var stallTime = Duration.seconds(60)
        /// What happens when a session's unsent bytes go over `bufferedBytes`.
        public var overflow = OverflowPolicy.disconnect
        /// Bytes of messages, with 64 for each, that a client of a WebSocket route has sent and the application has not read.
        /// At it: the client is not read any more until some of them are.
        public var webSocketInboxBytes = 64 * 1024
        /// The same of all these clients together, 64 MB by default; each event loop has an equal share. At it: clients of
        /// whom a message waits are not read.
        public var webSocketInboxBytesTotal = 64_000_000
        /// Bytes of events that other threads have for one event loop, which does not get to them. Over it: further
        /// events for that loop's clients are dropped until it has caught up, and the log says so.
        public var mailboxBytes = 64_000_000
        /// WebSockets with a window of their own to compress with, where `perMessageDeflate` has no `…NoContextTakeover`; each
        /// event loop has an equal share. At it: further ones compress each message on its own.
        public var compressionContexts = 1_000
        /// Connections in total. Over it: closed at once.
        public var connections = 65_536
        /// Sessions in total, those included that are closed and wait for their last polls; by default as many as
        /// `connections`. At it: one that has joined no namespace yet ends for the new one; if there is none, the new
        /// one is refused with 503.
        public var sessions: Int?
        /// Sessions that have joined no namespace yet. At it: the oldest of the address that holds most ends for the new
        /// one, with `forced close`. Without effect in an `EngineIOServer`, which has no namespaces.
        public var unjoinedSessions = 16_384
        /// Bytes that the sessions that have joined no namespace yet hold together: what is kept of their handshakes, and
        /// 1 KiB each. At it: as with `unjoinedSessions`.
        public var unjoinedBytes = 32_000_000
        /// Sessions of one address, or of one IPv6 network of 64 bits; by default any number. At it: one of them that
        /// has joined no namespace yet ends for the new one; if there is none, the new one is refused with 503. Behind a
        /// proxy set `trustedProxies`, too: otherwise all sessions have its address.
        public var sessionsPerAddress: Int?
        /// How long a client may take to send a request's head.
        public var requestHeadTime = Duration.seconds(10)
        /// How long a client may take to send a request's body.
        public var requestBodyTime = Duration.seconds(30)
        /// How long a connection may be idle between requests.
        public var keepAliveTime = Duration.seconds(65)
        /// Bytes in a second that a client has to take of a response, on average over `sendRateTime`, where so much waits
        /// for it. Below it the connection is closed. With zero it has to take something.
        public var minimumSendRate = 1_024
        /// How long `minimumSendRate` is averaged over.
        public var sendRateTime = Duration.seconds(60)
        /// Files that are being sent at a time, by all loops together; each holds up to 128 KiB and a descriptor. Over it:
        /// 503.
        public var filesUnderWay = 1_000
        /// How long a peer may take to answer a WebSocket close frame.
        public var closeTime = Duration.seconds(5)
        /// How long a closed polling session waits for the client to fetch what is left.
        public var pollingCloseTime = Duration.seconds(30)

        /// The defaults, to change from.
        public init() {}
    }

    /// What to do with a client that does not read.
    public enum OverflowPolicy: Sendable {
        /// End the session with `slow consumer`.
        case disconnect
        /// Drop volatile packets only, and end the session at four times the limit.
        case dropVolatile
    }
}

/// How a session's packets travel.
public typealias TransportName = EngineTransport

/// Thrown by `allowRequest` to refuse a session, and by a middleware of the engine to refuse a request; the client gets the
/// message.
public struct RequestRefused: Error, Sendable {
    /// What the client gets to read.
    public let message: String

    /// Refuses with these words.
    public init(_ message: String) {
        self.message = message
    }
}

extension EngineIOServer.Configuration {
    /// `path` with a slash at its beginning and none at its end.
    package var barePath: String {
        // Asked of the bytes: to `hasPrefix` a slash is not there if an accent follows it.
        let whole = path.utf8.first == UInt8(ascii: "/") ? path : "/" + path
        return whole.utf8.last == UInt8(ascii: "/") ? String(decoding: whole.utf8.dropLast(), as: UTF8.self) : whole
    }

    /// `path` as requests have it.
    var servedPath: String { addTrailingSlash ? barePath + "/" : barePath }

    /// The same with no duration so long that an instant after it is beyond what a clock can say.
    var bounded: Self {
        var bounded = self
        let durations: [WritableKeyPath<Self, Duration>] = [
            \.pingInterval, \.pingTimeout, \.upgradeTimeout, \.limits.stallTime, \.limits.requestHeadTime,
            \.limits.requestBodyTime, \.limits.keepAliveTime, \.limits.closeTime, \.limits.pollingCloseTime,
            \.limits.sendRateTime,
        ]
        for duration in durations { bounded[keyPath: duration] = self[keyPath: duration].bounded }
        return bounded
    }
}
