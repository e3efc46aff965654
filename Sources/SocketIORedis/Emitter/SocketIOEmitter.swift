public import SocketIO
public import SocketIOEvents

/// Sends to the clients of a cluster from a process that serves none, as a worker or a scheduled task: what
/// `@socket.io/redis-emitter` and `@socket.io/redis-streams-emitter` are in Node, in their words.
///
/// ```swift
/// let emitter = try SocketIOEmitter(redis: RedisURL("redis://127.0.0.1:6379"))
/// emitter.to("orders:7").emit("shipped", "by train")
/// await emitter.close()
/// ```
/// A value: `to`, `except`, `volatile` and `namespace(_:)` return a new one over the same connection. Any thread may use it,
/// and nothing waits. What one thread sends arrives in that order. While Redis is away up to 16 MiB are kept, and what is over
/// that is dropped and logged. Without `close`, what Redis has not taken when the last copy goes is lost. Nobody answers an emitter: there are no acknowledgements, and nothing can be asked.
public struct SocketIOEmitter: Sendable, JavaScriptEmitter {
    private let link: EmitterLink
    private var name = "/"
    private var audience = ClusterAudience()
    private var flags = ClusterFlags()

    /// An emitter for servers with `RedisAdapter`, or Node's `@socket.io/redis-adapter`. Connects by itself, now and whenever
    /// Redis was lost.
    ///
    /// - Parameters:
    ///   - redis: Where the servers' Redis is.
    ///   - key: As in `RedisAdapter.Options`.
    ///   - logger: Hears of what is wrong; standard error by default.
    /// - Throws: If the system gives no thread, or the URL is secure and TLS is not available on this machine, or a file
    ///   that it names cannot be read.
    public init(
        redis: RedisURL, key: String = "socket.io", logger: any ServerLogger = StandardErrorLogger()
    ) throws {
        link = try EmitterLink(redis, to: .channels(key: key), logger: logger)
    }

    /// An emitter for servers with `RedisStreamsAdapter`, or Node's `@socket.io/redis-streams-adapter`; see the other form.
    ///
    /// - Parameters:
    ///   - redisStreams: Where the servers' Redis is.
    ///   - streamName: As in `RedisStreamsAdapter.Options`.
    ///   - maxLength: How many entries Redis keeps of the stream, about.
    ///   - logger: Hears of what is wrong; standard error by default.
    public init(
        redisStreams: RedisURL, streamName: String = "socket.io", maxLength: Int = 10_000,
        logger: any ServerLogger = StandardErrorLogger()
    ) throws {
        link = try EmitterLink(
            redisStreams, to: .stream(name: streamName, maxLength: maxLength), logger: logger)
    }

    /// Waits until Redis has taken what was sent, and ends the connection, for all copies of this value. What is sent
    /// afterwards is dropped.
    ///
    /// - Parameter limit: How long to wait at most; what has not been sent by then is lost.
    /// - Returns: Whether Redis has answered in time.
    @discardableResult
    public func close(within limit: Duration = .seconds(5)) async -> Bool {
        await link.close(within: limit)
    }

    // MARK: Who is meant

    /// The clients in a namespace. Whatever was selected before is selected no more.
    public func namespace(_ name: String) -> SocketIOEmitter {
        var copy = self
        copy.name = name.utf8.first == UInt8(ascii: "/") ? name : "/" + name
        (copy.audience, copy.flags) = (ClusterAudience(), ClusterFlags())
        return copy
    }

    /// Only sockets in any of these rooms; adds to rooms named before.
    public func to(_ rooms: Room...) -> SocketIOEmitter { to(rooms) }

    /// Only sockets in any of these rooms; adds to rooms named before.
    public func to(_ rooms: [Room]) -> SocketIOEmitter {
        var copy = self
        copy.audience.rooms += rooms
        return copy
    }

    /// Only the socket of this id; adds to rooms named before.
    public func to(_ id: SocketID) -> SocketIOEmitter { to([Room(id)]) }

    /// Only sockets in any of these rooms; see the form with literals.
    @_disfavoredOverload
    public func to(_ rooms: String...) -> SocketIOEmitter { to(rooms.map(Room.init(_:))) }

    /// Not the sockets in any of these rooms.
    public func except(_ rooms: Room...) -> SocketIOEmitter { except(rooms) }

    /// Not the sockets in any of these rooms.
    public func except(_ rooms: [Room]) -> SocketIOEmitter {
        var copy = self
        copy.audience.except += rooms
        return copy
    }

    /// Not the socket of this id.
    public func except(_ id: SocketID) -> SocketIOEmitter { except([Room(id)]) }

    /// Not the sockets in any of these rooms; see the form with literals.
    @_disfavoredOverload
    public func except(_ rooms: String...) -> SocketIOEmitter { except(rooms.map(Room.init(_:))) }

    /// Dropped for each client that cannot take it when it comes.
    public var volatile: SocketIOEmitter {
        var copy = self
        copy.flags.isVolatile = true
        return copy
    }

    /// Whether the event may be compressed on its way to the clients; see `Socket.compress`.
    public func compress(_ compress: Bool) -> SocketIOEmitter {
        var copy = self
        copy.flags.compress = compress
        return copy
    }

    // MARK: What is sent

    /// Sends an event to all sockets that are meant, on all nodes.
    ///
    /// Encoded before it returns; what cannot be encoded is logged, and nothing is sent.
    public func emit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        send(name.description, repeat each arguments)
    }

    /// Sends an event whose name is known at run time only; see the form with a literal. A reserved name is logged, and
    /// nothing is sent.
    @_disfavoredOverload
    public func emit<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        send(name, repeat each arguments)
    }

    /// Sends a declared event to all sockets that are meant.
    public func emit<each Argument>(_ event: Event<repeat each Argument>, _ arguments: repeat each Argument) {
        send(event.name.description, repeat each arguments)
    }

    private func send<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        guard let event = link.event(name, repeat each arguments) else { return }
        link.publish(.broadcast(event, audience, flags), in: self.name)
    }

    /// Sends an event to all servers, where `onServerSideEmit` handles it. Who is selected does not matter.
    public func serverSideEmit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        guard let event = link.event(name.description, repeat each arguments) else { return }
        link.publish(.serverSideEmit(event), in: self.name)
    }

    /// Puts all sockets that are meant into rooms.
    public func socketsJoin(_ rooms: Room...) {
        link.publish(.join(rooms, audience), in: name)
    }

    /// Puts all sockets that are meant into rooms; see the form with literals.
    @_disfavoredOverload
    public func socketsJoin(_ rooms: String...) {
        link.publish(.join(rooms.map(Room.init(_:)), audience), in: name)
    }

    /// Takes all sockets that are meant out of rooms.
    public func socketsLeave(_ rooms: Room...) {
        link.publish(.leave(rooms, audience), in: name)
    }

    /// Takes all sockets that are meant out of rooms; see the form with literals.
    @_disfavoredOverload
    public func socketsLeave(_ rooms: String...) {
        link.publish(.leave(rooms.map(Room.init(_:)), audience), in: name)
    }

    /// Disconnects all sockets that are meant.
    public func disconnectSockets(closingConnection: Bool = false) {
        link.publish(.disconnect(audience, closingConnection: closingConnection), in: name)
    }
}
