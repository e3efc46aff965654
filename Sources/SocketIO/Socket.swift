internal import EngineIO
internal import NetLoop
public import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A client in a namespace: what handlers get, and what any thread may hold and use.
///
/// It lives on one event loop, where its handlers run; what is asked of it elsewhere is carried out there, in the order
/// asked by each thread. When it is disconnected it drops its handlers, and what is sent to it is dropped.
///
/// Every socket is a `SocketCore`: one object, because a server has many of them.
///
/// `@unchecked Sendable`: all that is not constant or guarded is the core's, which belongs to the loop's thread.
public class Socket: @unchecked Sendable, BroadcastTarget {
    /// New with each connection; the socket is in the room of this name.
    public final let id: SocketID
    // Both are the loop's; what is constant of them may be asked for by any thread.
    final let shard: NamespaceShard
    final let session: EngineSession
    /// Nothing, for many sockets.
    private let shared = AtomicLazyReference<Shared>()
    private let connection = Atomic<Bool>(false)
    private let ownRoom = Atomic<Bool>(true)

    /// What the application reads from any thread. The lock is taken for rooms and values, not for messages.
    private final class Shared: Sendable {
        /// The payload of the CONNECT.
        let auth: [UInt8]
        let memberships = Mutex<[Membership]>([])
        let values = Mutex<[ValueKey: any Sendable]>([:])

        init(auth: [UInt8] = []) {
            self.auth = auth
        }
    }

    private struct ValueKey: Hashable {
        let name: String
        let type: ObjectIdentifier

        init<Value>(_ key: SocketKey<Value>) {
            name = key.name
            type = ObjectIdentifier(Value.self)
        }
    }

    init(id: SocketID, auth: [UInt8], shard: NamespaceShard, session: EngineSession) {
        self.id = id
        self.shard = shard
        self.session = session
        if !auth.isEmpty { _ = shared.storeIfNil(Shared(auth: auth)) }
    }

    public final var namespace: Namespace { shard.namespace }

    public final var handshake: Handshake {
        Handshake(request: session.request, auth: shared.load()?.auth ?? [])
    }

    /// Whether the socket is connected: true from `onConnection` until it is gone.
    public final var isConnected: Bool { connection.load(ordering: .relaxed) }

    final func setConnected(_ isConnected: Bool) {
        connection.store(isConnected, ordering: .relaxed)
    }

    /// A value that the application keeps with the socket, until the socket itself is gone.
    public final subscript<Value>(key: SocketKey<Value>) -> Value? {
        get { shared.load()?.values.withLock { $0[ValueKey(key)] } as? Value }
        set {
            // The old value ends when the lock is free again: its code may come back here.
            let old = madeShared.values.withLock { values in
                let old = values[ValueKey(key)]
                values[ValueKey(key)] = newValue
                return old
            }
            withExtendedLifetime(old) {}
        }
    }

    private var madeShared: Shared { shared.load() ?? shared.storeIfNil(Shared()) }

    /// Ends the socket: the client's `disconnect` event says `io server disconnect`, and it does not reconnect by
    /// itself.
    ///
    /// - Parameter closingConnection: Whether the client's other namespaces and the connection end too.
    public final func disconnect(closingConnection: Bool = false) {
        perform(.disconnect(closesConnection: closingConnection))
    }

    // MARK: Rooms

    /// The rooms that the socket is in, its own included; empty once it is disconnected.
    public final var rooms: Set<Room> {
        guard isConnected else { return [] }
        var rooms = Set(memberships.map(\.name))
        if isInOwnRoom { rooms.insert(Room(id)) }
        return rooms
    }

    /// Puts the socket into rooms; at once in a handler, and before anything asked later elsewhere.
    public final func join(_ rooms: Room...) {
        perform(.join(rooms))
    }

    /// Puts the socket into rooms, as many as the list has.
    public final func join(_ rooms: [Room]) {
        perform(.join(rooms))
    }

    /// Takes the socket out of rooms.
    public final func leave(_ rooms: Room...) {
        perform(.leave(rooms))
    }

    /// Takes the socket out of rooms, as many as the list has.
    public final func leave(_ rooms: [Room]) {
        perform(.leave(rooms))
    }

    private var memberships: [Membership] { shared.load()?.memberships.withLock { $0 } ?? [] }

    final var roomCount: Int { memberships.count }

    final var isInOwnRoom: Bool { ownRoom.load(ordering: .relaxed) }

    final func setInOwnRoom(_ isInOwnRoom: Bool) {
        ownRoom.store(isInOwnRoom, ordering: .relaxed)
    }

    final func isMember(of room: Room) -> Bool {
        memberships.contains { $0.name == room }
    }

    final func addMembership(_ room: LoopBound<RoomShard>, named name: Room, place: Int) {
        madeShared.memberships.withLock { $0.append(Membership(name: name, room: room, place: place)) }
    }

    final func moveMembership(of room: Room, to place: Int) {
        shared.load()?.memberships.withLock { memberships in
            guard let index = memberships.firstIndex(where: { $0.name == room }) else { return }
            memberships[index].place = place
        }
    }

    final func removeMembership(of room: Room) -> Membership? {
        shared.load()?.memberships.withLock { memberships in
            memberships.firstIndex { $0.name == room }.map { memberships.remove(at: $0) }
        }
    }

    final func removeAllMemberships() -> [Membership] {
        shared.load()?.memberships.withLock { memberships in
            let all = memberships
            memberships = []
            return all
        } ?? []
    }

    // MARK: Internals

    final var loop: EventLoop { shard.loop }

    /// Whether the caller is on the loop's thread.
    @inline(__always)
    final var isCurrent: Bool { shard.isCurrent }

    /// The socket as its loop sees it; the caller is on the loop's thread.
    final var core: SocketCore {
        precondition(isCurrent, "touched away from its event loop")
        guard let core = self as? SocketCore else { preconditionFailure("every socket is a core") }
        return core
    }

    /// Carries out `action`: at once on the socket's loop, otherwise as soon as the loop gets to it.
    final func perform(_ action: SocketCommand.Action) {
        if isCurrent {
            core.carryOut(action)
        } else {
            loop.post(SocketCommand(socket: self, action: action))
        }
    }

    /// Starts an asynchronous handler on the socket's loop, where the caller is.
    final func start(_ handler: @escaping @Sendable () async throws -> Void) {
        shard.start { [self] in
            do {
                try await handler()
            } catch {
                report(error)
            }
        }
    }

    /// A handler failed.
    final func report(_ error: any Error) {
        namespace.context.report(error, of: self)
    }
}

extension Socket: CustomStringConvertible {
    public var description: String { "Socket(\(id))" }
}
