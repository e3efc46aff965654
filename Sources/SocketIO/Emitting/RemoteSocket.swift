public import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A socket as `sockets()` found it: what it was at that moment, and how to reach it, wherever it lives.
///
/// What is asked of it later is carried out where it lives, and has no effect once it is gone.
public struct RemoteSocket: Sendable, Identifiable {
    /// The socket's id.
    public let id: SocketID
    /// Where the socket is connected.
    public let namespace: Namespace
    /// What its client brought along.
    public let handshake: Handshake
    /// The rooms that it was in, its own included.
    public let rooms: Set<Room>
    private let values: SharedSocketState.Values

    init(_ socket: Socket) {
        id = socket.id
        namespace = socket.namespace
        handshake = socket.handshake
        rooms = socket.rooms
        values = socket.shared.load()?.values.withLock { $0 } ?? [:]
    }

    /// A value that the application kept with the socket at that moment.
    public subscript<Value>(key: SocketKey<Value>) -> Value? {
        values[SharedSocketState.ValueKey(key)] as? Value
    }

    private var selected: Broadcast { namespace.to(id) }

    /// Sends an event to this socket's client, through the room of its id, as in JavaScript.
    public func emit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        selected.emit(name, repeat each arguments)
    }

    /// Sends a declared event to this socket's client.
    public func emit<each Argument>(_ event: Event<repeat each Argument>, _ arguments: repeat each Argument) {
        selected.emit(event, repeat each arguments)
    }

    /// Sends an event and returns the client's acknowledgement.
    ///
    /// - Parameters:
    ///   - name: The event.
    ///   - arguments: What goes with it.
    ///   - replying: The type of the reply, where the result does not say it.
    ///   - timeout: How long the client may take; 5 seconds by default.
    /// - Throws: `AckError`: at the timeout, when the socket disconnects or is gone already, when the task is cancelled, or
    ///   if the answer is of another type.
    public func emitWithAck<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: EventName, _ arguments: repeat each Argument, replying: Reply.Type = Reply.self,
        timeout: Duration = .seconds(5)
    ) async throws(AckError) -> Reply {
        let ackID = namespace.nextAckID()
        let packet: EncodedPacket
        do {
            packet = try namespace.packet(name, id: ackID, repeat each arguments)
        } catch {
            namespace.context.logEncodingFailure(error, name.description)
            throw AckError(.unencodable)
        }
        let selection = BroadcastSelection(rooms: [Room(id)])
        let results = await namespace.ask(packet, id: ackID, selection, []).results(within: timeout)
        if let result = results.sockets[id] { return try result.get().decode(as: Reply.self) }
        if Task.isCancelled { throw AckError(.cancelled) }
        throw AckError(results.isComplete ? .disconnected : .timedOut)
    }

    /// Sends a declared request and returns the client's reply; see the form with a name.
    public func emitWithAck<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>, _ arguments: repeat each Argument,
        timeout: Duration = .seconds(5)
    ) async throws(AckError) -> Reply {
        try await emitWithAck(request.name, repeat each arguments, timeout: timeout)
    }

    /// Puts the socket into rooms.
    public func join(_ rooms: Room...) {
        namespace.to(id).perform { .join(rooms, $0) }
    }

    /// Takes the socket out of rooms.
    public func leave(_ rooms: Room...) {
        namespace.to(id).perform { .leave(rooms, $0) }
    }

    /// Disconnects the socket; see `Socket.disconnect`.
    public func disconnect(closingConnection: Bool = false) {
        selected.disconnectSockets(closingConnection: closingConnection)
    }
}

/// The sockets that a selection had.
///
/// ```swift
/// let players = await io.to("game:7").sockets()
/// print(players.count, players.map(\.id))
/// ```
public struct RemoteSockets: RandomAccessCollection, Sendable {
    private let sockets: [RemoteSocket]
    /// Whether these are all; false if an event loop that is busy took no more (`engine.limits.mailboxBytes`), or did not
    /// tell in time which of them it has.
    public let isComplete: Bool

    init(_ sockets: [RemoteSocket], isComplete: Bool) {
        self.sockets = sockets
        self.isComplete = isComplete
    }

    /// Zero.
    public var startIndex: Int { sockets.startIndex }
    /// How many there are.
    public var endIndex: Int { sockets.endIndex }
    /// The socket at `position`; in no order.
    public subscript(position: Int) -> RemoteSocket { sockets[position] }
}
