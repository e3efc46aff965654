public import SocketIOEvents
internal import Synchronization

extension Socket {
    /// The rooms that the socket is in, its own included; empty once it is disconnected.
    public var rooms: Set<Room> {
        guard isReachable else { return [] }
        var rooms = Set(shared.load()?.memberships.withLock { $0.names } ?? [])
        if isInOwnRoom { rooms.insert(Room(id)) }
        return rooms
    }

    /// Puts the socket into rooms; at once in a handler, and before anything asked later elsewhere.
    public func join(_ rooms: Room...) {
        join(rooms)
    }

    /// Puts the socket into rooms, as many as the list has.
    public func join(_ rooms: [Room]) {
        if OwnRoomGuests.isGuest(in: rooms, of: id) { namespace.guests.add(1) }
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
}

// Rooms whose name is a `String`. A literal is a `Room`, which is why these forms are not preferred.
extension Socket {
    /// Puts the socket into rooms; at once in a handler, and before anything asked later elsewhere.
    @_disfavoredOverload
    public func join(_ rooms: String...) {
        join(rooms.map(Room.init(_:)))
    }

    /// Puts the socket into rooms, as many as the list has.
    @_disfavoredOverload
    public func join(_ rooms: [String]) {
        join(rooms.map(Room.init(_:)))
    }

    /// Takes the socket out of rooms.
    @_disfavoredOverload
    public func leave(_ rooms: String...) {
        leave(rooms.map(Room.init(_:)))
    }

    /// Takes the socket out of rooms, as many as the list has.
    @_disfavoredOverload
    public func leave(_ rooms: [String]) {
        leave(rooms.map(Room.init(_:)))
    }
}
