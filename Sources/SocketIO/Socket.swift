internal import NetLoop
public import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A client in a namespace: what handlers get, and what any thread may hold and use.
///
/// It lives on one event loop, where its handlers run; what is asked of it elsewhere is carried out there, in the order
/// asked by each thread. When it is disconnected it drops its handlers, and what is sent to it is dropped.
public final class Socket: Sendable, BroadcastTarget {
    /// New with each connection; the socket is in the room of this name.
    public let id: SocketID
    public let namespace: Namespace
    public let handshake: Handshake

    let core: LoopBound<SocketCore>
    private let connection = Atomic<Bool>(false)
    /// Guards what the application reads from any thread; taken for rooms and values, not for messages.
    private let shared = Mutex(Shared())

    private struct Shared {
        var memberships: [Membership] = []
        var isInOwnRoom = true
        var values: [ValueKey: any Sendable] = [:]
    }

    private struct ValueKey: Hashable {
        let name: String
        let type: ObjectIdentifier

        init<Value>(_ key: SocketKey<Value>) {
            name = key.name
            type = ObjectIdentifier(Value.self)
        }
    }

    init(id: SocketID, namespace: Namespace, handshake: Handshake, core: LoopBound<SocketCore>) {
        self.id = id
        self.namespace = namespace
        self.handshake = handshake
        self.core = core
    }

    /// Whether the socket is connected: true from `onConnection` until it is gone.
    public var isConnected: Bool { connection.load(ordering: .relaxed) }

    func setConnected(_ isConnected: Bool) {
        connection.store(isConnected, ordering: .relaxed)
    }

    /// A value that the application keeps with the socket, until the socket itself is gone.
    public subscript<Value>(key: SocketKey<Value>) -> Value? {
        get { shared.withLock { $0.values[ValueKey(key)] } as? Value }
        set { shared.withLock { $0.values[ValueKey(key)] = newValue } }
    }

    /// Ends the socket: the client's `disconnect` event says `io server disconnect`, and it does not reconnect by
    /// itself.
    ///
    /// - Parameter closingConnection: Whether the client's other namespaces and the connection end too.
    public func disconnect(closingConnection: Bool = false) {
        perform(.disconnect(closesConnection: closingConnection))
    }

    // MARK: Rooms

    /// The rooms that the socket is in, its own included; empty once it is disconnected.
    public var rooms: Set<Room> {
        guard isConnected else { return [] }
        return shared.withLock { shared in
            var rooms = Set(shared.memberships.map(\.name))
            if shared.isInOwnRoom { rooms.insert(Room(id)) }
            return rooms
        }
    }

    /// Puts the socket into rooms; at once in a handler, and before anything asked later elsewhere.
    public func join(_ rooms: Room...) {
        perform(.join(rooms))
    }

    /// Puts the socket into rooms, as many as the list has.
    public func join(_ rooms: [Room]) {
        perform(.join(rooms))
    }

    /// Takes the socket out of rooms.
    public func leave(_ rooms: Room...) {
        perform(.leave(rooms))
    }

    /// Takes the socket out of rooms, as many as the list has.
    public func leave(_ rooms: [Room]) {
        perform(.leave(rooms))
    }

    var roomCount: Int { shared.withLock { $0.memberships.count } }

    func isMember(of room: Room) -> Bool {
        shared.withLock { $0.memberships.contains { $0.name == room } }
    }

    func setInOwnRoom(_ isInOwnRoom: Bool) {
        shared.withLock { $0.isInOwnRoom = isInOwnRoom }
    }

    func addMembership(_ room: LoopBound<RoomShard>, named name: Room, place: Int) {
        shared.withLock { $0.memberships.append(Membership(name: name, room: room, place: place)) }
    }

    func moveMembership(of room: Room, to place: Int) {
        shared.withLock { shared in
            guard let index = shared.memberships.firstIndex(where: { $0.name == room }) else { return }
            shared.memberships[index].place = place
        }
    }

    func removeMembership(of room: Room) -> Membership? {
        shared.withLock { shared in
            guard let index = shared.memberships.firstIndex(where: { $0.name == room }) else { return nil }
            return shared.memberships.remove(at: index)
        }
    }

    func removeAllMemberships() -> [Membership] {
        shared.withLock { shared in
            let all = shared.memberships
            shared.memberships = []
            return all
        }
    }

    // MARK: Internals

    /// Carries out `action`: at once on the socket's loop, otherwise as soon as the loop gets to it.
    func perform(_ action: SocketCommand.Action) {
        if let core = core.valueIfCurrent {
            core.perform(action)
        } else {
            core.loop.post(SocketCommand(core: core, socket: self, action: action))
        }
    }

    /// Starts an asynchronous handler on the socket's loop, where the caller is.
    func start(_ handler: @escaping @Sendable () async throws -> Void) {
        core.loop.start { [self] in
            do {
                try await handler()
            } catch {
                report(error)
            }
        }
    }

    /// A handler failed.
    func report(_ error: any Error) {
        namespace.context.report(error, of: self)
    }
}
