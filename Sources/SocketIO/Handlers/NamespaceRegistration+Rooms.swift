public import SocketIOEvents

// Events of rooms, which the official server's adapter has: `create-room`, `join-room`, `leave-room`, `delete-room`.

extension NamespaceRegistration {
    /// Calls `handler` when the first socket of the server enters a room, on whichever event loop.
    ///
    /// The four kinds of handlers of a namespace are called one after the other, never two at once, on the loop of one of the
    /// sockets: a room is created before it is joined, and deleted once the last has left it. What a handler does to rooms is
    /// told when it has returned. The rooms of the sockets' own ids count as any, from when the socket is connected.
    ///
    /// ```swift
    /// io.onRoomCreated { room in print("somebody is in", room) }
    /// io.onRoomJoined { room, id in io.to(room).except(id).emit("joined", id) }
    /// ```
    /// They cost nothing where there are none. Registered while sockets are in rooms, they hear of a room as new that has had
    /// members on a loop only on which nothing has happened since: register before `listen`. A handler that blocks holds up
    /// what is told of all loops, and that waits in memory.
    public func onRoomCreated(_ handler: @escaping @Sendable (_ room: Room) -> Void) {
        registrationNamespace.register { $0.rooms.append(.created(handler)) }
    }

    /// Calls `handler` when the last socket of the server has left a room; see `onRoomCreated`.
    public func onRoomDeleted(_ handler: @escaping @Sendable (_ room: Room) -> Void) {
        registrationNamespace.register { $0.rooms.append(.deleted(handler)) }
    }

    /// Calls `handler` when a socket has entered a room that it was not in; see `onRoomCreated`.
    public func onRoomJoined(_ handler: @escaping @Sendable (_ room: Room, _ id: SocketID) -> Void) {
        registrationNamespace.register { $0.rooms.append(.joined(handler)) }
    }

    /// Calls `handler` when a socket has left a room, also by its end, of which `onDisconnect` hears later; see
    /// `onRoomCreated`.
    public func onRoomLeft(_ handler: @escaping @Sendable (_ room: Room, _ id: SocketID) -> Void) {
        registrationNamespace.register { $0.rooms.append(.left(handler)) }
    }
}
