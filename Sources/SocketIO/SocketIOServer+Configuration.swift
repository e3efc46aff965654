public import EngineIO
internal import SocketIOWire

extension SocketIOServer {
    /// What a server does; read when it begins to listen.
    public struct Configuration: Sendable {
        /// The transports: path (`/socket.io`), heartbeat, CORS, sizes, connections.
        public var engine: EngineIOServer.Configuration = {
            var engine = EngineIOServer.Configuration()
            engine.path = "/socket.io"
            return engine
        }()
        /// How long a connection may stay without joining a namespace.
        public var connectTimeout = Duration.seconds(45)
        /// Where `GET /socket.io/socket.io.js` and its siblings come from.
        public var clientBundle = ClientBundle.cdn
        /// What a client can make the server hold.
        public var limits = Limits()
        /// How packets are written: all clients of the server have to use the same.
        public var parser = PacketParser.json
        /// What is kept for clients that lost their connection; by default nothing.
        public var recovery: Recovery?
        /// What joins the server with others, so that all of them behave as one; by default nothing.
        public var adapter: (any Adapter)?
        /// Whether a namespace that was made as a client asked for it (`namespaces(matching:)`) ends with its last socket.
        /// What is registered for all of them stays. By default they end: then what clients ask for leaves nothing behind.
        public var removesEmptyNamespaces = true

        /// The defaults, to change from.
        public init() {}

        /// What the engine is told: the transports, and the files that go with them.
        var served: EngineIOServer.Configuration {
            var engine = engine
            engine.files = clientBundle.response
            engine.jsonDepth = limits.jsonDepth
            return engine
        }

        /// How many event loops serve; by default one for each core.
        public var loops: Int? {
            get { engine.loops }
            set { engine.loops = newValue }
        }

        /// Which other origins' pages may connect. By default none.
        public var cors: CORSPolicy {
            get { engine.cors }
            set { engine.cors = newValue }
        }

        /// The proxies in front of the server, whose word counts for `handshake.address`, `isSecure` and `host`. By default
        /// none.
        ///
        /// ```swift
        /// io.configuration.trustedProxies = ["127.0.0.1", "10.0.0.0/8"]
        /// ```
        public var trustedProxies: TrustedProxies {
            get { engine.trustedProxies }
            set { engine.trustedProxies = newValue }
        }

        /// How much clients may do in a time. By default whatever they like.
        public var rates: EngineIOServer.Rates {
            get { engine.rates }
            set { engine.rates = newValue }
        }

        /// Where log lines go.
        public var logger: any ServerLogger {
            get { engine.logger }
            set { engine.logger = newValue }
        }
    }

    /// Bounds on what a client can make the server hold (Protocol.md 6). An honest client meets none.
    public struct Limits: Sendable {
        /// Binary attachments of one packet, in either direction; official clients take 10. Over it: the connection is
        /// closed, or the packet is not sent but an `EncodingError` reported where it was emitted.
        public var attachmentsPerPacket = 10
        /// Bytes of one packet's attachments together. Over it: the connection is closed.
        public var attachmentBytes = 10_000_000
        /// How long a packet's attachments may take. Over it: the connection is closed.
        public var attachmentTime = Duration.seconds(10)
        /// How deep the JSON of a packet may nest. Over it: the connection is closed. Also that of a request's body, where
        /// `HTTPRequest.json` throws over it.
        public var jsonDepth = 128
        /// Namespaces of one connection. Over it: the namespace is refused.
        public var namespacesPerConnection = 100
        /// Namespaces that are made as clients ask for them (`namespaces(matching:)`), all together. Over it: a further one
        /// is refused, and the log says so.
        public var dynamicNamespaces = 10_000
        /// Rooms of one socket, not counting its own. Over it: `join` joins no more, and the log says so.
        public var roomsPerSocket = 1_000
        /// Bytes of a room's name. Over it: `join` leaves that room out, and the log says so.
        public var roomNameBytes = 1_024
        /// Acknowledgements awaited from one socket. Over it: `AckError.tooManyPending`.
        public var pendingAcks = 10_000

        /// Asynchronous handlers of one socket that may be under way at once, 32 767 at most: those of its events, and those
        /// of its beginning and end. An `Ack` that is kept does not count. Over it: its further events wait in its inbox, in
        /// order, until one has ended.
        public var handlersInFlight = 256
        /// Asynchronous handlers that may be under way at once for all sockets together, 65,536 by default; each event loop
        /// has an equal share. Over it: the events of sockets that begin one more wait in their inboxes, which is a warning;
        /// who has waited longest goes first.
        public var handlersInFlightTotal = 65_536
        /// Events that may wait in one socket's inbox. Over it: the connection is not read until all of them are handled.
        public var inboxEvents = 10_000
        /// Bytes that the events in one socket's inbox may hold, with their overhead. Over it: the same.
        public var inboxBytes = 1_000_000
        /// Bytes that the events in all sockets' inboxes may hold, with their overhead; each event loop has its part.
        /// Over it: the same for each connection that sends more.
        public var inboxBytesTotal = 64_000_000
        /// How long a connection may be left unread because of a full inbox. Over it: the connection is closed.
        public var inboxTime = Duration.seconds(10)

        /// Bytes that events of `latest` may hold that wait for one client, with their overhead; 100,000 by default. Over it: a
        /// further one is dropped, as other volatile ones are.
        public var latestBytes = 100_000
        /// Bytes that events of `latest` may hold that wait for all clients, 64 MB by default; each event loop has its part.
        /// Over it: the same.
        public var latestBytesTotal = 64_000_000
        /// Requests to other nodes that may wait for answers, and as many of theirs that may be answered. Over it: those are
        /// not asked, and what comes back says that it is not complete; these are dropped, and the log says so.
        public var clusterRequests = 10_000
        /// Bytes of what other nodes have answered to requests that still wait. Over it: a further answer is dropped, and what
        /// comes back says that it is not complete.
        public var clusterAnswerBytes = 64_000_000

        /// The defaults, to change from.
        public init() {}

        var packet: PacketLimits {
            var limits = PacketLimits()
            limits.attachments = attachmentsPerPacket
            limits.attachmentBytes = attachmentBytes
            limits.jsonDepth = jsonDepth
            return limits
        }
    }
}
