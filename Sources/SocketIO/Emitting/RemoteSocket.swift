public import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A socket as `sockets()` found it: what it was at that moment, and how to reach it, wherever it lives.
///
/// What is asked of it later is carried out where it lives, maybe on another node, and has no effect once it is gone.
public struct RemoteSocket: Sendable, Identifiable {
    /// The socket's id.
    public let id: SocketID
    /// Where the socket is connected.
    public let namespace: Namespace
    /// What its client brought along.
    public let handshake: Handshake
    /// The rooms that it was in, its own included.
    public let rooms: Set<Room>
    /// What the application kept with it for whoever finds it.
    public let data: SocketData
    /// Where it lives; nil for a socket of this node, and of another whose adapter does not tell.
    public let node: NodeID?
    /// Whether it lives on this node.
    public let isLocal: Bool
    private let values: SharedSocketState.Values

    init(_ socket: Socket) {
        id = socket.id
        namespace = socket.namespace
        handshake = socket.handshake
        rooms = socket.rooms
        values = socket.shared.load()?.values.withLock { $0 } ?? [:]
        data = SharedSocketState.data(in: values)
        node = nil
        isLocal = true
    }

    /// One of another node.
    init(_ socket: ClusterSocket, in namespace: Namespace, of node: NodeID?) {
        id = socket.id
        self.namespace = namespace
        handshake = socket.handshake
        rooms = socket.rooms
        values = [:]
        data = SocketData(members: socket.data)
        self.node = node
        isLocal = false
    }

    /// A value that the application kept with the socket at that moment, on this node: such values do not travel.
    public subscript<Value>(key: SocketKey<Value>) -> Value? {
        values[SharedSocketState.ValueKey(key)] as? Value
    }

    /// What the application kept with it for whoever finds it, as one value.
    ///
    /// ```swift
    /// let users = try await io.to("lobby").sockets().map { try $0.data(as: User.self) }
    /// ```
    /// - Throws: `DecodingError` if the members are of another type.
    public func data<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try data.decode(as: type)
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
        var results = BroadcastResults()
        if isLocal {
            results.add(await namespace.ask(packet, id: ackID, selection, []).results(within: timeout))
        } else {
            let flags = ClusterFlags([], timeout: timeout, expectsSingleResponse: true)
            results.add(
                await namespace.askElsewhere(packet, selection, flags).answers(
                    within: timeout, on: namespace.context.loops))
        }
        let result = results.sockets[id] ?? results.anonymous.first.map { .success($0) }
        if let result { return try result.get().decode(as: Reply.self) }
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
    private var sockets: [RemoteSocket]
    /// Whether these are all; false if an event loop that is busy took no more (`engine.limits.mailboxBytes`), or did not
    /// tell in time which of them it has, and if another node did not answer.
    public private(set) var isComplete: Bool
    /// The nodes that did not answer in time, as far as the adapter knows who there is.
    public private(set) var missingNodes: Set<NodeID> = []

    init(_ sockets: [RemoteSocket] = [], isComplete: Bool = true) {
        self.sockets = sockets
        self.isComplete = isComplete
    }

    /// The rooms that they were in, but for those of their own ids.
    ///
    /// ```swift
    /// let rooms = await io.sockets().rooms
    /// ```
    public var rooms: Set<Room> {
        sockets.reduce(into: []) { rooms, socket in
            for room in socket.rooms where room != Room(socket.id) { rooms.insert(room) }
        }
    }

    mutating func add(_ others: RemoteSockets) {
        sockets += others.sockets
        isComplete = isComplete && others.isComplete
        missingNodes.formUnion(others.missingNodes)
    }

    /// Those of other nodes.
    mutating func add(_ answers: ClusterAnswers, in namespace: Namespace) {
        for answer in answers.all {
            guard case .sockets(let found) = answer.response else { continue }
            sockets += found.map { RemoteSocket($0, in: namespace, of: answer.node) }
        }
        isComplete = isComplete && answers.isComplete
        missingNodes.formUnion(answers.missingNodes)
    }

    /// Zero.
    public var startIndex: Int { sockets.startIndex }
    /// How many there are.
    public var endIndex: Int { sockets.endIndex }
    /// The socket at `position`; in no order.
    public subscript(position: Int) -> RemoteSocket { sockets[position] }
}
