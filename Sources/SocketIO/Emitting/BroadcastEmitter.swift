public import SocketIOEvents
internal import SocketIOWire

/// What can send to many: the server, a namespace, or a broadcast.
///
/// An event is encoded once, whoever gets it. All of these may be called from any thread, and none waits.
public protocol BroadcastEmitter: BroadcastTarget, JavaScriptEmitter {}

extension BroadcastEmitter {
    /// Dropped for each client that cannot take it now.
    public var volatile: Broadcast { broadcast.adding(options: .volatile) }

    /// Kept for each client that cannot take it now, in place of an older event of the same name; see `Socket.latest`.
    /// Clients of other nodes get it as a volatile one: Node's messages have no word for more.
    ///
    /// ```swift
    /// io.to("board").latest.emit("position", x, y)
    /// ```
    public var latest: Broadcast { broadcast.adding(options: [.volatile, .latest]) }

    /// Whether the event may be compressed, where the server compresses: see `Socket.compress`. Clients of other nodes get it in
    /// the same way.
    ///
    /// ```swift
    /// io.to("staff").compress(false).emit("login-code", token)
    /// ```
    public func compress(_ compress: Bool) -> Broadcast { broadcast.compressing(compress) }

    /// Sends an event to all sockets that are meant.
    ///
    /// Encoded before it returns; what cannot be encoded is logged, and nothing is sent.
    public func emit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        broadcast.send(name.description, repeat each arguments)
    }

    /// Sends a declared event to all sockets that are meant.
    public func emit<each Argument>(_ event: Event<repeat each Argument>, _ arguments: repeat each Argument) {
        broadcast.send(event.name.description, repeat each arguments)
    }

    /// Sends an event named `message`, as in JavaScript.
    public func send<each Argument: Encodable>(_ arguments: repeat each Argument) {
        broadcast.send("message", repeat each arguments)
    }

    /// Sends an event and returns the acknowledgements of all clients that answer in time.
    ///
    /// - Parameters:
    ///   - name: The event.
    ///   - arguments: What goes with it.
    ///   - replying: The type of a reply, where the result does not say it.
    ///   - timeout: How long the clients may take; 5 seconds by default.
    /// - Returns: The replies, and the sockets that did not give one; a timeout alone is no error.
    public func emitWithAck<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: EventName, _ arguments: repeat each Argument, replying: Reply.Type = Reply.self,
        timeout: Duration = .seconds(5)
    ) async -> BroadcastReplies<Reply> {
        await broadcast.request(name.description, repeat each arguments, timeout: timeout)
    }

    /// Sends a declared request and returns the replies.
    public func emitWithAck<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>, _ arguments: repeat each Argument,
        timeout: Duration = .seconds(5)
    ) async -> BroadcastReplies<Reply> {
        await broadcast.request(request.name.description, repeat each arguments, timeout: timeout)
    }

    /// The sockets that are meant, as they are now: JavaScript's `fetchSockets`.
    ///
    /// Asks every event loop, and every other node, and waits for the answers. A socket that connects or leaves meanwhile may
    /// be among them or not. `local.sockets()` finds those of this node.
    ///
    /// - Parameter timeout: How long they may take; 5 seconds by default. Those that do not answer are left out, and
    ///   `isComplete` is false.
    public func sockets(timeout: Duration = .seconds(5)) async -> RemoteSockets {
        await broadcast.find(timeout: timeout)
    }

    /// Puts all sockets that are meant into rooms.
    public func socketsJoin(_ rooms: Room...) {
        broadcast.perform { .join(rooms, $0) }
    }

    /// Takes all sockets that are meant out of rooms.
    public func socketsLeave(_ rooms: Room...) {
        broadcast.perform { .leave(rooms, $0) }
    }

    /// Puts all sockets that are meant into rooms; see the form with literals.
    @_disfavoredOverload
    public func socketsJoin(_ rooms: String...) {
        broadcast.perform { .join(rooms.map(Room.init(_:)), $0) }
    }

    /// Takes all sockets that are meant out of rooms; see the form with literals.
    @_disfavoredOverload
    public func socketsLeave(_ rooms: String...) {
        broadcast.perform { .leave(rooms.map(Room.init(_:)), $0) }
    }

    /// Disconnects all sockets that are meant.
    public func disconnectSockets(closingConnection: Bool = false) {
        broadcast.perform { .disconnect($0, closesConnection: closingConnection) }
    }
}
