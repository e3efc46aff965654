internal import NetLoop
public import SocketIOEvents
public import SocketIOWire

extension ClientManager {
    /// How packets travel.
    public typealias Transport = EngineTransport

    /// Whether and when to connect again.
    public struct Reconnection: Sendable, Hashable {
        /// How many attempts in a row may fail before it is given up; no limit by default. One whose connection ends before
        /// the server answered for any namespace has failed.
        public var attempts = Int.max
        /// Before the first attempt; each further one waits twice as long. 1 second by default. A server that says that it
        /// goes away (WebSocket's 1001) is left for another one at once, within a tenth of it, where the connection has lasted
        /// for that long.
        public var delay = Duration.seconds(1)
        /// The longest wait; 5 seconds by default.
        public var maximumDelay = Duration.seconds(5)
        /// How much a wait varies at random, so that a server that comes back is not run over: 0.5 by default, which
        /// is half of it in both directions.
        public var randomization = 0.5

        /// The official client's defaults.
        public init() {}

        /// Never connect again, and never try twice.
        public static var off: Reconnection {
            var reconnection = Reconnection()
            reconnection.attempts = 0
            return reconnection
        }

        var machine: SocketIOWire.Reconnection {
            SocketIOWire.Reconnection(
                backoff: ReconnectionBackoff(minimum: delay, maximum: maximumDelay, randomization: randomization),
                maxAttempts: attempts)
        }
    }

    /// What a server may make the client hold.
    public struct Limits: Sendable {
        /// Bytes of one message, and of one polling response; 16 MiB by default. Over it the connection is closed.
        public var messageBytes = 16 * 1024 * 1024
        /// Bytes that wait to be sent because the server does not read; 64 MiB by default. Over it the connection is
        /// closed.
        public var unsentBytes = 64 * 1024 * 1024
        /// Packets of one polling response; 10,000 by default.
        public var packetsPerPayload = 10_000
        /// Binary attachments of one packet, in either direction; 10 by default. One that has more is not sent, but reported.
        /// MessagePack has no attachments: there it is 9 999 places with bytes.
        public var attachments = 10
        /// How long the attachments of a packet may take; 20 seconds by default.
        public var attachmentTime = Duration.seconds(20)
        /// How long a server may take to answer the end of a connection before it is cut; 2 seconds by default.
        public var closeTime = Duration.seconds(2)
        /// How deep arrays and objects of what is received nest; 128 by default.
        public var jsonDepth = 128

        /// The defaults.
        public init() {}

        var packets: PacketLimits {
            var limits = PacketLimits()
            limits.attachments = attachments
            limits.attachmentBytes = messageBytes
            limits.jsonDepth = jsonDepth
            return limits
        }
    }

    /// Whom secure connections trust, and who the client is to them.
    public struct TLS: Sendable, Hashable {
        /// A certificate with its private key.
        public struct Identity: Sendable, Hashable {
            fileprivate let files: TLSIdentity

            /// An identity in two PEM files: the chain, the client's own certificate first, and its key, without a password.
            public static func pem(certificate: String, key: String) -> Identity {
                Identity(files: .pem(certificate: certificate, key: key))
            }

            /// An identity in one PKCS#12 file, `.p12` or `.pfx`; by default without a password.
            public static func pkcs12(_ path: String, password: String = "") -> Identity {
                Identity(files: .pkcs12(path, password: password))
            }
        }

        /// A PEM file with certificates to trust beside the system's roots.
        public var extraRoots: String?
        /// Connects to anybody, whatever their certificate: whoever is on the way can read and change everything. For
        /// experiments on one's own machine.
        public var unsafelyTrustsEveryCertificate = false
        /// Who the client is to a server that asks for a certificate; by default nobody. A file that is wrong fails the connection
        /// with `insecure`.
        public var identity: Identity?

        /// Chain and host name are verified against the system's roots; TLS 1.2 at least.
        public init() {}

        func makeContext() throws(ClientError) -> TLSContext {
            do {
                return unsafelyTrustsEveryCertificate
                    ? try TLSContext.clientWithoutVerification(identity: identity?.files)
                    : try TLSContext.client(extraRoots: extraRoots, identity: identity?.files)
            } catch {
                throw ClientError(error)
            }
        }
    }

    /// What can be chosen about a manager. The defaults are the official client's.
    public struct Configuration: Sendable {
        /// The server's path; `/socket.io` by default.
        public var path = "/socket.io"
        /// In the order tried, where the server does not take one; polling and WebSocket by default.
        public var transports: [Transport] = [.polling, .webSocket]
        /// Whether to go from polling to WebSocket where the server offers it.
        public var upgrade = true
        /// Whether to begin with WebSocket if that worked the last time; off by default.
        public var rememberUpgrade = false
        /// Added to the query of every request, after what the URL has. `ClientManager.setQuery` changes it later.
        ///
        /// Parameters of the protocol (`EIO`, `transport`, `sid`, `t`, `j`, `b64`) are left out, here and in the URL.
        public var query: [String: String] = [:]
        /// Sent with every request. `ClientManager.setExtraHeaders` changes it later.
        ///
        /// Fields that the client sets itself are left out: `Accept`, `Accept-Encoding`, `Connection`, `Content-Length`,
        /// `Content-Type`, `Expect`, `Host`, `Keep-Alive`, `TE`, `Trailer`, `Transfer-Encoding`, `Upgrade`, and those that
        /// begin with `Sec-WebSocket-`. `Cookie` goes into one line with the cookies that the server sets, which replace
        /// those of the same name. What cannot be sent makes `connect` throw `invalidHeader`.
        public var extraHeaders: [String: String] = [:]
        /// How packets are written: as the server has it. With another one, `connect` throws an error that says so.
        public var parser = PacketParser.json
        /// Whether and when to connect again.
        public var reconnection = Reconnection()
        /// How messages over WebSocket are compressed, where the server can (RFC 7692); nil, which is the default, for not at
        /// all. Needs zlib, which is loaded at run time: without it nothing is compressed, and the log says so once.
        public var perMessageDeflate: PerMessageDeflate?
        /// Whom https and wss trust.
        public var tls = TLS()
        /// How long a connection may take to be open, and a server to answer for a namespace; 20 seconds by default.
        ///
        /// The time that `auth` takes does not count. A namespace that is not answered in time gets `onConnectError` and is
        /// waited for, unless `reconnection` is off; where all of the connection wait in vain, another one is tried.
        public var connectTimeout = Duration.seconds(20)
        /// What a server may make the client hold.
        public var limits = Limits()
        /// Where log lines go; nowhere by default.
        public var logger: (any ClientLogger)?
        /// For sockets whose own configuration says nothing else.
        public var sockets = ClientSocket.Configuration()

        /// The defaults.
        public init() {}

        /// Checks everything that a request is made of, so that nothing can go wrong later.
        ///
        /// - Parameter tls: What was made of `tls` before.
        func address(
            url: String, connections: ConnectionCount, source: (any ConnectionSource)? = nil,
            tls context: TLSContext? = nil
        ) throws(ClientError) -> Address {
            let origin: HTTPOrigin
            do {
                origin = try HTTPOrigin(parsing: url)
            } catch {
                throw ClientError(.invalidURL, "the URL \(url) \(error.detail)")
            }
            guard origin.path.isEmpty || origin.path == "/" else {
                throw ClientError(
                    .invalidURL,
                    "the URL \(url) has a path: set `configuration.path` for the server's path, or write "
                        + "`manager.socket(\"\(origin.path)\")` for a namespace")
            }
            guard !transports.isEmpty else {
                throw ClientError(.invalidURL, "there is no transport in `configuration.transports`")
            }
            var fields = HTTPFieldLines()
            var cookies: [String] = []
            for (name, value) in extraHeaders.sorted(by: { $0.key < $1.key }) where !Self.isReserved(name) {
                let isCookie = name.lowercased() == "cookie"
                var line = HTTPFieldLines()
                guard line.append(name, value) else {
                    throw ClientError(.invalidHeader, "the extra header \(name) cannot be sent")
                }
                if isCookie { cookies.append(value) } else { fields.append(line) }
            }
            var generator = SystemRandomNumberGenerator()
            let target = EngineTarget(
                path: path, query: query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
                rawQuery: origin.query, stamp: generator.next() >> 24)
            guard target.isValid else {
                throw ClientError(.invalidURL, "the path \(path) has a character that must be percent-encoded")
            }
            let context = origin.isSecure && context == nil ? try tls.makeContext() : context
            let endpoint = Endpoint(
                origin: origin, tls: context, fields: fields,
                cookie: cookies.isEmpty ? nil : cookies.joined(separator: "; "),
                connectTimeout: connectTimeout, messageBytes: limits.messageBytes,
                unsentBytes: limits.unsentBytes, closeTime: limits.closeTime, connections: connections,
                compression: compression, source: source)
            return Address(endpoint: endpoint, target: target)
        }

        private static let reserved: Set<String> = [
            "accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host", "keep-alive",
            "te", "trailer", "transfer-encoding", "upgrade",
        ]

        /// Whether the client sets the field itself.
        static func isReserved(_ name: String) -> Bool {
            let name = name.lowercased()
            return name.hasPrefix("sec-websocket-") || reserved.contains(name)
        }

        /// What is asked for and will not be done.
        var leftOut: String? {
            let fields = extraHeaders.keys.filter(Self.isReserved),
                parameters = query.keys.filter(EngineTarget.isReserved)
            guard !(fields + parameters).isEmpty else { return nil }
            return "the client sets these itself, and leaves out what `extraHeaders` and `query` say of them: "
                + (fields + parameters).sorted().joined(separator: ", ")
        }
    }
}
